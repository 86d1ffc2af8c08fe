const high = 0x1_0000_0000;

/** Writes a safe integer as a little-endian u64. */
export function setU64(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value >>> 0, true);
  view.setUint32(offset + 4, Math.floor(value / high), true);
}

/** Reads a little-endian u64. Above 2⁵³ the result is no safe integer: check where it matters. */
export function getU64(view: DataView, offset: number): number {
  return view.getUint32(offset + 4, true) * high + view.getUint32(offset, true);
}
