import { describe, expect, test } from 'vitest';
import { bertier, defaultBertierOptions } from '../src/index.ts';

describe("Bertier's margin", () => {
  test('follows the error as the paper computes it', () => {
    const detector = bertier({ intervalMs: 100, window: 10, firstMarginMs: 80 }).create();
    detector.expect(1, 0);
    detector.heartbeat(1, 0, 0);
    // delay 0, var 80 / 4 = 20, EA 100.
    expect(detector.nextDeadlineMs).toBeCloseTo(100 + 80, 9);
    detector.heartbeat(1, 110, 1);
    // error = 110 − 100 − 0 = 10; delay = 0 + 0.1 · 10 = 1; var = 20 + 0.1 (10 − 20) = 19; α = 1 · 1 + 4 · 19 = 77; EA = 5 + 200.
    expect(detector.nextDeadlineMs).toBeCloseTo(205 + 77, 9);
    detector.heartbeat(1, 196, 2);
    // error = 196 − 205 − 1 = −10; delay = 1 − 1 = 0; var = 19 + 0.1 (10 − 19) = 18.1; α = 72.4; offsets 0, 10, −4: EA = 2 + 300.
    expect(detector.nextDeadlineMs).toBeCloseTo(302 + 72.4, 9);
  });

  test('weighs delay and variation as it is told', () => {
    const detector = bertier({
      intervalMs: 100,
      window: 10,
      delayWeight: 2,
      variationWeight: 1,
      gain: 0.5,
      firstMarginMs: 40,
    }).create();
    detector.expect(1, 0);
    detector.heartbeat(1, 0, 0);
    detector.heartbeat(1, 120, 1);
    // error 20; delay 10; var = 40 + 0.5 (20 − 40) = 30; α = 2 · 10 + 30 = 50; EA = 10 + 200.
    expect(detector.nextDeadlineMs).toBeCloseTo(210 + 50, 9);
  });

  test('names all problems of its options at once', () => {
    const wrong = { delayWeight: -1, variationWeight: 0, gain: 2 };
    expect(() => bertier(wrong)).toThrow(
      /delayWeight is -1 .*; variationWeight is 0 .*; gain is 2 \(allowed: above 0, up to 1\)/,
    );
    expect(() => bertier(defaultBertierOptions)).not.toThrow();
  });
});
