import { writeU32, type FrameKind } from '@quorate/links';

/**
 * The frame of the wire: magic (u16), wire version (u8), kind (u8), length of the payload (u32), CRC-32 of the payload (u32), all
 * little-endian, then the payload. A payload is never empty.
 */
export const headerBytes = 12;

/** The first two bytes of every frame, `Q` and `r`, as a little-endian number. */
export const magic = 0x7251;

/** The version of this format. The owner's hello agrees on everything above it. */
export const wireVersion = 1;

/** Writes a frame's header at `offset`. */
export function writeHeader(into: Uint8Array, offset: number, header: { kind: FrameKind; length: number; crc: number }): void {
  into[offset] = magic & 0xff;
  into[offset + 1] = magic >>> 8;
  into[offset + 2] = wireVersion;
  into[offset + 3] = header.kind;
  writeU32(into, offset + 4, header.length);
  writeU32(into, offset + 8, header.crc);
}
