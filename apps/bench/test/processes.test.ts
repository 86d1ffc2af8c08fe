import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { memberProgram, startQuorate } from '../src/cluster/quorate-cluster.ts';
import { planCompare } from '../src/compare/compare-plan.ts';
import { runCompare } from '../src/compare/run-compare.ts';
import { heartbeatIntervalsMs } from '../src/detectors/detector-study.ts';
import { Interrupted } from '../src/measure/children.ts';
import { runContest } from '../src/measure/contest.ts';
import { reportDocument } from '../src/report/report-document.ts';
import { terminalReport } from '../src/report/terminal.ts';
import { quietRun, shortSettings } from './fixtures/bench-run.ts';
import { sampleResult } from './fixtures/sample-result.ts';

const slowMember = fileURLToPath(new URL('fixtures/slow-member.mjs', import.meta.url));
const sizes = { keyBytes: 16, valueBytes: 64, keys: 100 };

let directory = '';
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'quorate-bench-test-'))));
afterEach(() => rmSync(directory, { recursive: true }));

const wish = {
  protocols: ['raft', 'multi-paxos'],
  transports: ['tcp'],
  storages: ['memory'],
  workloads: ['put'],
  loops: ['closed'],
  members: 3,
  inFlight: 16,
  rate: 0,
  version: '0.0.0',
};

it('a millisecond planted in one core is found', async () => {
  const run = quietRun(directory);
  const plan = planCompare(wish);
  // The second system is the first one again, with a planted fault: all that differs is the millisecond.
  const programOf = ({ key }: { readonly key: string }): string => (key.startsWith('multi-paxos') ? slowMember : memberProgram());
  await runCompare(run, { plan, sizes, inFlight: wish.inFlight, programOf });
  expect(run.notMeasured).toMatchObject([{ what: 'failover' }, { what: 'failure detectors' }]);
  expect(run.incomplete).toBe(false);
  const [plain, slow] = run.cells;
  expect(run.groups).toHaveLength(1);
  expect(run.groups[0]?.ratios.filter(({ metric }) => metric === 'operationsPerSecond' || metric === 'p50Ms')).toMatchObject([
    { metric: 'operationsPerSecond', of: slow?.id, to: plain?.id, pairs: 3, verdict: 'lower' },
    { metric: 'p50Ms', of: slow?.id, to: plain?.id, pairs: 3, verdict: 'higher' },
  ]);
  expect(run.groups[0]?.ranking).toEqual([
    { cell: plain?.id, place: 1 },
    { cell: slow?.id, place: 2 },
  ]);
  for (const { counts } of plain?.repeats ?? []) expect(counts).toMatchObject({ failed: 0, unknown: 0 });
  expect(plain?.latency.count).toBe(plain?.repeats.reduce((sum, { counts }) => sum + counts.succeeded, 0));
  // Batches share messages: what a command costs is less than one of its own would, and never nothing.
  expect(plain?.cost?.messages).toBeGreaterThan(0);
  expect(plain?.cost?.bytes).toBeGreaterThan(2 * sizes.valueBytes);
  expect(plain?.cost?.cpuSeconds.map(({ role }) => role)).toEqual(['leader', 'follower', 'load']);
  expect(readdirSync(directory)).toEqual([]);
}, 90_000);

it('a failover is taken apart without a gap', async () => {
  const run = quietRun(directory, shortSettings({ failoverTrials: 1, repeats: 0 }));
  const plan = planCompare({ ...wish, protocols: ['zab'], storages: ['file'] });
  await runCompare(run, { plan, sizes, inFlight: wish.inFlight, programOf: () => memberProgram() });
  const [trial] = run.failovers[0]?.trials ?? [];
  if (trial === undefined) throw new Error('there is no trial');
  expect(trial.leader).not.toBe(trial.killed);
  const { detectionMs = NaN, electionMs = NaN, readyMs = NaN, firstCommitMs = NaN } = trial;
  // Clocks of two processes meet at the ends of the parts; each is at least nothing.
  expect(Math.abs(detectionMs + electionMs + readyMs + firstCommitMs - trial.totalMs)).toBeLessThan(3);
}, 60_000);

it('a comparison of both services in miniature: a lock is handed over with one wake-up for each release', async () => {
  const run = quietRun(directory, shortSettings({ repeats: 1, detectorSeconds: 1 }));
  const plan = planCompare({ ...wish, protocols: ['zab'], workloads: ['put', 'lock', 'lock-handover'] });
  // Fewer locks than pairs in flight: none of them may meet another one.
  await runCompare(run, {
    plan,
    sizes: { ...sizes, keys: 5 },
    inFlight: wish.inFlight,
    programOf: ({ system }) => memberProgram(system.service),
  });
  expect(run.notMeasured).toMatchObject([{ what: 'failover' }]);
  // Heartbeats came from all processes at all intervals: each detector was asked of deaths at each of them.
  const { rows = [], peers } = run.detectors ?? {};
  expect(rows.map(({ intervalMs }) => intervalMs)).toEqual(heartbeatIntervalsMs.flatMap((ms) => Array<number>(6).fill(ms)));
  expect(rows.filter(({ detectionP99Ms }) => detectionP99Ms === null)).toEqual([]);
  for (const { hours = 0 } of rows) expect(hours * 3600).toBeGreaterThanOrEqual(peers ?? NaN);
  const [puts, pairs, handOvers] = run.cells;
  for (const cell of [puts, pairs, handOvers]) {
    const [repeat] = cell?.repeats ?? [];
    expect(repeat?.counts).toMatchObject({ failed: 0, unknown: 0 });
    expect(repeat?.counts.succeeded).toBeGreaterThan(0);
  }
  // A pair is two commits, each of which is a message to and from another member at least; they share messages with other pairs.
  expect(pairs?.cost?.messages).toBeGreaterThan(0);
  expect(pairs?.handOver).toBeUndefined();
  const { ratio, commitP50Ms = 0, wakeUpsPerRelease } = handOvers?.handOver ?? {};
  expect(wakeUpsPerRelease).toBe(1);
  expect(commitP50Ms).toBeGreaterThan(0);
  expect(ratio?.median).toBeCloseTo((handOvers?.latency.p50Ms ?? 0) / commitP50Ms, 2);
  expect(run.groups.map(({ rankedBy }) => rankedBy)).toEqual(['operationsPerSecond', 'operationsPerSecond', 'p50Ms']);
  const { cells, groups } = run;
  const report = terminalReport(reportDocument({ measured: { ...sampleResult(), cells, groups, failovers: [] } }), 120);
  expect(report).toMatch(
    /Hand-over: lock-handover, 100 waiters, in memory\nsystem .*÷ commit.*wake-ups.*\n.*ZAB · lock.* \(1\) /u,
  );
  expect(readdirSync(directory)).toEqual([]);
}, 60_000);

it('an interrupt ends every process by its id, and leaves no folder', async () => {
  // Much longer than the test may take: whoever only looks at the end comes too late.
  const run = quietRun(directory, shortSettings({ measureSeconds: 3600 }));
  const [planned] = planCompare(wish).systems;
  if (planned === undefined) throw new Error('nothing is planned');
  const pids: number[] = [];
  const start = async (): ReturnType<typeof startQuorate> => {
    const cluster = await startQuorate({ system: planned.system, program: memberProgram(), directory, timing: run.settings });
    pids.push(...cluster.pids());
    setTimeout(() => run.children.interrupt(), 300);
    return cluster;
  };
  const contest = runContest(run, {
    id: 'put',
    text: 'put',
    workload: 'put',
    sizes,
    loop: { kind: 'closed', inFlight: 4 },
    contestants: [{ ...planned, start, door: async (cluster) => ({ kind: 'native', endpoints: await cluster.leaderFirst() }) }],
  });
  await expect(contest).rejects.toThrow(Interrupted);
  expect(pids).toHaveLength(3);
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  expect(readdirSync(directory)).toEqual([]);
});
