import { crc32 } from '@quorate/interface';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createChance } from '../src/chance.ts';
import { logarithm, powerOfTwo } from '../src/portable-math.ts';

const relative = (value: number, wanted: number): number => (value === wanted ? 0 : Math.abs(value / wanted - 1));

/** All bits of what a function makes of ten thousand draws. */
function fingerprint(of: (draw: number) => number): number {
  const draws = createChance(1).stream(1);
  const values = Float64Array.from({ length: 10_000 }, () => of(draws()));
  return crc32(new Uint8Array(values.buffer), 0);
}

describe('mathematics that every engine does alike', () => {
  test('logarithms are those of mathematics', () => {
    expect(logarithm(1)).toBe(0);
    expect(logarithm(2 ** -32)).toBe(-32 * Math.LN2);
    const positive = fc.double({ min: Number.MIN_VALUE, max: Number.MAX_VALUE, noNaN: true });
    fc.assert(fc.property(positive, (value) => relative(logarithm(value), Math.log(value)) < 1e-14));
    const draw = fc.nat(2 ** 32 - 1).map((bits) => 1 - bits / 2 ** 32);
    fc.assert(fc.property(draw, (value) => relative(logarithm(value), Math.log(value)) < 1e-14));
  });

  test('powers of two are those of mathematics', () => {
    for (const exponent of [-1000, -1, 0, 1, 4, 52, 1000]) expect(powerOfTwo(exponent)).toBe(2 ** exponent);
    const exponents = fc.double({ min: -1000, max: 1000, noNaN: true });
    fc.assert(fc.property(exponents, (exponent) => relative(powerOfTwo(exponent), 2 ** exponent) < 1e-14));
  });

  test('every bit of them is part of what a seed means', () => {
    expect(fingerprint((draw) => logarithm(1 - draw))).toBe(194_661_529);
    expect(fingerprint((draw) => powerOfTwo(draw * 4))).toBe(4_068_469_937);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('%s has no logarithm', (value) => {
    expect(() => logarithm(value)).toThrow('only positive numbers have a logarithm');
  });

  test.each([1001, -1001, Number.NaN])('2 to the power of %s is refused', (exponent) => {
    expect(() => powerOfTwo(exponent)).toThrow('the power would leave the range of numbers');
  });
});
