import { isFailure } from '@quorate/interface';
import type { Failure } from '@quorate/interface';
import { inOrder, loop } from './loop.ts';
import { unfinishedNames } from './segment.ts';
import type { JournalContext, Segment } from './segment.ts';
import { writeAll } from './whole-file.ts';
import type { Done } from './whole-file.ts';
import { fillZeros } from './zero-fill.ts';

const pieceBytes = 262_144;

/**
 * Copies what is valid of a segment into a new file and puts that in its place (rule 5). After a failed sync the page cache may
 * show what the disk does not hold, and a second sync of the same file says nothing: only fresh pages do.
 * `patch` replaces bytes of the copy.
 */
export function rewriteSegment(
  context: JournalContext,
  old: Segment,
  patch: { readonly offset: number; readonly bytes: Uint8Array } | undefined,
  done: (segment: Segment | Failure) => void,
): void {
  const { disk, directory } = context;
  const temporary = `${directory}/${unfinishedNames.rewrite}`;
  // Never smaller than its header says, which is copied: a shorter file is one that lost its end.
  const bytes = Math.max(old.used, old.bytes, context.segmentBytes);
  disk.remove(temporary, () => {
    disk.open(temporary, 'create', (file) => {
      if (isFailure(file)) return done(file);
      const finish = (failed?: Failure): void => {
        disk.close(failed === undefined ? old.file : file);
        // On a full disk the half of a copy must not eat the last bytes.
        if (failed !== undefined) disk.remove(temporary, () => undefined);
        done(failed ?? { generation: old.generation, file, path: old.path, bytes, used: old.used, readers: 0 });
      };
      const install = (failed?: Failure): void => {
        if (failed !== undefined) return finish(failed);
        disk.rename(temporary, old.path, (unnamed) => {
          if (unnamed !== undefined) finish(unnamed);
          else disk.syncDirectory(directory, finish);
        });
      };
      inOrder(
        [
          (next) => copyBytes(context, { from: old.file, to: file, bytes: old.used }, next),
          (next) => (patch === undefined ? next() : writeAll(disk, { file, offset: patch.offset, chunks: [patch.bytes] }, next)),
          (next) => fillZeros(context, { file, from: old.used, to: bytes }, next),
          (next) => disk.sync(file, next),
        ],
        install,
      );
    });
  });
}

function copyBytes(context: JournalContext, copy: { from: number; to: number; bytes: number }, done: Done): void {
  const { disk } = context;
  let offset = 0;
  loop((again) => {
    if (offset >= copy.bytes) return done();
    disk.read(copy.from, offset, Math.min(pieceBytes, copy.bytes - offset), (data) => {
      if (isFailure(data)) return done(data);
      writeAll(disk, { file: copy.to, offset, chunks: [data] }, (failed) => {
        if (failed !== undefined) return done(failed);
        offset += data.length;
        if (data.length > 0) again();
        else done();
      });
    });
  });
}
