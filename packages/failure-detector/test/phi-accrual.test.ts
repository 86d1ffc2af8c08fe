import type { FailureDetector } from '@quorate/interface';
import { describe, expect, test } from 'vitest';
import { defaultPhiAccrualOptions, phiAccrual, type PhiAccrualOptions } from '../src/index.ts';

/** Intervals of 900 and 1100 in turn: mean 1000, deviation 100. */
function heard(options: Partial<PhiAccrualOptions>): { detector: FailureDetector; at: number } {
  const detector = phiAccrual({ window: 10, minStdDevMs: 1, ...options }).create();
  detector.expect(1, 0);
  let at = 0;
  for (let beat = 0; beat <= 20; beat++) {
    detector.heartbeat(1, at);
    if (beat < 20) at += beat % 2 === 0 ? 900 : 1100;
  }
  return { detector, at };
}

describe('φ with a normal distribution', () => {
  test('is −log10 of the probability of a longer silence', () => {
    const { detector, at } = heard({ threshold: 100 });
    const phi = (silent: number) => detector.suspicion(1, at + silent);
    expect(phi(1000)).toBeCloseTo(0.301_03, 5); // −log10 0.5
    expect(phi(1100)).toBeCloseTo(0.799_55, 3); // −log10 (1 − 0.841345)
    expect(phi(1200)).toBeCloseTo(1.642_7, 3); // y = 2: x = 3.759728; log10 (1 + e^x)
    expect(phi(1300)).toBeCloseTo(2.910_1, 2); // y = 3: x = 6.698082
    expect(phi(900)).toBeCloseTo(0.074_98, 3); // −log10 0.841345
    expect(phi(0)).toBeCloseTo(0, 9);
  });

  test('suspects where φ reaches the threshold', () => {
    for (const threshold of [0.5, 1, 3, 8, 16, 100]) {
      const { detector, at } = heard({ threshold, acceptablePauseMs: 300 });
      const y = (detector.nextDeadlineMs - at - 300 - 1000) / 100;
      const x = y * (1.5976 + 0.070566 * y * y);
      expect(x > 100 ? x / Math.LN10 : Math.log10(1 + Math.exp(x))).toBeCloseTo(threshold, 9);
    }
  });

  test('takes no deviation for less than the least', () => {
    const quiet = heard({ threshold: 8, minStdDevMs: 200 });
    const lively = heard({ threshold: 8, minStdDevMs: 100 });
    const silence = ({ detector, at }: typeof quiet): number => detector.nextDeadlineMs - at - 1000;
    expect(silence(quiet)).toBeCloseTo(2 * silence(lively), 6);
  });

  test('begins with what it is told of the interval', () => {
    const detector = phiAccrual({ firstIntervalMs: 400, minStdDevMs: 1, threshold: 100 }).create();
    detector.expect(1, 0, { timeoutMs: 700 });
    expect([detector.nextDeadlineMs, detector.suspicion(1, 350)]).toEqual([700, 50]);
    detector.heartbeat(1, 1000);
    // Mean 400, deviation 100: y = 2 at 600.
    expect(detector.suspicion(1, 1600)).toBeCloseTo(1.642_7, 3);
  });

  test('learns nothing from what lay waiting while this process stalled, and learns again behind it', () => {
    const stalledAlone = heard({ threshold: 8 });
    const before = stalledAlone.detector.nextDeadlineMs - stalledAlone.at;
    const { detector, at } = stalledAlone;
    detector.stalled(at, at + 5000);
    for (const wait of [0, 1, 2, 3]) detector.heartbeat(1, at + 5000 + wait);
    expect(detector.nextDeadlineMs).toBeCloseTo(at + 5003 + before, 6);
    for (let beat = 1; beat <= 12; beat++) detector.heartbeat(1, at + 5000 + 2000 * beat);
    expect(detector.nextDeadlineMs - (at + 29_000)).toBeCloseTo(2000 + 5.6, 0);
  });
});

describe('φ with an exponential distribution', () => {
  test('rises evenly with the silence: 0.434 per mean', () => {
    const { detector, at } = heard({ distribution: 'exponential', threshold: 8 });
    expect(detector.suspicion(1, at + 1000)).toBeCloseTo(0.434_294, 6);
    expect(detector.suspicion(1, at + 10_000)).toBeCloseTo(4.342_94, 5);
    expect(detector.nextDeadlineMs).toBeCloseTo(at + 18_420.68, 2);
  });

  test('does not begin within the acceptable pause', () => {
    const { detector, at } = heard({ distribution: 'exponential', acceptablePauseMs: 500 });
    expect(detector.suspicion(1, at + 500)).toBe(0);
    expect(detector.suspicion(1, at + 1500)).toBeCloseTo(0.434_294, 6);
  });
});

test('φ names all problems of its options at once', () => {
  const wrong = { threshold: 0, distribution: 'uniform', acceptablePauseMs: -1 } as object;
  expect(() => phiAccrual(wrong)).toThrow(
    /threshold is 0 \(allowed: from 0.1, up to 200\); distribution is uniform \(allowed: normal, exponential\); acceptablePauseMs is -1/,
  );
  expect(() => phiAccrual(defaultPhiAccrualOptions)).not.toThrow();
});
