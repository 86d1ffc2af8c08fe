import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plants } from '@quorate/simulator';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { performSeed } from '../src/campaign/perform.ts';
import type { SeedTask } from '../src/campaign/task.ts';
import { decorateCore } from '../src/plants/decorate.ts';
import { protocolNamed } from '../src/protocols.ts';
import { planOf, runSeed } from '../src/run-seed.ts';
import { tracedRun } from '../src/trace/traced-run.ts';

const found = protocolNamed('raft');
if (found === undefined) throw new Error('raft is a protocol');
const raft = found;

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'quorate-sim-test-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const task = (seed: number, workload = 'kv'): SeedTask => ({
  kind: 'seed',
  protocol: 'raft',
  workload,
  seed,
  seconds: 5,
  twice: true,
  traceDirectory: folder,
});

/** A core that wakes up to a millisecond late, by the dice of the real process. */
const dice = (): Plants => ({
  core: (kind) =>
    decorateCore(kind, (core) => ({
      drain: (now) => {
        const effects = core.drain(now);
        return { ...effects, nextDeadline: effects.nextDeadline + Math.random() };
      },
    })),
});

test.each([5, 8, 17, 24])('seed %i is one run, however often it is run', (seed) => {
  const { failures, runs } = performSeed(raft, task(seed));
  expect(runs).toBe(2);
  expect(failures).toEqual([]);
});

test.each([5, 8])('seed %i of clients that take locks is one run, however often it is run', (seed) => {
  const { failures, runs } = performSeed(raft, task(seed, 'lock'));
  expect(runs).toBe(2);
  expect(failures).toEqual([]);
});

test('one Math.random anywhere is found by running a seed twice', () => {
  const { failures } = performSeed(raft, task(8), dice);
  expect(failures.map(({ invariant }) => invariant)).toEqual(['determinism']);
  expect(failures[0]?.text).toMatch(
    /^the same seed gave two different runs: trace hash [0-9a-f]{8} after \d+ events and [0-9.]+ ms, and [0-9a-f]{8} after \d+ events/u,
  );
});

test('a trace changes nothing of what it shows', () => {
  const plan = planOf(raft, 8, 5);
  const { report, lines } = tracedRun({ protocol: raft, plan });
  expect(report).toEqual(runSeed({ protocol: raft, plan }));
  expect(lines.length).toBeGreaterThan(100);
  for (const [place, { atMs }] of lines.entries()) expect(atMs).toBeGreaterThanOrEqual(lines[place - 1]?.atMs ?? 0);
});
