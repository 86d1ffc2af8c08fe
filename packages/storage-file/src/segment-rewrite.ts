import { isFailure } from '@quorate/interface';
import type { Failure } from '@quorate/interface';
import { loop } from './loop.ts';
import { unfinishedNames } from './segment.ts';
import type { JournalContext, Segment } from './segment.ts';
import { writeAll } from './whole-file.ts';
import type { Done } from './whole-file.ts';

const sliceBytes = 1_048_576;
const zeroChunk = new Uint8Array(65_536);

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
  const bytes = Math.max(old.used, context.segmentBytes);
  disk.remove(temporary, () => {
    disk.open(temporary, 'create', (file) => {
      if (isFailure(file)) return done(file);
      const finish = (failed?: Failure): void => {
        disk.close(failed === undefined ? old.file : file);
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

/** Runs steps one after the other; the first failure ends them. */
export function inOrder(steps: readonly ((done: Done) => void)[], done: Done): void {
  let place = 0;
  loop((again) => {
    const step = steps[place++];
    if (step === undefined) return done();
    step((failed) => {
      if (failed === undefined) again();
      else done(failed);
    });
  });
}

/** Writes zeros into `from` … `to`. */
export function fillZeros(context: JournalContext, place: { file: number; from: number; to: number }, done: Done): void {
  let offset = place.from;
  loop((again) => {
    if (offset >= place.to) return done();
    const bytes = Math.min(sliceBytes, place.to - offset);
    writeAll(context.disk, { file: place.file, offset, chunks: zeros(bytes) }, (failed) => {
      if (failed !== undefined) return done(failed);
      offset += bytes;
      again();
    });
  });
}

/** `bytes` of zeros, out of one small buffer. */
export function zeros(bytes: number): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let left = bytes; left > 0; left -= zeroChunk.length)
    chunks.push(left >= zeroChunk.length ? zeroChunk : zeroChunk.subarray(0, left));
  return chunks;
}

function copyBytes(context: JournalContext, copy: { from: number; to: number; bytes: number }, done: Done): void {
  const { disk } = context;
  let offset = 0;
  loop((again) => {
    if (offset >= copy.bytes) return done();
    disk.read(copy.from, offset, Math.min(sliceBytes, copy.bytes - offset), (data) => {
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
