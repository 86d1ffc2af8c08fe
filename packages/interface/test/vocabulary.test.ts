import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareEpochs, noEpoch, sameEpoch } from '../src/index.ts';

const part = fc.integer({ min: 0, max: 3 });
const epochs = fc.record({ round: part, owner: part });

describe('epochs', () => {
  test('are ordered by round, then by owner', () => {
    fc.assert(
      fc.property(epochs, epochs, (a, b) => {
        expect(Math.sign(compareEpochs(a, b))).toBe(Math.sign(a.round * 10 + a.owner - (b.round * 10 + b.owner)));
        expect(sameEpoch(a, b)).toBe(compareEpochs(a, b) === 0);
      }),
    );
  });

  test('stay exact at the largest numbers', () => {
    const largest = { round: Number.MAX_SAFE_INTEGER, owner: 2 ** 48 - 1 };
    expect(compareEpochs(largest, { round: largest.round, owner: largest.owner - 1 })).toBe(1);
    expect(compareEpochs({ round: largest.round - 1, owner: largest.owner }, largest)).toBe(-1);
  });

  test('nothing is below no epoch, and nobody can change it', () => {
    expect(compareEpochs(noEpoch, { round: 0, owner: 1 })).toBeLessThan(0);
    expect(Object.isFrozen(noEpoch)).toBe(true);
  });
});
