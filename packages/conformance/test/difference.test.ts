import { describe, expect, test } from 'vitest';
import { differenceOf, fingerprint, show } from '../src/difference.ts';

describe('equal values', () => {
  test.each([
    [1, 1],
    [Number.NaN, Number.NaN],
    [undefined, undefined],
    [
      [1, [2]],
      [1, [2]],
    ],
    [{ a: 1, b: undefined }, { a: 1 }],
    [Uint8Array.of(1, 2), Buffer.from([1, 2])],
    [Uint8Array.of(0, 1, 2).subarray(1), Uint8Array.of(1, 2)],
    [new Map([[1, { a: 1 }]]), new Map([[1, { a: 1 }]])],
  ])('%o and %o do not differ', (actual, expected) => {
    expect(differenceOf(actual, expected)).toBeUndefined();
  });
});

describe('different values', () => {
  test.each([
    [1, 2, 'the value is 1, expected 2'],
    [0, -0, 'the value is 0, expected 0'],
    ['1', 1, 'the value is "1", expected 1'],
    [null, {}, 'the value is null, expected {}'],
    [{ a: { b: 1 } }, { a: { b: 2 } }, 'the value.a.b is 1, expected 2'],
    [{ a: 1 }, {}, 'the value.a is 1, expected undefined'],
    [[1, 2], [1], 'the value has 2 elements, expected 1: [1,2], expected [1]'],
    [[1, { x: 3 }], [1, { x: 4 }], 'the value[1].x is 3, expected 4'],
    [Uint8Array.of(1, 2), Uint8Array.of(1, 3), 'the value has 2 at byte 1 of 2, expected 3'],
    [Uint8Array.of(1), Uint8Array.of(1, 3), 'the value has 1 bytes, expected 2'],
    [Uint8Array.of(1), [1], 'the value is "bytes 1", expected [1]'],
    [new Map([[1, 2]]), new Map([[1, 3]]), 'the value (as pairs)[0][1] is 2, expected 3'],
  ])('%o and %o: %s', (actual, expected, text) => {
    expect(differenceOf(actual, expected)).toBe(text);
  });
});

test('a fingerprint is the whole value, whatever its buffers are', () => {
  expect(fingerprint({ a: Buffer.from([1, 2]), b: Number.POSITIVE_INFINITY, c: new Map([[1, 2]]), d: 3n })).toBe(
    '{"a":"bytes 1 2","b":"number Infinity","c":{"map":[[1,2]]},"d":"bigint 3"}',
  );
  expect(fingerprint(undefined)).toBe('undefined');
  expect(show('x'.repeat(300))).toMatch(/^"x{199}… \(302 characters\)$/u);
});
