import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SampleWindow } from '../src/sample-window.ts';

function meanOf(samples: readonly number[]): number {
  return samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
}

function varianceOf(samples: readonly number[]): number {
  const mean = meanOf(samples);
  return meanOf(samples.map((sample) => (sample - mean) ** 2));
}

describe('a window of samples', () => {
  test('has the mean and the variance of the last samples, as counted anew', () => {
    const samples = fc.array(fc.double({ min: -10_000, max: 10_000, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 50 }), (all, limit) => {
        const window = new SampleWindow(limit);
        for (const [place, sample] of all.entries()) {
          window.add(sample);
          const last = all.slice(Math.max(0, place + 1 - limit), place + 1);
          expect(window.count).toBe(last.length);
          expect(window.mean).toBeCloseTo(meanOf(last), 6);
          expect(Math.sqrt(window.variance)).toBeCloseTo(Math.sqrt(varianceOf(last)), 1);
        }
      }),
    );
  });

  test('forgets the rounding errors of what it forgot', () => {
    const window = new SampleWindow(10);
    for (let round = 0; round < 1000; round++) window.add(1e15 + round / 7);
    for (let round = 0; round < 20; round++) window.add(0.1);
    expect(window.mean).toBe(0.1);
    expect(window.variance).toBe(0);
  });

  test('is empty at first', () => {
    const window = new SampleWindow(3);
    expect([window.count, window.mean, window.variance]).toEqual([0, 0, 0]);
  });
});
