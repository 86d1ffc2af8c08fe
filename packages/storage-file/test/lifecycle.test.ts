import { describe, expect, it } from 'vitest';
import { isFailure } from '@quorate/interface';
import type { ExpectedIdentity, Failure, Identity, Recovered, Storage } from '@quorate/interface';
import { fileStorage } from '../src/index.ts';
import { sampleEntries as entries } from '@quorate/conformance/storage';
import { SimDisk, seeded } from './fixtures/sim-disk.ts';
import { openNow, simJournal } from './fixtures/subject.ts';

const expected: ExpectedIdentity = {
  clusterId: 'c1',
  member: 42,
  name: 'n1',
  protocol: 'raft',
  formatVersion: 1,
  newDiskId: 'disk-1',
};

function deferredDisk(): SimDisk {
  return new SimDisk({ random: seeded(1), deferred: true });
}

function storageOn(disk: SimDisk): Storage {
  const at = (_deadlineMs: number, run: () => void): { cancel(): void } => {
    disk.later(run);
    return { cancel: () => undefined };
  };
  const host = { monotonicMs: (): number => 0, endOfTurn: (run: () => void): void => disk.later(run), at };
  return fileStorage({ directory: 'data', disk, host, segmentBytes: 65_536 });
}

/** A storage with an open journal. */
function openStorage(disk: SimDisk): Storage {
  const storage = storageOn(disk);
  let recovered: Recovered | Failure | undefined;
  storage.open(expected, () => {
    storage.journal.open((result) => {
      recovered = result;
    });
  });
  disk.run();
  expect(recovered).toBeDefined();
  return storage;
}

function runUntil(disk: SimDisk, done: () => boolean): void {
  while (!done()) if (!disk.run(1) && !done()) throw new Error('the disk has nothing more to do');
}

function isLocked(disk: SimDisk): boolean {
  let locked = false;
  const probe = storageOn(disk);
  probe.open(expected, (result: Identity | Failure) => {
    locked = isFailure(result) && result.code === 'E_DATA_LOCKED';
  });
  // The answer of the lock comes before anything else that this start does.
  disk.run(2);
  return locked;
}

describe('the end of a life', () => {
  it('reports a last sync that failed while closing: no stop is orderly with that', () => {
    const disk = deferredDisk();
    const journal = simJournal(disk);
    openNow(disk, journal);
    let failures = 0;
    journal.onFailure = () => failures++;
    journal.append({ entries: [entries(1, ['a'])], commit: 0 });
    disk.failSyncIn = 1;
    journal.flush();
    const closed: (Failure | undefined)[] = [];
    journal.close((failed) => closed.push(failed));
    disk.run();
    expect(failures).toBe(1);
    expect(closed).toMatchObject([{ code: 'E_DISK_IO', exit: 74 }]);
  });

  it.each([false, true])('lets a read end that is under way (after a failure: %s)', (isFailed) => {
    const disk = deferredDisk();
    const journal = simJournal(disk);
    openNow(disk, journal);
    const texts = Array.from({ length: 100 }, (_, i) => `${i} ${'x'.repeat(1_000)}`);
    journal.append({ entries: [entries(1, texts)], commit: 0 });
    journal.flush();
    disk.run();
    if (isFailed) {
      disk.failSyncIn = 1;
      journal.append({ entries: [entries(101, ['a'])], commit: 0 });
      journal.flush();
      disk.run();
    }
    const results: unknown[] = [];
    journal.read({ from: 1, to: 100 }, 5_000, (result) => results.push(result));
    journal.close(() => undefined);
    disk.run();
    expect(results).toMatchObject([[{ first: 1 }]]);
  });

  it('waits for an opening that is under way: a repair must not go on without the lock', () => {
    const disk = deferredDisk();
    const first = openStorage(disk);
    first.journal.append({ entries: [entries(1, ['a'])], commit: 0 });
    first.journal.flush();
    disk.run();
    disk.crash('kill');

    const second = storageOn(disk);
    second.open(expected, () => second.journal.open(() => undefined));
    runUntil(disk, () => disk.paths().includes('data/journal/rewrite.tmp'));
    let closed = false;
    second.close(() => {
      closed = true;
    });
    runUntil(disk, () => closed);
    expect(disk.paths()).not.toContain('data/journal/rewrite.tmp');
    expect(disk.run(1)).toBe(false);
  });

  it('waits for the taking of the lock and the raising of the incarnation', () => {
    const disk = deferredDisk();
    const storage = storageOn(disk);
    storage.open(expected, () => undefined);
    disk.run(1);
    let closed = false;
    storage.close(() => {
      closed = true;
    });
    runUntil(disk, () => closed);
    disk.run();
    expect(isLocked(disk)).toBe(false);
  });

  it('waits for a peer that is being remembered: a later life has its own identity to write', () => {
    const disk = deferredDisk();
    const storage = openStorage(disk);
    const order: string[] = [];
    storage.rememberPeer(7, 'disk-7', () => order.push('remembered'));
    storage.rememberPeer(8, 'disk-8', () => order.push('remembered'));
    storage.close(() => order.push('closed'));
    disk.run();
    expect(order).toEqual(['remembered', 'remembered', 'closed']);
  });
});

describe('another size of segments', () => {
  it.each([
    ['smaller', 262_144, 65_536],
    ['larger', 65_536, 262_144],
  ])('%s than before is taken up after an unclean stop, again and again', (_name, before, after) => {
    const disk = deferredDisk();
    let index = 1;
    for (const segmentBytes of [before, after, after, before]) {
      const journal = simJournal(disk, { segmentBytes });
      const recovered = openNow(disk, journal);
      expect(isFailure(recovered) ? recovered : recovered.runs.at(-1)?.to).toBe(index === 1 ? undefined : index - 1);
      journal.append({ entries: [entries(index++, ['a'])], commit: 0 });
      journal.flush();
      disk.run();
      disk.crash('kill');
    }
  });
});
