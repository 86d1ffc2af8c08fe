import type { Lane } from '@quorate/interface';

/**
 * The head of every message, little-endian: magic (u16), wire version (u8), zero (u8), CRC-32 of all that follows (u32), position
 * (u32), acknowledgement (u32). Then come frames. A position counts the bytes that this end sent on the link before this message,
 * an acknowledgement those that it received, both modulo 2^32.
 */
export const headBytes = 16;

/** Where the position stands in the head of a message. */
export const positionAt = 8;

/** The head of a frame within a message: kind (u8), length of the payload (u32). A payload is never empty. */
export const frameHeadBytes = 5;

/** The first two bytes of every message, `Q` and `z`, as a little-endian number. */
export const magic = 0x7a51;

/** The version of this format. The owner's hello agrees on everything above it. */
export const wireVersion = 1;

/** What a frame is: the lane of an owner's frame, or one of the transport's own. */
export const frameKinds = { control: 1, log: 2, bulk: 3, hello: 4, welcome: 5, refusal: 6, ping: 7, bye: 8 } as const;

/** One of {@link frameKinds}. */
export type FrameKind = (typeof frameKinds)[keyof typeof frameKinds];

/** The largest hello, refusal or bye. */
export const maxHelloBytes = 65_536;

/** The lane of a frame kind, or undefined for the transport's own. */
export function laneOf(kind: number): Lane | undefined {
  if (kind === frameKinds.log) return 'log';
  if (kind === frameKinds.control) return 'control';
  return kind === frameKinds.bulk ? 'bulk' : undefined;
}

/** Reads a little-endian u32. */
export function readU32(from: Uint8Array, offset: number): number {
  const low = (from[offset] as number) | ((from[offset + 1] as number) << 8) | ((from[offset + 2] as number) << 16);
  return (low | ((from[offset + 3] as number) << 24)) >>> 0;
}

/** Writes a little-endian u32. */
export function writeU32(into: Uint8Array, offset: number, value: number): void {
  into[offset] = value;
  into[offset + 1] = value >>> 8;
  into[offset + 2] = value >>> 16;
  into[offset + 3] = value >>> 24;
}
