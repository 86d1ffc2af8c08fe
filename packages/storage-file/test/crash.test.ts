import { describe, expect, it } from 'vitest';
import { emptyJournalModel, matchesJournal, randomBatch } from '@quorate/conformance/storage';
import { isFailure } from '@quorate/interface';
import type { Failure } from '@quorate/interface';
import { observe } from './fixtures/observe.ts';
import { SimDisk, seeded } from './fixtures/sim-disk.ts';
import type { CrashKind, SimDiskOptions } from './fixtures/sim-disk.ts';
import { openNow, simJournal } from './fixtures/subject.ts';

interface Run {
  readonly seed: number;
  readonly kinds: readonly CrashKind[];
  readonly disk: Partial<SimDiskOptions>;
  /** Every life ends with a failed sync or write, if it lives long enough. */
  readonly failing?: 'sync' | 'write';
  readonly lives?: number;
}

/** Several lives of one journal, each ended at a random moment. Returns the refusal that ended them early, if there was one. */
function live(run: Run): { refusal?: Failure; torn: number; batches: number } {
  const random = seeded(run.seed);
  const disk = new SimDisk({ random, deferred: true, ...run.disk });
  // Every state that the journal may legally be in: the acknowledged one, and each one appended since.
  let models = [emptyJournalModel];
  let unique = 0;
  let torn = 0;
  for (let life = 0; life < (run.lives ?? 5); life++) {
    const reports: string[] = [];
    const journal = simJournal(disk, { reports });
    let acknowledged = 0;
    journal.onDurable = (write) => {
      acknowledged = write;
    };
    let failures = 0;
    journal.onFailure = () => {
      failures++;
    };
    const recovered = openNow(disk, journal);
    torn += reports.length;
    if (isFailure(recovered)) return { refusal: recovered, torn, batches: unique };
    const seen = observe(disk, journal, recovered);
    if (isFailure(seen)) throw new Error(seen.text);
    const found = models.findIndex((model) => matchesJournal(model, seen));
    expect(found, `seed ${run.seed}, life ${life}: not a prefix\n${JSON.stringify({ seen, models })}`).toBeGreaterThanOrEqual(0);
    models = [models[found] ?? emptyJournalModel];

    if (run.failing === 'sync') disk.failSyncIn = 1 + Math.floor(random() * 60);
    if (run.failing === 'write') disk.failWriteIn = 1 + Math.floor(random() * 60);
    let acknowledgedAtFailure: number | undefined;
    const steps = 5 + Math.floor(random() * 60);
    for (let step = 0; step < steps; step++) {
      const { batch, next } = randomBatch(models.at(-1) ?? emptyJournalModel, random, unique++);
      journal.append(batch);
      models.push(next);
      if (random() < 0.6) journal.flush();
      disk.run(Math.floor(random() * 6));
      if (failures > 0) acknowledgedAtFailure ??= acknowledged;
    }
    if (random() < 0.2 && failures === 0) {
      journal.close(() => undefined);
      disk.run(Math.floor(random() * 30));
    }
    expect(failures).toBeLessThanOrEqual(1);
    if (acknowledgedAtFailure !== undefined) expect(acknowledged).toBe(acknowledgedAtFailure);
    disk.failSyncIn = Number.POSITIVE_INFINITY;
    disk.failWriteIn = Number.POSITIVE_INFINITY;
    disk.crash(run.kinds[Math.floor(random() * run.kinds.length)] ?? 'power');
    models = models.slice(acknowledged);
  }
  return { torn, batches: unique };
}

const seeds = Array.from({ length: 80 }, (_, i) => 1 + i);

describe('after a crash, the journal holds a prefix with everything acknowledged', () => {
  it('when processes are killed', () => {
    for (const seed of seeds) expect(live({ seed, kinds: ['kill'], disk: {} }).refusal).toBeUndefined();
  });

  it('when the machine loses power and keeps the first of the unsynced sectors', () => {
    let torn = 0;
    for (const seed of seeds) {
      const result = live({ seed, kinds: ['power', 'kill'], disk: { shortWrites: 0.1, torn: 'prefix' } });
      expect(result.refusal).toBeUndefined();
      torn += result.torn;
    }
    // The test would prove nothing if no batch was ever torn.
    expect(torn).toBeGreaterThan(5);
  });

  it('when the machine keeps any of the unsynced sectors: a batch whose mark alone survived is refused, never guessed (rule 4)', () => {
    let refusals = 0;
    for (const seed of seeds) {
      const { refusal } = live({ seed, kinds: ['power'], disk: { torn: 'any' } });
      if (refusal === undefined) continue;
      refusals++;
      expect(refusal.code).toBe('E_JOURNAL_CORRUPT');
      expect(refusal.text).toMatch(/file data\/journal\/\d{16}\.seg, offset \d+, entries/u);
    }
    expect(refusals).toBeLessThan(seeds.length);
  });

  it('when a sync fails and the page cache afterwards shows what the disk does not hold (rule 5)', () => {
    for (const seed of seeds)
      expect(live({ seed, kinds: ['kill', 'power'], disk: { torn: 'prefix' }, failing: 'sync' }).refusal).toBeUndefined();
  });

  it('when a write fails after a part of it', () => {
    for (const seed of seeds)
      expect(live({ seed, kinds: ['kill', 'power'], disk: { torn: 'prefix' }, failing: 'write' }).refusal).toBeUndefined();
  });
});
