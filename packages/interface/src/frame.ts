import { invariant } from './invariant.ts';

/** Whose message a frame carries. */
export const frameTypes = { core: 1, runtime: 2 } as const;

/** One of {@link frameTypes}. */
export type FrameType = (typeof frameTypes)[keyof typeof frameTypes];

/** A frame taken apart. `head` and `rest` are views of the frame. */
export interface Frame {
  readonly type: FrameType;
  /** The consensus group; 0 today. */
  readonly group: number;
  readonly head: Uint8Array;
  /** Entries, commands or snapshot bytes, raw. */
  readonly rest: Uint8Array;
}

const headerBytes = 12;

/**
 * The header and head of a frame, to be followed by raw chunks: type (u8), three zero bytes, group (u32), length of the head (u32),
 * little-endian. Magic, wire version, lane, length and checksum are the transport's: they belong to the link, these to its owner.
 */
export function frameHead(type: FrameType, group: number, head: Uint8Array): Uint8Array {
  invariant(group >= 0 && group <= 0xffffffff, 'a group is a u32');
  const bytes = new Uint8Array(headerBytes + head.length);
  bytes[0] = type;
  putU32(bytes, 4, group);
  putU32(bytes, 8, head.length);
  bytes.set(head, headerBytes);
  return bytes;
}

/** Takes a frame apart; undefined where it is malformed. Never throws on remote input. */
export function parseFrame(frame: Uint8Array): Frame | undefined {
  if (frame.length < headerBytes) return undefined;
  const type = frame[0];
  if (type !== frameTypes.core && type !== frameTypes.runtime) return undefined;
  if (frame[1] !== 0 || frame[2] !== 0 || frame[3] !== 0) return undefined;
  const end = headerBytes + getU32(frame, 8);
  if (end > frame.length) return undefined;
  return { type, group: getU32(frame, 4), head: frame.subarray(headerBytes, end), rest: frame.subarray(end) };
}

// By hand: a DataView needs the buffer of a small array, which V8 then has to move out of its heap. Measured on Node 20: 0.10 µs for a
// head in place of 0.49, 0.15 µs for taking one apart in place of 0.32.
function putU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff;
  bytes[at + 1] = (value >>> 8) & 0xff;
  bytes[at + 2] = (value >>> 16) & 0xff;
  bytes[at + 3] = value >>> 24;
}

function getU32(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
  return (low | ((bytes[at + 3] ?? 0) << 24)) >>> 0;
}
