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

function buildTable(): Int32Array {
  const result = new Int32Array(256);
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    result[n] = c;
  }
  return result;
}
