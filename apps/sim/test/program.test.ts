import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WorkerPool } from '../src/campaign/worker-pool.ts';
import { protocolNamed } from '../src/protocols.ts';
import { planOf } from '../src/run-seed.ts';
import { writePlanFile } from '../src/shrink/plan-file.ts';
import type { Report } from '../src/report/report.ts';

const program = fileURLToPath(new URL('../bin/quorate-sim.mjs', import.meta.url));
let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'quorate-sim-test-'))));
afterEach(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(words: readonly string[], onErr: (text: string, interrupt: () => void) => void = () => undefined): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...words]);
    let out = '';
    let err = '';
    child.stdout.on('data', (part) => (out += String(part)));
    child.stderr.on('data', (part) => {
      err += String(part);
      onErr(err, () => child.kill('SIGINT'));
    });
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

describe('the program', () => {
  test('runs seeds in threads, and stdout is JSON alone', async () => {
    const { code, out } = await start([
      'run',
      '--seeds',
      '3',
      '--first-seed',
      '1',
      '--seconds',
      '3',
      '--jobs',
      '2',
      '--json',
      '--trace-dir',
      folder,
    ]);
    const report = JSON.parse(out) as Report;
    expect(report).toMatchObject({ verdict: 'clean', seeds: { done: 3, twice: 1 }, speed: { jobs: 2 } });
    expect(report.plant?.found).toBeDefined();
    expect(code).toBe(0);
  }, 60_000);

  test('Ctrl-C ends its threads and reports what was found so far', async () => {
    let sent = false;
    const { code, out } = await start(
      ['run', '--seeds', '100000', '--seconds', '60', '--jobs', '2', '--trace-dir', folder],
      (err, interrupt) => {
        if (sent || !err.includes('found by')) return;
        sent = true;
        interrupt();
      },
    );
    expect(code).toBe(130);
    expect(out).toMatch(/interrupted after \d+ of 100000 seeds, 0 of them failed\n$/u);
  }, 60_000);

  test('replays a plan of a file, with its trace', async () => {
    const raft = protocolNamed('raft');
    if (raft === undefined) throw new Error('raft is a protocol');
    const [plan, trace] = [join(folder, 'plan.json'), join(folder, 'run.jsonl')];
    writePlanFile(plan, {
      protocol: 'raft',
      workload: 'kv',
      commit: 'none',
      invariant: 'none',
      text: 'none',
      plan: planOf(raft, 5, 3),
    });
    const { code, err } = await start(['replay', '--plan', plan, '--trace', trace, '--trace-format', 'jsonl']);
    expect(err).toMatch(/no claim was broken; the cluster ended live\n$/u);
    expect(code).toBe(0);
    const lines = readFileSync(trace, 'utf8').trimEnd().split('\n');
    const whats = new Set(lines.map((line) => (JSON.parse(line) as { readonly what: string }).what));
    for (const what of ['start', 'role', 'append', 'durable', 'commit']) expect(whats).toContain(what);
  }, 60_000);
});

describe('threads', () => {
  const broken = (): WorkerPool => new WorkerPool(1, new URL('fixtures/throwing-worker.mjs', import.meta.url));
  const task = { kind: 'seed', protocol: 'raft', workload: 'kv', seconds: 1, twice: false, traceDirectory: 'nowhere' } as const;

  test('that throw or end are replaced, and their seeds have failed', async () => {
    const pool = broken();
    const answers = [await pool.run({ ...task, seed: 2 }), await pool.run({ ...task, seed: 3 })];
    const failures = answers.flatMap((answer) => (answer?.kind === 'seed' ? answer.failures : []));
    expect(failures).toMatchObject([
      { seed: 2, invariant: 'process', text: expect.stringContaining('seed 2 threw') as string },
      { seed: 3, invariant: 'process', text: 'its thread ended with exit code 7' },
    ]);
    await pool.close();
  });

  test('do nothing any more once they are closed', async () => {
    const pool = broken();
    await pool.close();
    expect(await pool.run({ ...task, seed: 1 })).toBeUndefined();
  });
});
