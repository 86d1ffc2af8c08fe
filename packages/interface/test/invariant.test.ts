import { describe, expect, test } from 'vitest';
import { at, invariant, InvariantViolation } from '../src/index.ts';

describe('invariant', () => {
  test('throws its text where the condition does not hold', () => {
    expect(() => invariant(false, 'the log has a hole')).toThrow(InvariantViolation);
    expect(() => invariant(false, 'the log has a hole')).toThrow('the log has a hole');
    const index = 7;
    expect(() => invariant(false, () => `hole at ${index}`)).toThrow('hole at 7');
  });

  test('builds no text where the condition holds', () => {
    let built = 0;
    invariant(true, () => String(built++));
    expect(built).toBe(0);
  });

  test('an element that is falsy exists, one outside of the array does not', () => {
    expect([at([0], 0), at([''], 0), at([false], 0), at(Uint8Array.of(0), 0)]).toEqual([0, '', false, 0]);
    for (const index of [-1, 1, 0.5, Number.NaN]) expect(() => at([0], index)).toThrow('outside of the array');
  });
});
