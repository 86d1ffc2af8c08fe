import { isFailure } from '@quorate/interface';
import { parseChecked, encodeChecked } from './checked-json.ts';
import type { JournalState } from './journal-state.ts';
import type { JournalContext } from './segment.ts';
import { readFile, replaceFile } from './whole-file.ts';
import type { Done } from './whole-file.ts';

/** The newest batch at an orderly stop, when every sync had succeeded. A marker of an earlier stop names another batch, and says nothing. */
export interface CleanMarker {
  readonly sequence: number;
  readonly hash: number;
}

const name = 'clean';

/** Says durably that nothing is in doubt. */
export function writeCleanMarker(context: JournalContext, state: JournalState, done: Done): void {
  const { disk, directory } = context;
  const marker: CleanMarker = { sequence: state.sequence, hash: state.chain };
  replaceFile(disk, { directory, name }, encodeChecked(marker, disk.crc32), done);
}

/** The marker of the last stop; undefined where the last stop was none, or its marker is unreadable. */
export function readCleanMarker(context: JournalContext, done: (marker: CleanMarker | undefined) => void): void {
  const { disk, directory } = context;
  readFile(disk, `${directory}/${name}`, (bytes) => {
    if (isFailure(bytes)) return done(undefined);
    const { sequence, hash }: Partial<Record<keyof CleanMarker, unknown>> = parseChecked(bytes, disk.crc32) ?? {};
    done(typeof sequence === 'number' && typeof hash === 'number' ? { sequence, hash } : undefined);
  });
}
