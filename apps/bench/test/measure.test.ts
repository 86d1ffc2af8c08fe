import { decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { byLabel, parseMetrics, sumOf } from '../src/cluster/metrics-page.ts';
import { arrivalsOf } from '../src/load/arrivals.ts';
import { newHistogram, recordMs } from '../src/load/recorder.ts';
import { commitCost } from '../src/measure/commit-cost.ts';
import type { Snapshot } from '../src/measure/commit-cost.ts';
import { latencyOf } from '../src/measure/latency-of.ts';
import { chanceFrom } from '../src/statistics/chance.ts';
import { checkPerfRatios } from '../src/versus/check-perf-ratios.ts';
import { readCheckPerf } from '../src/versus/check-perf.ts';
import { storeWorkload } from '../src/workload/store-workload.ts';

describe('latencies', () => {
  const encoded = (values: readonly number[]): string => {
    const histogram = newHistogram();
    for (const ms of values) recordMs(histogram, ms);
    return encodeIntoCompressedBase64(histogram);
  };

  it('of several processes are put together with three digits', () => {
    const latency = latencyOf([encoded(Array.from({ length: 99 }, () => 1)), encoded([500])]);
    expect(latency.count).toBe(100);
    expect(latency.p50Ms).toBeCloseTo(1, 2);
    expect(latency.p99Ms).toBeCloseTo(1, 2);
    expect(latency.maxMs / 500).toBeCloseTo(1, 2);
    expect(latency.buckets.reduce((sum, { count }) => sum + count, 0)).toBe(100);
    const bounds = latency.buckets.map(({ upToMs }) => upToMs);
    expect(bounds).toEqual(bounds.toSorted((a, b) => a - b));
    expect(decodeFromCompressedBase64(latency.hdr).totalCount).toBe(100);
  });

  it('beyond a minute count as a minute, and there may be none', () => {
    expect(latencyOf([encoded([1e9])]).maxMs / 60_000).toBeCloseTo(1, 2);
    expect(latencyOf([encoded([])])).toMatchObject({ count: 0, p99Ms: 0, buckets: [] });
  });
});

describe('arrivals', () => {
  it('of a metronome are even', () => {
    const next = arrivalsOf({ ratePerSecond: 500, arrivals: 'uniform' }, chanceFrom(1));
    expect([next(), next(), next()]).toEqual([0, 2, 4]);
  });

  it('of independent clients have the rate, and a deviation as large as their mean', () => {
    const next = arrivalsOf({ ratePerSecond: 1000, arrivals: 'exponential' }, chanceFrom(5));
    const moments = Array.from({ length: 20_000 }, () => next());
    const gaps = moments.slice(1).map((at, place) => at - (moments[place] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    expect(mean).toBeCloseTo(1, 1);
    expect(deviation / mean).toBeCloseTo(1, 1);
  });
});

describe('store workloads', () => {
  // 35 bytes: the length of the key looks like the mark of a digit.
  it.each([8, 16, 35, 256])('put a key of %i bytes with its number at the end', (keyBytes) => {
    const workload = storeWorkload('mixed', { keyBytes, valueBytes: 3, keys: 1000 });
    const bodies = [...workload.prepare()].map(({ body }) => Buffer.from(body).toString('latin1'));
    expect(bodies).toHaveLength(1000);
    expect(new Set(bodies).size).toBe(1000);
    expect(bodies[123]).toContain(`${'k'.repeat(keyBytes - 8)}00000123`);
    expect(bodies[123]).toMatch(/vvv$/u);
  });

  it('draw reads by their share', () => {
    const workload = storeWorkload('mixed', { keyBytes: 16, valueBytes: 3, keys: 10 });
    const chance = chanceFrom(3);
    const reads = Array.from({ length: 2000 }, () => workload.operation(chance)).filter(({ isRead }) => isRead).length;
    expect(reads / 2000).toBeCloseTo(0.5, 1);
    expect([...storeWorkload('put', { keyBytes: 16, valueBytes: 3, keys: 10 }).prepare()]).toEqual([]);
  });
});

it('a page of metrics is read with its labels', () => {
  const lines = parseMetrics('# HELP a b\na 1\nsent{kind="append",to="a\\"b"} 2.5\nsent{kind="vote"} 3\nbroken\n');
  expect(lines).toHaveLength(3);
  expect(sumOf(lines, 'sent')).toBe(5.5);
  expect(sumOf(lines, 'missing')).toBeUndefined();
  expect(byLabel(lines, 'sent', 'kind')).toEqual({ append: 2.5, vote: 3 });
});

describe('the cost of a commit', () => {
  const snapshot = (succeeded: number, cpu: number, counts: number | undefined): Snapshot => ({
    members: ['n1', 'n2'].map((name) => ({
      name,
      leads: name === 'n2',
      cpuSeconds: cpu,
      messagesByKind: counts === undefined ? undefined : { append: counts, vote: 7 },
      bytes: counts,
      syncs: counts,
    })),
    succeeded,
    loadCpuSeconds: cpu,
  });

  it('is what counters rose by, for each success', () => {
    expect(commitCost(snapshot(100, 1, 50), snapshot(300, 3, 250))).toEqual({
      messages: 2,
      messagesByKind: { append: 2 },
      bytes: 2,
      syncs: 2,
      cpuSeconds: [
        { role: 'follower', name: 'n1', seconds: 0.01 },
        { role: 'leader', name: 'n2', seconds: 0.01 },
        { role: 'load', name: 'load', seconds: 0.01 },
      ],
      memberCpuSeconds: 0.02,
    });
  });

  it('is not made up where a product does not count, nothing succeeded, or a member is new', () => {
    expect(commitCost(snapshot(0, 1, undefined), snapshot(10, 2, undefined))).toMatchObject({
      messages: undefined,
      syncs: undefined,
    });
    expect(commitCost(snapshot(10, 1, 1), snapshot(10, 2, 2))).toBeUndefined();
    expect(commitCost({ ...snapshot(0, 1, 1), members: [] }, snapshot(10, 2, 2))).toBeUndefined();
  });
});

describe('etcdctl check perf', () => {
  it('is compared round by round', () => {
    const run = (system: string, round: number, putsPerSecond: number) => ({
      system,
      load: 'xl',
      round,
      passed: true,
      putsPerSecond,
      slowestMs: 1,
      deviationMs: 1,
      memberCpuSecondsPerPut: 1 / putsPerSecond,
      output: '',
    });
    const runs = [100, 50, 10].flatMap((puts, round) => [run('etcd', round, puts), run('ours', round, 2 * puts)]);
    const settings = { seed: 1, bootstrapResamples: 100 };
    expect(checkPerfRatios(runs, settings)).toMatchObject([
      { metric: 'operationsPerSecond', of: 'ours', to: 'etcd', median: 2, pairs: 3, verdict: 'higher' },
      { metric: 'memberCpuSeconds', of: 'ours', to: 'etcd', median: 0.5, pairs: 3, verdict: 'lower' },
    ]);
    // One system alone, or a round that only one of them has, shows nothing.
    expect(checkPerfRatios(runs.slice(0, 1), settings)).toEqual([]);
    expect(checkPerfRatios(runs.slice(0, 3), settings)[0]).toMatchObject({ pairs: 1, verdict: 'not-ranked' });
  });

  it('is read where it passes, and where it fails', () => {
    const passed =
      ' 59 / 60 Boooo 98.33% 00m01s 60 / 60 Booooom! 100.00%PASS: Throughput is 14985 writes/s\nPASS: Slowest request took 0.230500s\nPASS: Stddev is 0.020000s\nPASS\n';
    expect(readCheckPerf(passed, 180)).toMatchObject({ passed: true, putsPerSecond: 14_985, slowestMs: 230.5, deviationMs: 20 });
    expect(readCheckPerf(passed, 180).memberCpuSecondsPerPut).toBeCloseTo(180 / (14_985 * 60), 10);
    const failed =
      ' 60 / 60 100.00%FAIL: Throughput too low: 3021 writes/s\nSlowest request took too long: 1.5s\nPASS: Stddev is 0.02s\nFAIL\n';
    expect(readCheckPerf(failed, 1)).toMatchObject({ passed: false, putsPerSecond: 3021, slowestMs: 1500 });
    expect(() => readCheckPerf('Error: no endpoint', 1)).toThrow('no endpoint');
  });
});
