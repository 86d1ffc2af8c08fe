import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { performSeed } from '../src/campaign/perform.ts';
import type { Answer, Task } from '../src/campaign/task.ts';
import { simProgram } from '../src/cli/sim-program.ts';
import { forgottenCommand } from '../src/plants/forgotten-command.ts';
import { protocolNamed } from '../src/protocols.ts';
import { planOf, runSeed } from '../src/run-seed.ts';
import { readPlanFile, writePlanFile } from '../src/shrink/plan-file.ts';
import { FakeSurroundings } from './fixtures/fake-surroundings.ts';
import { inlineExecutor } from './fixtures/inline-executor.ts';

const found = protocolNamed('raft');
if (found === undefined) throw new Error('raft is a protocol');
const raft = found;
let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'quorate-sim-test-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Threads whose clusters all have a bug. */
function buggy(task: Task): Answer {
  switch (task.kind) {
    case 'seed':
      return performSeed(raft, task, forgottenCommand.plants);
    case 'plan':
      return {
        kind: 'plan',
        violations: runSeed({ protocol: raft, plan: task.plan, plants: forgottenCommand.plants() }).violations,
      };
    default:
      return {
        kind: 'hunt',
        report: { plant: task.plant, text: 'a bug', found: { invariant: 'I-01', text: 'seen', atMs: 1 }, seed: 1, runs: 1 },
      };
  }
}

describe('a real failure', () => {
  test('is exported as a trace that ends with the violation', () => {
    const task = {
      kind: 'seed',
      protocol: 'raft',
      workload: 'kv',
      seed: 9,
      seconds: 20,
      twice: false,
      traceDirectory: folder,
    } as const;
    const [failure] = performSeed(raft, task, forgottenCommand.plants).failures;
    expect(failure).toMatchObject({ seed: 9, invariant: 'I-12', trace: join(folder, 'raft-seed-9.trace') });
    const lines = readFileSync(failure?.trace ?? '', 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.at(-1)).toMatch(/^ *\d+\.\d{3} ms {2}world +VIOLATION +I-12: /u);
    expect(lines[0]).toMatch(/ms {2}n\d\.1 +start +life 1 finds no entries, commit 0$/u);
    for (const what of [
      /role +leader in epoch/u,
      /append +write \d+: 1-1 of epoch 1 \(noop\)/u,
      /durable +up to write/u,
      /core +voted/u,
      /link +link \d+ to n\d is up/u,
      /fault +[a-z-]+ hits member/u,
    ]) {
      expect(lines.some((line) => what.test(line))).toBe(true);
    }
  });

  test('is shrunk by `run --shrink` to a plan that `replay --plan` takes, and that still fails', async () => {
    const around = new FakeSurroundings();
    const words = [
      'run',
      '--seeds',
      '1',
      '--first-seed',
      '9',
      '--seconds',
      '20',
      '--shrink',
      '--shrink-runs',
      '60',
      '--trace-dir',
      folder,
    ];
    expect(await simProgram(words, (jobs) => inlineExecutor(jobs, buggy), around)).toBe(1);
    const path = join(folder, 'raft-seed-9.plan.json');
    expect(around.out).toContain(`smaller: pnpm exec quorate-sim replay --plan ${path}`);
    const file = readPlanFile(path);
    if ('problem' in file) throw new Error(file.problem);
    const original = planOf(raft, 9, 20);
    expect(file.plan.actions.length).toBeLessThan(original.actions.length);
    expect(file.plan.chaosMs).toBeLessThan(original.chaosMs);
    const again = runSeed({ protocol: raft, plan: file.plan, plants: forgottenCommand.plants() });
    expect(again.violations[0]?.invariant).toBe(file.invariant);
  });

  test('that is none is not shrunk', async () => {
    const around = new FakeSurroundings();
    expect(await simProgram(['shrink', '--seed', '5', '--seconds', '2'], inlineExecutor, around)).toBe(0);
    expect(around.err).toContain('there is nothing to shrink');
  });
});

describe('a plan file', () => {
  const path = (): string => join(folder, 'plan.json');
  const plan = planOf(raft, 2, 5);
  const good = { protocol: 'raft', workload: 'kv', commit: 'c', invariant: 'I-01', text: 't', plan };

  test('is read as it was written', () => {
    writePlanFile(path(), good);
    expect(readPlanFile(path())).toEqual(good);
  });

  test.each([
    ['no JSON', '{', 65, /E_PLAN_FORMAT/u],
    ['another protocol', JSON.stringify({ ...good, protocol: 'paxos' }), 65, /protocol is "paxos", allowed: raft/u],
    ['another service', JSON.stringify({ ...good, workload: 'queue' }), 65, /workload is "queue", allowed: kv/u],
    ['no plan', JSON.stringify({ protocol: 'raft', workload: 'kv' }), 65, /plan is no object/u],
    [
      'a number that is a word',
      JSON.stringify({ ...good, plan: { ...plan, disk: { ...plan.disk, syncMs: 'slow' } } }),
      65,
      /plan\.disk\.syncMs is "slow", and should be a number/u,
    ],
    [
      'a fault that nobody knows',
      JSON.stringify({ ...good, plan: { ...plan, actions: [{ kind: 'flood' }] } }),
      65,
      /plan\.actions\[0\]\.kind is "flood"/u,
    ],
    [
      'half a fault',
      JSON.stringify({ ...good, plan: { ...plan, actions: [{ kind: 'kill', atMs: 1 }] } }),
      65,
      /plan\.actions\[0\]\.member is undefined/u,
    ],
  ])('with %s is refused', async (_name, text, exit, message) => {
    writeFileSync(path(), text);
    const around = new FakeSurroundings();
    expect(await simProgram(['replay', '--plan', path()], inlineExecutor, around)).toBe(exit);
    expect(around.err).toMatch(message);
  });

  test('that is not there is refused', async () => {
    const around = new FakeSurroundings();
    expect(await simProgram(['replay', '--plan', path()], inlineExecutor, around)).toBe(74);
    expect(around.err).toMatch(/^E_PLAN_READ: .*ENOENT/u);
  });
});
