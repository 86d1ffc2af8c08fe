import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exponential, logarithm } from '../src/logarithm.ts';

function relativeError(value: number, exact: number): number {
  return Math.abs(value - exact) / Math.max(Math.abs(exact), Number.MIN_VALUE);
}

describe('the portable exponential and logarithm', () => {
  test('agree with those of the engine', () => {
    fc.assert(
      fc.property(fc.double({ min: -690, max: 690, noNaN: true }), (exponent) => {
        expect(relativeError(exponential(exponent), Math.exp(exponent))).toBeLessThan(1e-13);
        const power = Math.exp(exponent);
        expect(Math.abs(logarithm(power) - Math.log(power))).toBeLessThan(1e-15 + 1e-14 * Math.abs(exponent));
      }),
    );
  });

  test('are exact at their fixed points', () => {
    expect([exponential(0), logarithm(1), logarithm(2)]).toEqual([1, 0, Math.LN2]);
  });
});
