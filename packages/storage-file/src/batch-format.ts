import { crc32Polynomial } from '@quorate/interface';
import type { Crc32 } from '@quorate/interface';
import { getU64, setU64 } from './u64.ts';

// Little-endian throughout. A segment is a header and then batches, each at a multiple of 8 bytes:
//   header (64) | records, then payloads, padded to 8 | mark (32) | zeros to the end of the page
// The header's checksum covers the checksum of the body and the chain, so it stands for the whole batch and all before it.

/** The version of segments and batches. Place of version, polynomial, group and header checksum never change. */
export const journalVersion = 1;
export const headerBytes = 64;
export const markBytes = 32;
/** The zeros behind a batch go to the end of a page: the kernel then need not read a recycled page before it takes part of it. */
export const pageBytes = 4096;

export const magics = { segment: 0x534a_5251, batch: 0x424a_5251, mark: 0x4d4a_5251 } as const; // "QRJS", "QRJB", "QRJM"

/** Whose journal it is: bytes of another group or of another disk are never taken for this one's. */
export interface JournalOwner {
  readonly group: number;
  /** CRC-32 of the disk id. */
  readonly salt: number;
}

/** The head of a batch. */
export interface BatchHeader {
  readonly group: number;
  readonly salt: number;
  /** The segment's: tells what a recycled segment held before from what was written since. */
  readonly generation: number;
  /** 1, 2, 3 … over the life of the journal. */
  readonly sequence: number;
  /** Records and payloads, padded. */
  readonly bodyBytes: number;
  /** Records only: payloads begin there. */
  readonly metaBytes: number;
  /** The hash of the batch before. */
  readonly chain: number;
  readonly bodyCrc: number;
  /** Where it was meant to be written: shows a write that went astray. */
  readonly offset: number;
  /** The checksum of this header: the batch's hash. */
  readonly hash: number;
}

/** What stands where a header should. `newer`: intact, but of a later version. */
export type HeaderFound = BatchHeader | 'zeros' | 'invalid' | 'newer';

/** Bytes from the start of a batch to the end of its mark. */
export function batchBytes(header: BatchHeader): number {
  return headerBytes + header.bodyBytes + markBytes;
}

/** Writes a header and returns the batch's hash. */
export function writeHeader(bytes: Uint8Array, header: Omit<BatchHeader, 'hash'>, crc32: Crc32): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  stamp(view, magics.batch, header);
  setU64(view, 16, header.generation);
  setU64(view, 24, header.sequence);
  view.setUint32(32, header.bodyBytes, true);
  view.setUint32(36, header.metaBytes, true);
  view.setUint32(40, header.chain, true);
  view.setUint32(44, header.bodyCrc, true);
  view.setUint32(48, header.offset, true);
  setU64(view, 52, 0);
  const hash = crc32(bytes.subarray(0, 60), 0);
  view.setUint32(60, hash, true);
  return hash;
}

/** Reads the header at `from`, of which all bytes are there. */
export function readHeader(bytes: Uint8Array, from: number, crc32: Crc32): HeaderFound {
  const view = new DataView(bytes.buffer, bytes.byteOffset + from, headerBytes);
  if (view.getUint32(0, true) !== magics.batch) return isZero(bytes, from, headerBytes) ? 'zeros' : 'invalid';
  const hash = view.getUint32(60, true);
  if (crc32(bytes.subarray(from, from + 60), 0) !== hash) return 'invalid';
  if (view.getUint8(4) !== journalVersion || view.getUint8(5) !== crc32Polynomial) return 'newer';
  return {
    group: view.getUint32(8, true),
    salt: view.getUint32(12, true),
    generation: getU64(view, 16),
    sequence: getU64(view, 24),
    bodyBytes: view.getUint32(32, true),
    metaBytes: view.getUint32(36, true),
    chain: view.getUint32(40, true),
    bodyCrc: view.getUint32(44, true),
    offset: view.getUint32(48, true),
    hash,
  };
}

/** The trailing mark: the batch that it ends was written to its last byte. */
export interface Mark {
  readonly generation: number;
  readonly sequence: number;
  /** The highest position of its entries, 0 without any: names what is missing when the batch itself is unreadable. */
  readonly lastIndex: number;
  readonly hash: number;
}

/** Fills the 32 bytes of `target`. The salt seeds the checksum, so that no client can forge a mark inside a value. */
export function writeMark(target: Uint8Array, mark: Mark & { readonly salt: number }, crc32: Crc32): void {
  const view = new DataView(target.buffer, target.byteOffset, markBytes);
  view.setUint32(0, magics.mark, true);
  view.setUint32(4, mark.generation >>> 0, true);
  setU64(view, 8, mark.sequence);
  setU64(view, 16, mark.lastIndex);
  view.setUint32(24, mark.hash, true);
  view.setUint32(28, crc32(target.subarray(0, 28), mark.salt), true);
}

/** The mark in 32 bytes; undefined where there is no valid one. Of its generation the lower 32 bits are kept. */
export function readMark(source: Uint8Array, salt: number, crc32: Crc32): Mark | undefined {
  if (source.length < markBytes) return undefined;
  const view = new DataView(source.buffer, source.byteOffset, markBytes);
  if (view.getUint32(0, true) !== magics.mark) return undefined;
  if (crc32(source.subarray(0, 28), salt) !== view.getUint32(28, true)) return undefined;
  return {
    generation: view.getUint32(4, true),
    sequence: getU64(view, 8),
    lastIndex: getU64(view, 16),
    hash: view.getUint32(24, true),
  };
}

/** What a segment's header says: shows a segment under another's name, of another member, or cut short. */
export interface SegmentHeader extends JournalOwner {
  readonly generation: number;
  /** The size that it was made with. */
  readonly segmentBytes: number;
}

export function encodeSegmentHeader(header: SegmentHeader, crc32: Crc32): Uint8Array {
  const bytes = new Uint8Array(headerBytes);
  const view = new DataView(bytes.buffer);
  stamp(view, magics.segment, header);
  setU64(view, 16, header.generation);
  view.setUint32(24, header.segmentBytes, true);
  view.setUint32(60, crc32(bytes.subarray(0, 60), 0), true);
  return bytes;
}

/** Reads a segment's header; `invalid` where it is damaged or missing. */
export function readSegmentHeader(bytes: Uint8Array, crc32: Crc32): SegmentHeader | 'invalid' | 'newer' {
  if (bytes.length < headerBytes) return 'invalid';
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  if (view.getUint32(0, true) !== magics.segment) return 'invalid';
  if (crc32(bytes.subarray(0, 60), 0) !== view.getUint32(60, true)) return 'invalid';
  if (view.getUint8(4) !== journalVersion || view.getUint8(5) !== crc32Polynomial) return 'newer';
  return {
    group: view.getUint32(8, true),
    salt: view.getUint32(12, true),
    generation: getU64(view, 16),
    segmentBytes: view.getUint32(24, true),
  };
}

/** Zeros that follow a batch which ends at `end`: at least a header's worth, to the end of a page, within the segment. */
export function zerosBehind(end: number, segmentBytes: number): number {
  const pageEnd = Math.ceil((end + headerBytes) / pageBytes) * pageBytes;
  return Math.max(0, Math.min(pageEnd, segmentBytes) - end);
}

export function padded(bytes: number): number {
  return (bytes + 7) & ~7;
}

function stamp(view: DataView, magic: number, owner: JournalOwner): void {
  view.setUint32(0, magic, true);
  view.setUint8(4, journalVersion);
  view.setUint8(5, crc32Polynomial);
  view.setUint16(6, headerBytes, true);
  view.setUint32(8, owner.group, true);
  view.setUint32(12, owner.salt, true);
}

function isZero(bytes: Uint8Array, from: number, count: number): boolean {
  for (let i = from; i < from + count; i++) if (bytes[i] !== 0) return false;
  return true;
}
