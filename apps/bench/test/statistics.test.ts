import { describe, expect, it } from 'vitest';
import type { Repeat } from '../src/result/cell.ts';
import type { Ratio } from '../src/result/group.ts';
import { estimateOf, ratioOf } from '../src/statistics/bootstrap.ts';
import { chanceFrom } from '../src/statistics/chance.ts';
import { median, quantile } from '../src/statistics/median.ts';
import { rank } from '../src/statistics/ranking.ts';
import { hasSettled, relativeRise } from '../src/statistics/steady-state.ts';
import { disturbanceReasons, verdictOf } from '../src/statistics/verdict.ts';

const limits = {
  foreignCpuShare: 0.05,
  stealShare: 0.02,
  probeRatio: 1.25,
  halfWidth: 0.25,
  lostShare: 0.001,
  badRepeatShare: 0.25,
};

describe('quantiles', () => {
  it('of known values (type 7 of Hyndman and Fan)', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(quantile([15, 20, 35, 40, 50], 0.4)).toBeCloseTo(29, 10);
    expect(quantile([15, 20, 35, 40, 50], 0)).toBe(15);
    expect(quantile([15, 20, 35, 40, 50], 1)).toBe(50);
    expect(median([])).toBeNaN();
  });
});

describe('the bootstrap', () => {
  const resampling = (seed: number) => ({ chance: chanceFrom(seed), resamples: 4000 });

  it('finds the interval that is known for the median of ten values', () => {
    // The percentile bootstrap of a median has a closed form: its 2.5 % and 97.5 % points lie between the 2nd and the 9th of ten values.
    const values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    const { median: middle, low, high } = estimateOf(values, resampling(7));
    expect(middle).toBe(5.5);
    expect(low).toBeGreaterThanOrEqual(2);
    expect(low).toBeLessThanOrEqual(3.5);
    expect(high).toBeGreaterThanOrEqual(7.5);
    expect(high).toBeLessThanOrEqual(9);
  });

  it('is decided by its seed', () => {
    const values = [5, 9, 1, 7, 3];
    expect(estimateOf(values, resampling(1))).toEqual(estimateOf(values, resampling(1)));
  });

  it('of a ratio does not see what drifts for both', () => {
    // Both get ten times slower during the run; one is 20 % faster all the time.
    const pairs = Array.from({ length: 10 }, (_, round) => ({ of: (120 + (round % 2)) / (round + 1), to: 100 / (round + 1) }));
    const ratio = ratioOf(pairs, resampling(3));
    expect(ratio.low).toBeGreaterThanOrEqual(1.2);
    expect(ratio.high).toBeLessThanOrEqual(1.21);
  });

  it('covers the truth in about 95 of 100 cases', () => {
    const chance = chanceFrom(11);
    let covered = 0;
    for (let trial = 0; trial < 400; trial++) {
      const values = Array.from({ length: 15 }, () => chance());
      const { low, high } = estimateOf(values, { chance, resamples: 400 });
      if (low <= 0.5 && 0.5 <= high) covered++;
    }
    expect(covered / 400).toBeGreaterThan(0.9);
    expect(covered / 400).toBeLessThan(0.99);
  });
});

it('chance is even, and close seeds have nothing in common', () => {
  const one = chanceFrom(1);
  const two = chanceFrom(2);
  const draws = Array.from({ length: 10_000 }, () => [one(), two()] as const);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(mean(draws.map(([value]) => value))).toBeCloseTo(0.5, 1);
  expect(mean(draws.map(([a, b]) => (a - 0.5) * (b - 0.5)))).toBeCloseTo(0, 2);
});

describe('steady state', () => {
  const settling = { windows: 5, slopeLimit: 0.02 };

  it('is the rise of a straight line through the last windows', () => {
    expect(relativeRise([1, 2, 3])).toBeCloseTo(1, 10);
    expect(relativeRise([100, 100, 100])).toBe(0);
    expect(relativeRise([102, 100, 98])).toBeCloseTo(-0.04, 10);
    expect(relativeRise([1])).toBeNaN();
  });

  it.each([
    ['too few windows', [100, 100, 100, 100], false],
    ['level', [10, 100, 100, 101, 99, 100], true],
    ['still rising by 3 %', [97, 98, 98.5, 99, 100], false],
    ['still falling', [100, 99, 98, 97, 96], false],
    ['nothing succeeds', [0, 0, 0, 0, 0], false],
  ])('%s', (_name, windows, settled) => {
    expect(hasSettled(windows, settling)).toBe(settled);
  });
});

describe('a verdict', () => {
  const quiet = { foreignCpuShare: 0.01, stealShare: 0, probeBeforeMs: 10, probeAfterMs: 10.5, reasons: [] };
  const repeat = (round: number, changes: Partial<Repeat> = {}): Repeat => ({
    round,
    startedAt: '2026-01-01T00:00:00.000Z',
    measuredSeconds: 1,
    warmUpSeconds: 1,
    steady: true,
    operationsPerSecond: 100,
    counts: { intended: 100, succeeded: 100, failed: 0, unknown: 0 },
    p50Ms: 1,
    p99Ms: 2,
    windowsPerSecond: [100],
    cost: undefined,
    disturbance: quiet,
    ...changes,
  });
  const judge = (repeats: readonly Repeat[], estimate = { median: 100, low: 99, high: 101 }) =>
    verdictOf({ repeats, operationsPerSecond: estimate, loop: { kind: 'closed', inFlight: 1 }, limits });
  const kinds = (...parameters: Parameters<typeof judge>) => judge(...parameters).reasons.map(({ kind }) => kind);

  it('ranks what is steady, undisturbed and known well', () => {
    expect(judge([0, 1, 2, 3].map((round) => repeat(round)))).toEqual({ rankable: true, reasons: [] });
  });

  it('names everything that speaks against ranking', () => {
    const bad = { steady: false, disturbance: { ...quiet, reasons: ['something ran'] } };
    const all = [repeat(0, bad), repeat(1, bad), repeat(2), repeat(3)];
    expect(kinds(all)).toEqual(['not-steady', 'disturbed']);
    // One of four is as many as the limit allows.
    expect(kinds([repeat(0, bad), repeat(1), repeat(2), repeat(3)])).toEqual([]);
    expect(kinds([repeat(0), repeat(1)])).toEqual(['too-few-repeats']);
    expect(
      kinds(
        [0, 1, 2].map((round) => repeat(round)),
        { median: 100, low: 70, high: 130 },
      ),
    ).toEqual(['no-confidence']);
    const lossy = { counts: { intended: 100, succeeded: 99, failed: 0, unknown: 1 } };
    expect(kinds([repeat(0, lossy), repeat(1), repeat(2)])).toEqual(['lost-operations']);
  });

  it('refuses the latency of a system that does not keep up', () => {
    const loop = { kind: 'open', ratePerSecond: 200, arrivals: 'uniform', chosen: '' } as const;
    const repeats = [0, 1, 2].map((round) => repeat(round));
    const { reasons } = verdictOf({ repeats, operationsPerSecond: { median: 100, low: 99, high: 101 }, loop, limits });
    expect(reasons).toMatchObject([{ kind: 'rate-missed', text: '100 of 200 offered per second were served' }]);
  });

  it('says what disturbed a repeat', () => {
    expect(disturbanceReasons(quiet, limits)).toEqual([]);
    const noisy = { foreignCpuShare: 0.5, stealShare: 0.1, probeBeforeMs: 10, probeAfterMs: 20 };
    expect(disturbanceReasons(noisy, limits)).toHaveLength(3);
    expect(disturbanceReasons({ ...noisy, foreignCpuShare: undefined, stealShare: undefined }, limits)).toEqual([
      'a probe took 10.0 ms before and 20.0 ms after (limit 1.25 ×)',
    ]);
  });
});

describe('a ranking', () => {
  const ratio = (of: string, to: string, verdict: Ratio['verdict']): Ratio => ({
    metric: 'operationsPerSecond',
    of,
    to,
    median: 1,
    low: 1,
    high: 1,
    pairs: 3,
    verdict,
  });
  const cells = [
    { id: 'a', figure: 100 },
    { id: 'b', figure: 98 },
    { id: 'c', figure: 50 },
  ];

  it('gives cells without a difference one place, and goes on behind them', () => {
    const ratios = [ratio('b', 'a', 'no-difference'), ratio('c', 'a', 'lower'), ratio('c', 'b', 'lower')];
    expect(rank({ cells, metric: 'operationsPerSecond', ratios })).toEqual([
      { cell: 'a', place: 1 },
      { cell: 'b', place: 1 },
      { cell: 'c', place: 3 },
    ]);
  });

  it('puts the lowest latency first', () => {
    expect(rank({ cells, metric: 'p50Ms', ratios: [] }).map(({ cell }) => cell)).toEqual(['c', 'b', 'a']);
  });
});
