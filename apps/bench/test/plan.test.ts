import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../src/cli/command-line.ts';
import { compareWish } from '../src/cli/compare-command.ts';
import { settingsOf } from '../src/cli/settings-of.ts';
import { planCompare, rateFrom } from '../src/compare/compare-plan.ts';
import type { CompareWish } from '../src/compare/compare-plan.ts';
import { expectedSteps } from '../src/compare/run-compare.ts';
import { groupOf } from '../src/measure/group-of.ts';
import type { Cell } from '../src/result/cell.ts';
import { shortSettings } from './fixtures/bench-run.ts';

const wish: CompareWish = {
  protocols: ['raft', 'multi-paxos', 'zab'],
  transports: ['tcp', 'zeromq'],
  storages: ['file', 'memory'],
  workloads: ['put', 'lock', 'lock-handover'],
  loops: ['closed', 'open'],
  members: 3,
  inFlight: 64,
  rate: 0,
  version: '1.2.3',
};

describe('a comparison', () => {
  it('never lets file and memory storage meet', () => {
    const { contests, systems } = planCompare(wish);
    expect(systems).toHaveLength(24);
    for (const { systems: together } of contests) {
      expect(together).toHaveLength(6);
      expect(new Set(together.map(({ system }) => system.storage)).size).toBe(1);
    }
    expect(contests.map(({ id }) => id)).toEqual([
      'synced-put-closed',
      'synced-put-open',
      'synced-lock-closed',
      'synced-lock-open',
      'synced-lock-handover',
      'memory-put-closed',
      'memory-put-open',
      'memory-lock-closed',
      'memory-lock-open',
      'memory-lock-handover',
    ]);
  });

  it('starts each service for its own workloads, and only those that are asked for', () => {
    const services = (workload: string) =>
      planCompare(wish)
        .contests.filter((contest) => contest.workload === workload)
        .flatMap(({ systems }) => systems.map(({ system: { service = 'kv', door } }) => `${service} by ${door}`));
    expect(new Set(services('put'))).toEqual(new Set(['kv by native']));
    expect(new Set(services('lock'))).toEqual(new Set(['lock by native']));
    expect(new Set(services('lock-handover'))).toEqual(new Set(['lock by http']));
    const { systems } = planCompare({ ...wish, workloads: ['lock-handover'] });
    expect(systems.map(({ system }) => system.service)).toEqual(Array.from({ length: 12 }, () => 'lock'));
  });

  it('hands one lock over in one way, whatever loops are asked for', () => {
    const { contests } = planCompare({ ...wish, workloads: ['lock-handover'], storages: ['file'], loops: ['open'], rate: 5 });
    expect(contests).toMatchObject([{ text: 'lock-handover, 100 waiters, synced', loop: { kind: 'closed', inFlight: 1 } }]);
  });

  it('takes the rate of the open loop from the slowest system, or from the user', () => {
    const rate = (median: number) => ({ operationsPerSecond: { median } });
    expect(rateFrom([rate(1000), rate(301), rate(800)])).toMatchObject({ kind: 'open', ratePerSecond: 151 });
    expect(planCompare(wish).contests[1]?.loop).toBeUndefined();
    expect(planCompare({ ...wish, rate: 500 }).contests[1]?.loop).toMatchObject({ ratePerSecond: 500, chosen: 'by --rate' });
  });
});

describe('compare --short', () => {
  const chosen = (argv: readonly string[]) => {
    const line = parseCommandLine(['compare', ...argv], '1.2.3');
    if (line.ask !== 'compare') throw new Error('refused');
    return { settings: settingsOf(line.values), plan: planCompare(compareWish(line.values, '1.2.3')) };
  };
  const seconds = ({ plan, settings }: ReturnType<typeof chosen>): number =>
    expectedSteps(plan, settings).reduce((sum, { steps, secondsEach }) => sum + steps * secondsEach, 0);

  it('has all three protocols, both services, files, two rounds and a dead leader in each', () => {
    const { plan, settings } = chosen(['--short']);
    expect(plan.contests.map(({ workload, systems }) => `${workload} ${systems.length}`)).toEqual([
      'put 3',
      'lock 3',
      'lock-handover 3',
    ]);
    const names = plan.systems.map(({ system }) => `${system.protocol} ${system.service ?? 'kv'} ${system.storage}`);
    expect(names).toEqual(
      ['kv', 'lock'].flatMap((service) => ['raft', 'multi-paxos', 'zab'].map((protocol) => `${protocol} ${service} file`)),
    );
    expect(settings).toMatchObject({ repeats: 2, failoverTrials: 1, members: 3, quick: true });
    // A warm-up that could not end before its time is up would call everything unsteady.
    expect(settings.warmUp.mostSeconds).toBeGreaterThanOrEqual(settings.warmUp.windowSeconds * settings.warmUp.windows);
  });

  it('fits into three minutes, with 10 seconds for the calibration; the long one does not', () => {
    expect(seconds(chosen(['--short']))).toBeLessThan(165);
    expect(seconds(chosen([]))).toBeGreaterThan(1800);
  });

  it('restricted to one protocol is as short as that', () => {
    const { plan, settings } = chosen(['--short', '--protocols', 'zab']);
    expect(plan.systems.map(({ key }) => key)).toEqual(['zab-tcp-file', 'zab-tcp-file-lock']);
    expect(seconds({ plan, settings })).toBeLessThan(60);
  });
});

describe('a group', () => {
  const estimate = { median: 1, low: 1, high: 1 };
  const cell = (id: string, durability: 'synced' | 'memory', rates: readonly number[], rankable = true): Cell =>
    ({
      id,
      system: { durability },
      loop: { kind: 'closed', inFlight: 1 },
      repeats: rates.map((operationsPerSecond, round) => ({ round, operationsPerSecond, p50Ms: 1, p99Ms: 1 })),
      operationsPerSecond: { ...estimate, median: rates[0] ?? 0 },
      verdict: { rankable, reasons: [] },
    }) as unknown as Cell;
  const head = { id: 'g', text: 'g' };
  const throughput = (cells: readonly Cell[]) =>
    groupOf(head, cells, shortSettings()).ratios.find(({ metric }) => metric === 'operationsPerSecond');

  it('refuses cells of different durability', () => {
    expect(() => groupOf(head, [cell('a', 'synced', [1]), cell('b', 'memory', [1])], shortSettings())).toThrow('durability');
  });

  it('pairs by round, also where one cell misses a round', () => {
    const ratio = throughput([cell('a', 'synced', [100, 50, 50, 10]), cell('b', 'synced', [50, 25, 25])]);
    expect(ratio).toMatchObject({ of: 'b', to: 'a', median: 0.5, pairs: 3, verdict: 'lower' });
  });

  it('draws no conclusion from two rounds, nor from a cell that may not be ranked', () => {
    expect(throughput([cell('a', 'synced', [100, 100]), cell('b', 'synced', [50, 50])])?.verdict).toBe('not-ranked');
    const unranked = cell('b', 'synced', [50, 50, 50], false);
    expect(throughput([cell('a', 'synced', [100, 100, 100]), unranked])?.verdict).toBe('not-ranked');
    const group = groupOf(head, [cell('a', 'synced', [100, 100, 100]), unranked], shortSettings());
    expect(group.ranking).toEqual([{ cell: 'a', place: 1 }]);
  });
});
