import { loop } from './loop.ts';
import type { JournalContext } from './segment.ts';
import { writeAll } from './whole-file.ts';
import type { Done } from './whole-file.ts';

/** So much at a time. */
export const sliceBytes = 1_048_576;
const zeroChunk = new Uint8Array(65_536);

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
