import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultKinds } from '@quorate/simulator';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Answer, SeedAnswer, SeedTask, Task } from '../src/campaign/task.ts';
import { simProgram } from '../src/cli/sim-program.ts';
import { marksOf } from '../src/coverage/coverage.ts';
import type { Report } from '../src/report/report.ts';
import { FakeSurroundings } from './fixtures/fake-surroundings.ts';
import { inlineExecutor } from './fixtures/inline-executor.ts';
import { seedAnswer } from './fixtures/seed-answer.ts';

const found = { invariant: 'I-05', text: 'seen', atMs: 12 };
let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'quorate-sim-test-'))));
afterEach(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly code: number;
  readonly around: FakeSurroundings;
  readonly tasks: readonly Task[];
}

async function run(flags: string, seed: (task: SeedTask) => SeedAnswer, plantFound: boolean = true): Promise<Outcome> {
  const around = new FakeSurroundings();
  const tasks: Task[] = [];
  const answer = (task: Task): Answer => {
    tasks.push(task);
    if (task.kind === 'seed') return seed(task);
    if (task.kind === 'plan') return { kind: 'plan', violations: [] };
    return {
      kind: 'hunt',
      report: { plant: task.plant, text: 'a bug', found: plantFound ? found : undefined, seed: 1, runs: 3 },
    };
  };
  const code = await simProgram(
    ['run', ...flags.split(' '), '--trace-dir', folder],
    (jobs) => inlineExecutor(jobs, answer),
    around,
  );
  return { code, around, tasks };
}

const failing =
  (bad: number) =>
  ({ seed }: SeedTask) =>
    seedAnswer(
      seed,
      seed === bad ? { ending: 'violation', failures: [{ seed, invariant: 'I-01', text: 'two states', atMs: 5 }] } : {},
    );

describe('a run', () => {
  test('clean: hands out all seeds once, exits 0, and tells every fault kind and mark, zeros too', async () => {
    const { code, around, tasks } = await run('--seeds 7 --first-seed 100 --jobs 3', ({ seed }) => seedAnswer(seed));
    expect(code).toBe(0);
    expect(tasks.flatMap((task) => (task.kind === 'seed' ? [task.seed] : []))).toEqual([100, 101, 102, 103, 104, 105, 106]);
    for (const name of [...faultKinds, ...marksOf('raft', 'kv')]) expect(around.out).toContain(name);
    expect(around.out).toMatch(/never reached:\n(?: {2}.*\n)* {2}snapshot taken\n/u);
    expect(around.out).toMatch(/clean: 7 seeds\n$/u);
    expect(around.out).toMatch(/kill +14\n/u);
  });

  test('JSON alone on stdout; the same in the report file', async () => {
    const file = join(folder, 'report.json');
    const { around } = await run(`--seeds 4 --json --report ${file}`, ({ seed, twice }) =>
      seedAnswer(seed, { runs: twice ? 2 : 1 }),
    );
    const report = JSON.parse(around.out) as Report;
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(report);
    expect(report).toMatchObject({
      verdict: 'clean',
      protocol: 'raft',
      workload: 'kv',
      secondsPerSeed: 60,
      seeds: { first: 1, asked: 4, done: 4, twice: 1, failed: 0 },
      operations: 800,
      histories: { judged: 40, unknown: 0 },
    });
    expect(report.commit).toMatch(/^[0-9a-f]{40}$|^unknown$/u);
    expect(Object.keys(report.faults)).toEqual([...faultKinds]);
    expect(report.restrictions.length).toBeGreaterThan(2);
    const { speed } = report;
    expect(speed.simulatedSecondsPerCpuSecond).toBeCloseTo(speed.simulatedSeconds / speed.cpuSeconds);
    expect(speed.microsecondsPerEvent * speed.eventsPerCpuSecond).toBeCloseTo(1e6);
    expect(around.err).toContain('4/4 seeds');
  });

  test('stops at the first failure and exits 1, with the line that shows it again', async () => {
    const { code, around, tasks } = await run('--seeds 50 --seconds 30 --jobs 1', failing(3));
    expect(code).toBe(1);
    expect(tasks.filter(({ kind }) => kind === 'seed')).toHaveLength(3);
    expect(around.out).toContain(
      'I-01 at 5.0 ms\n  two states\n  again:  pnpm exec quorate-sim replay --protocol raft --seed 3 --seconds 30\n',
    );
    expect(around.out).toMatch(/VIOLATIONS: 1 of 3 seeds failed\n$/u);
  });

  test('goes on after a failure where it is told to', async () => {
    const { code, around } = await run('--seeds 6 --jobs 2 --keep-going', failing(2));
    expect(code).toBe(1);
    expect(around.out).toMatch(/VIOLATIONS: 1 of 6 seeds failed\n$/u);
  });

  test('is void where the planted bug is not found, and runs nothing', async () => {
    const { code, around, tasks } = await run('--seeds 3', ({ seed }) => seedAnswer(seed), false);
    expect(code).toBe(1);
    expect(tasks).toHaveLength(1);
    expect(around.out).toContain('NOT FOUND in 3 runs');
    expect(around.out).toMatch(/VOID: .*\n$/u);
  });

  test('plants another bug for another first seed', async () => {
    const names = new Set<string>();
    for (const first of [1, 2, 3]) {
      const { tasks } = await run(`--seeds 1 --first-seed ${first}`, ({ seed }) => seedAnswer(seed));
      if (tasks[0]?.kind === 'hunt') names.add(tasks[0].plant);
    }
    expect(names.size).toBe(3);
  });

  test('histories without a verdict are never good: above half a percent the run fails', async () => {
    const share =
      (unknownPartitions: number) =>
      ({ seed }: SeedTask) =>
        seedAnswer(seed, { partitions: 200, unknownPartitions });
    expect((await run('--seeds 3', share(1))).code).toBe(0);
    const { code, around } = await run('--seeds 3', share(2));
    expect(code).toBe(1);
    expect(around.out).toMatch(/UNKNOWN: 6 of 600 histories have no verdict, allowed: 3\n$/u);
  });

  test('runs one seed of twenty twice, or every one', async () => {
    const twice = ({ tasks }: Outcome): number[] =>
      tasks.flatMap((task) => (task.kind === 'seed' && task.twice ? [task.seed] : []));
    expect(twice(await run('--seeds 41 --first-seed 5', ({ seed }) => seedAnswer(seed)))).toEqual([5, 25, 45]);
    expect(twice(await run('--seeds 3 --replay-twice', ({ seed }) => seedAnswer(seed)))).toEqual([1, 2, 3]);
  });

  test('interrupted: says what it has, and exits 130', async () => {
    const around = new FakeSurroundings();
    const answer = (task: Task): Answer => {
      if (task.kind === 'hunt') return { kind: 'hunt', report: { plant: task.plant, text: 'a bug', found, seed: 1, runs: 1 } };
      if (task.kind === 'seed' && task.seed === 4) around.interrupt();
      return seedAnswer(task.kind === 'seed' ? task.seed : 0);
    };
    const code = await simProgram(
      ['run', '--seeds', '90', '--jobs', '1', '--trace-dir', folder],
      (jobs) => inlineExecutor(jobs, answer),
      around,
    );
    expect(code).toBe(130);
    expect(around.out).toMatch(/interrupted after 4 of 90 seeds, 0 of them failed\n$/u);
  });
});
