import * as fc from 'fast-check';
import * as zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { crc32, encodeText, joinCrc32 } from '../src/index.ts';

// Node 20.15 added `zlib.crc32`; the types of the catalog know it.
const native = (bytes: Uint8Array, seed: number) => zlib.crc32(bytes, seed);

describe('CRC-32', () => {
  test('has the check value of the polynomial', () => {
    expect(crc32(encodeText('123456789'), 0)).toBe(0xcbf43926);
    expect(crc32(new Uint8Array(0), 0)).toBe(0);
  });

  test('is the same function as the one of zlib, with any seed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(0xffffffff), (bytes, seed) => {
        expect(crc32(bytes, seed)).toBe(native(bytes, seed));
      }),
    );
  });

  test('continues where it stopped', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (head, tail) => {
        expect(crc32(tail, crc32(head, 0))).toBe(crc32(Uint8Array.of(...head, ...tail), 0));
      }),
    );
  });

  test('is joined from two parts without their bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (head, tail) => {
        expect(joinCrc32(crc32(head, 0), crc32(tail, 0), tail.length)).toBe(crc32(Uint8Array.of(...head, ...tail), 0));
      }),
    );
    const blocks = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 7) & 255);
    const joined = joinCrc32(native(blocks.subarray(0, 65_536), 0), native(blocks.subarray(65_536), 0), blocks.length - 65_536);
    expect(joined).toBe(native(blocks, 0));
  });

  test('sees every flipped bit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.nat(), (bytes, at) => {
        const place = at % (bytes.length * 8);
        const flipped = bytes.map((byte, i) => (i === place >>> 3 ? byte ^ (1 << (place & 7)) : byte));
        expect(crc32(flipped, 0)).not.toBe(crc32(bytes, 0));
      }),
    );
  });
});
