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
