import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WorkerPool } from '../src/campaign/worker-pool.ts';
import type { SeedAnswer } from '../src/campaign/task.ts';
import { checkoutOf } from '../src/report/checkout.ts';

interface FixedSeed {
  /** Raft where it is left out. */
  readonly protocol?: string;
  readonly seed: number;
  readonly seconds: number;
  readonly why: string;
}

// A reproducible minute: seeds that failed once, and some that every commit has for itself. Threads need the build.
const pool = new WorkerPool(2, new URL('../dist/campaign/worker.js', import.meta.url));
const fixed = JSON.parse(readFileSync(new URL('seeds.json', import.meta.url), 'utf8')) as readonly FixedSeed[];
const { commit } = checkoutOf(fileURLToPath(new URL('.', import.meta.url)));
const firstOfCommit = commit === 'unknown' ? 1000 : Number.parseInt(commit.slice(0, 10), 16);
const ofCommit = Array.from({ length: 20 }, (_, place) => firstOfCommit + place);
const secondsOfCommit = 10;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-sim-test-'));
  process.stdout.write(
    `seeds of this commit: quorate-sim run --first-seed ${firstOfCommit} --seeds ${ofCommit.length} --seconds ${secondsOfCommit}\n`,
  );
});
afterAll(async () => {
  await pool.close();
  rmSync(folder, { recursive: true });
});

async function run(seed: number, seconds: number, protocol = 'raft'): Promise<SeedAnswer> {
  const answer = await pool.run({
    kind: 'seed',
    protocol,
    workload: 'kv',
    seed,
    seconds,
    twice: seed % 10 === 0,
    traceDirectory: folder,
  });
  if (answer?.kind !== 'seed') throw new Error('the pool was closed');
  return answer;
}

describe('seeds that failed once', () => {
  test.concurrent.each(fixed)(
    '$seed: $why',
    async ({ protocol, seed, seconds }) => {
      expect((await run(seed, seconds, protocol)).failures).toEqual([]);
    },
    60_000,
  );
});

describe('seeds of this commit', () => {
  test.concurrent.each(ofCommit)(
    `%i for ${secondsOfCommit} s`,
    async (seed) => {
      const { failures, committed } = await run(seed, secondsOfCommit);
      expect(failures).toEqual([]);
      expect(committed).toBeGreaterThan(0);
    },
    60_000,
  );
});
