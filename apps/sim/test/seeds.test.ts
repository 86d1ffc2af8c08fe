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
  /** The key-value store where it is left out. */
  readonly workload?: string;
  readonly seed: number;
  readonly seconds: number;
  readonly why: string;
}

// A reproducible minute: seeds that failed once, and some that every commit has for itself. Threads need the build.
const pool = new WorkerPool(2, new URL('../dist/campaign/worker.js', import.meta.url));
const fixed = JSON.parse(readFileSync(new URL('seeds.json', import.meta.url), 'utf8')) as readonly FixedSeed[];
const { commit } = checkoutOf(fileURLToPath(new URL('.', import.meta.url)));
const firstOfCommit = commit === 'unknown' ? 1000 : Number.parseInt(commit.slice(0, 10), 16);
/** How many seeds each protocol and service has of a commit's own. */
const shares = [
  ['raft', 'kv', 4],
  ['multi-paxos', 'kv', 4],
  ['zab', 'kv', 4],
  ['raft', 'lock', 2],
  ['multi-paxos', 'lock', 2],
  ['zab', 'lock', 2],
] as const;
const secondsOfCommit = 10;

/** All of them are asked for at once and wait for the two threads: the last one waits for all others. */
const allOfThemMs = 300_000;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-sim-test-'));
  process.stdout.write(
    `seeds of this commit: quorate-sim run --first-seed ${firstOfCommit} --seeds 4 --seconds ${secondsOfCommit}, for each protocol and workload\n`,
  );
});
afterAll(async () => {
  await pool.close();
  rmSync(folder, { recursive: true });
});

async function run({ protocol = 'raft', workload = 'kv', seed, seconds }: Omit<FixedSeed, 'why'>): Promise<SeedAnswer> {
  const answer = await pool.run({
    kind: 'seed',
    protocol,
    workload,
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
    async (fixedSeed) => {
      expect((await run(fixedSeed)).failures).toEqual([]);
    },
    allOfThemMs,
  );
});

describe.each(shares)('seeds of this commit: %s, %s', (protocol, workload, count) => {
  test.concurrent.each(Array.from({ length: count }, (_, place) => firstOfCommit + place))(
    `%i for ${secondsOfCommit} s`,
    async (seed) => {
      const { failures, committed } = await run({ protocol, workload, seed, seconds: secondsOfCommit });
      expect(failures).toEqual([]);
      expect(committed).toBeGreaterThan(0);
    },
    allOfThemMs,
  );
});
