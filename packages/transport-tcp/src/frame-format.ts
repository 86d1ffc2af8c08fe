import type { Lane } from '@quorate/interface';

/**
 * The frame of the wire: magic (u16), wire version (u8), kind (u8), length of the payload (u32), CRC-32 of the payload (u32), all
 * little-endian, then the payload. A payload is never empty.
 */
export const headerBytes = 12;

/** The first two bytes of every frame, `Q` and `r`, as a little-endian number. */
export const magic = 0x7251;

/** The version of this format. The owner's hello agrees on everything above it. */
export const wireVersion = 1;

/** What a frame is: the lane of an owner's frame, or one of the transport's own. */
export const frameKinds = { control: 1, log: 2, bulk: 3, hello: 4, welcome: 5, refusal: 6, ping: 7, bye: 8 } as const;

/** One of {@link frameKinds}. */
export type FrameKind = (typeof frameKinds)[keyof typeof frameKinds];

/** The largest hello, refusal or bye; also what a stranger may make this member collect before it is admitted. */
export const maxHelloBytes = 65_536;

/** The lane of a frame kind, or undefined for the transport's own. */
export function laneOf(kind: number): Lane | undefined {
  if (kind === frameKinds.log) return 'log';
  if (kind === frameKinds.control) return 'control';
  return kind === frameKinds.bulk ? 'bulk' : undefined;
}

/** Writes a frame's header at `offset`. */
export function writeHeader(into: Uint8Array, offset: number, header: { kind: FrameKind; length: number; crc: number }): void {
  into[offset] = magic & 0xff;
  into[offset + 1] = magic >>> 8;
  into[offset + 2] = wireVersion;
  into[offset + 3] = header.kind;
  writeU32(into, offset + 4, header.length);
  writeU32(into, offset + 8, header.crc);
}

/** Reads a little-endian u32. */
export function readU32(from: Uint8Array, offset: number): number {
  const low = (from[offset] as number) | ((from[offset + 1] as number) << 8) | ((from[offset + 2] as number) << 16);
  return (low | ((from[offset + 3] as number) << 24)) >>> 0;
}

function writeU32(into: Uint8Array, offset: number, value: number): void {
  into[offset] = value;
  into[offset + 1] = value >>> 8;
  into[offset + 2] = value >>> 16;
  into[offset + 3] = value >>> 24;
}
