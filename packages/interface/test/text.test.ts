import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeText, encodeText } from '../src/index.ts';

describe('text', () => {
  test('survives UTF-8, all planes and a leading byte order mark', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(decodeText(encodeText(text))).toBe(text);
      }),
    );
    expect(decodeText(encodeText('\uFEFFkey'))).toBe('\uFEFFkey');
    expect(decodeText(encodeText('Zürich 🦆 \0'))).toBe('Zürich 🦆 \0');
  });

  test('bytes that are not UTF-8 are undefined, never replaced', () => {
    for (const bytes of [[0xff], [0xc3], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf5, 0x80, 0x80, 0x80]]) {
      expect(decodeText(Uint8Array.from(bytes))).toBeUndefined();
    }
  });

  test('random bytes decode to text of the same bytes, or not at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        const text = decodeText(bytes);
        const same = text === undefined || [...encodeText(text)].join() === bytes.join();
        expect(same).toBe(true);
      }),
    );
  });
});
