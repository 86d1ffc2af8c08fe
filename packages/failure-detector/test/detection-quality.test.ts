import { at, type PeerStatus } from '@quorate/interface';
import { describe, expect, test } from 'vitest';
import {
  type ArrivalTrace,
  bertier,
  chen,
  fixedTimeout,
  generateTrace,
  measureQuality,
  type PeerReplay,
  phiAccrual,
  replayTrace,
  type Scenario,
  standardScenarios,
} from '../src/index.ts';
import { createChance } from './chance.ts';

const trace: ArrivalTrace = { intervalMs: 200, fromMs: 100, untilMs: 10_100, stalls: [], peers: [] };

function replayOf(crashMs: number | undefined, changes: readonly (readonly [PeerStatus, number])[]): PeerReplay {
  return { peer: 'p', crashMs, changes: changes.map(([status, atMs]) => ({ peer: 'p', incarnation: 0, status, atMs })) };
}

describe('the quality of detection', () => {
  test('counts mistakes, how long they last and how far apart they are', () => {
    const alive = replayOf(undefined, [
      ['suspect', 1100],
      ['trust', 1400],
      ['suspect', 5100],
      ['trust', 5200],
    ]);
    const quality = measureQuality(trace, [alive, replayOf(undefined, [])]);
    expect(quality).toEqual({
      detectionP50Ms: Number.NaN,
      detectionP99Ms: Number.NaN,
      mistakes: 2,
      mistakeRecurrenceMs: 10_000,
      mistakesPerHour: 360,
      mistakeDurationMs: 200,
      accuracy: 0.98,
      messagesPerSecond: 5,
    });
  });

  test('takes the suspicion that stays for the detection, and what is wrong at the crash for a mistake until then', () => {
    const overtaken = replayOf(6100, [
      ['suspect', 6000],
      ['trust', 6150],
      ['suspect', 6600],
    ]);
    const already = replayOf(8100, [['suspect', 7100]]);
    const quality = measureQuality(trace, [overtaken, already]);
    expect([quality.detectionP50Ms, quality.detectionP99Ms]).toEqual([0, 500]);
    expect([quality.mistakes, quality.mistakeDurationMs]).toEqual([2, 550]);
    expect(quality.accuracy).toBeCloseTo(1 - 1100 / 14_000, 12);
  });

  test('says so where a crash is not detected', () => {
    const never = replayOf(6100, [
      ['suspect', 6200],
      ['trust', 6300],
    ]);
    expect(measureQuality(trace, [never]).detectionP50Ms).toBe(Infinity);
  });

  test('takes the nearest rank for a percentile', () => {
    const crashes = Array.from({ length: 200 }, (_, place) => replayOf(1000, [['suspect', 1000 + place + 1]]));
    const quality = measureQuality(trace, crashes);
    expect([quality.detectionP50Ms, quality.detectionP99Ms]).toEqual([100, 198]);
  });
});

const noisy: Scenario = { ...at(standardScenarios, 0), jitterMs: 30, loss: 0.1 };
const strategies = [
  fixedTimeout({ timeoutMs: 200 }),
  chen({ marginMs: 60 }),
  bertier(),
  phiAccrual({ minStdDevMs: 5, threshold: 2, firstIntervalMs: 100 }),
].map((strategy) => [strategy.name, strategy] as const);

describe.each(strategies)('the measures of Chen, Toueg and Aguilera for %s', (_, strategy) => {
  const long = generateTrace(noisy, { intervalMs: 100, peers: 10, lifeMs: 300_000, tailMs: 10_000 }, createChance(3));
  const replays = replayTrace(long, strategy);
  const quality = measureQuality(long, replays);

  test('are one: P_A = 1 − E[T_M] / E[T_MR], and λ = 1 / E[T_MR]', () => {
    expect(quality.mistakes).toBeGreaterThan(100);
    expect(quality.accuracy).toBeCloseTo(1 - quality.mistakeDurationMs / quality.mistakeRecurrenceMs, 9);
    expect(quality.mistakesPerHour).toBeCloseTo(3_600_000 / quality.mistakeRecurrenceMs, 9);
  });

  test('agree with the times from one mistake to the next', () => {
    const between = replays.flatMap(({ changes, crashMs = 0 }) => {
      const mistakes = changes.filter(({ status, atMs }) => status === 'suspect' && atMs < crashMs);
      return mistakes.slice(1).map(({ atMs }, place) => atMs - (mistakes[place]?.atMs ?? 0));
    });
    const mean = between.reduce((sum, time) => sum + time, 0) / between.length;
    expect(Math.abs(mean / quality.mistakeRecurrenceMs - 1)).toBeLessThan(0.1);
  });
});
