/** CRC-32 of `bytes`, continuing from `seed` (0 to begin). The same function as `zlib.crc32`, which Node's bindings pass in its place. */
export type Crc32 = (bytes: Uint8Array, seed: number) => number;

// The reflected polynomial 0xEDB88320 (IEEE 802.3). Formats on disk and wire record its id, so that it can change.
const table = buildTable();

/** The identifier of the polynomial that formats record. */
export const crc32Polynomial = 1;

/** CRC-32 in portable code, for browsers and for hosts without a faster one. */
export const crc32: Crc32 = (bytes, seed) => {
  let crc = ~seed;
  for (let i = 0; i < bytes.length; i++) crc = (table[(crc ^ (bytes[i] as number)) & 0xff] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
};

/**
 * The CRC-32 of two stretches of bytes, one behind the other, from the CRC-32 of each and the length of the second, without looking at the
 * bytes again. A CRC is a remainder modulo the polynomial: that of the first is moved over the second by multiplying with x to the power of
 * its bits, and the two are added (W. Peterson and D. Brown, "Cyclic Codes for Error Detection", 1961).
 */
export function joinCrc32(first: number, second: number, secondBytes: number): number {
  let power = 0x80000000; // x⁰: the highest bit is the lowest power.
  let square = 0x00800000; // x⁸, one byte.
  for (let rest = secondBytes; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = multiply(power, square);
    square = multiply(square, square);
  }
  return (multiply(power, first) ^ second) >>> 0;
}

/** The product of two remainders modulo the polynomial. */
function multiply(a: number, b: number): number {
  let product = 0;
  let shifted = b;
  for (let bit = 0x80000000; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= shifted;
    shifted = shifted & 1 ? (shifted >>> 1) ^ 0xedb88320 : shifted >>> 1;
  }
  return product;
}

function buildTable(): Int32Array {
  const result = new Int32Array(256);
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    result[n] = c;
  }
  return result;
}
