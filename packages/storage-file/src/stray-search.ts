import { isFailure } from '@quorate/interface';
import type { Failure, Index } from '@quorate/interface';
import { headerBytes, magics, markBytes, readHeader, readMark } from './batch-format.ts';
import { loop } from './loop.ts';
import type { JournalContext, Segment } from './segment.ts';

const pieceBytes = 262_144;

/** A header or mark of the segment's own generation behind the place where its batches seem to end. */
export interface Stray {
  readonly segment: Segment;
  readonly offset: number;
  readonly upTo: Index | undefined;
}

/**
 * Looks for what was validly written behind a seeming end. Batch k + 1 is written only after the sync of k returned, and a mark is
 * the end of its batch: either proves that what seems to be missing was once complete (rules 1 to 4).
 */
export function findStray(
  context: JournalContext,
  segment: Segment,
  from: number,
  done: (stray: Stray | undefined | Failure) => void,
): void {
  let offset = from;
  loop((again) => {
    if (offset + markBytes > segment.bytes) return done(undefined);
    // Pieces overlap by a header, so that none is cut in two.
    context.disk.read(segment.file, offset, pieceBytes + headerBytes, (piece) => {
      if (isFailure(piece)) return done(piece);
      const place = searchPiece(context, segment, { offset, piece });
      if (place !== undefined || piece.length < pieceBytes + headerBytes) return done(place);
      offset += pieceBytes;
      again();
    });
  });
}

function searchPiece(
  context: JournalContext,
  segment: Segment,
  { offset, piece }: { offset: number; piece: Uint8Array },
): Stray | undefined {
  const { disk, owner } = context;
  const view = new DataView(piece.buffer, piece.byteOffset, piece.length);
  for (let at = 0; at + markBytes <= piece.length; at += 8) {
    const magic = view.getUint32(at, true);
    if (magic === magics.mark) {
      const mark = readMark(piece.subarray(at, at + markBytes), owner.salt, disk.crc32);
      if (mark !== undefined && mark.generation === segment.generation >>> 0)
        return { segment, offset: offset + at, upTo: mark.lastIndex === 0 ? undefined : mark.lastIndex };
    } else if (magic === magics.batch && at + headerBytes <= piece.length) {
      const header = readHeader(piece, at, disk.crc32);
      if (typeof header === 'string' || header.salt !== owner.salt || header.group !== owner.group) continue;
      if (header.generation === segment.generation && header.offset === offset + at)
        return { segment, offset: offset + at, upTo: undefined };
    }
  }
  return undefined;
}
