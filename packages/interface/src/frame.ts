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
  const view = new DataView(bytes.buffer);
  bytes[0] = type;
  view.setUint32(4, group, true);
  view.setUint32(8, head.length, true);
  bytes.set(head, headerBytes);
  return bytes;
}

/** Takes a frame apart; undefined where it is malformed. Never throws on remote input. */
export function parseFrame(frame: Uint8Array): Frame | undefined {
  if (frame.length < headerBytes) return undefined;
  const type = frame[0];
  if (type !== frameTypes.core && type !== frameTypes.runtime) return undefined;
  if (frame[1] !== 0 || frame[2] !== 0 || frame[3] !== 0) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const end = headerBytes + view.getUint32(8, true);
  if (end > frame.length) return undefined;
  return { type, group: view.getUint32(4, true), head: frame.subarray(headerBytes, end), rest: frame.subarray(end) };
}
