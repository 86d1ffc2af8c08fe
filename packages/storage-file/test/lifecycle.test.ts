import { describe, expect, it } from 'vitest';
import { failure, isFailure } from '@quorate/interface';
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
    // The marker of an orderly stop would tell the next life that nothing is in doubt (rule 5).
    expect(disk.paths()).not.toContain('data/journal/clean');
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

describe('names', () => {
  it.each([
    ['data', '.'],
    ['/data/', '/'],
    ['var/lib/data', 'var/lib'],
  ])('that of the directory %s is made durable in %s before the start says who the member is', (directory, parent) => {
    const disk = deferredDisk();
    const synced: string[] = [];
    const sync = disk.syncDirectory.bind(disk);
    disk.syncDirectory = (path, done) => sync(path, () => done(void synced.push(path)));
    let before: readonly string[] | undefined;
    const host = { monotonicMs: (): number => 0, endOfTurn: (): void => undefined, at: () => ({ cancel: () => undefined }) };
    fileStorage({ directory, disk, host }).open(expected, () => {
      before = [...synced];
    });
    disk.run();
    expect(before).toContain(parent);
    expect(before).toContain(directory);
  });

  it.each([
    ['E_DISK_ACCESS', undefined],
    ['E_DISK_IO', 'E_DISK_IO'],
  ])('a parent whose sync fails with %s: %s', (code, expectedCode) => {
    const disk = deferredDisk();
    const sync = disk.syncDirectory.bind(disk);
    disk.syncDirectory = (path, done) => (path === '.' ? done(failure(code, 'no.', 74)) : sync(path, done));
    let result: Identity | Failure | undefined;
    storageOn(disk).open(expected, (opened) => {
      result = opened;
    });
    disk.run();
    expect(isFailure(result) ? result.code : undefined).toBe(expectedCode);
  });

  it('that of a segment which an earlier life did not make durable is, before a batch in it is reported', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const disk = new SimDisk({ random: seeded(seed), deferred: true });
      simJournal(disk).open(() => undefined);
      // The rename is done, the sync of the directory is not.
      runUntil(disk, () => disk.paths().some((path) => path.endsWith('.seg')));
      disk.crash('kill');
      const journal = simJournal(disk);
      openNow(disk, journal);
      const durable: number[] = [];
      journal.onDurable = (write) => durable.push(write);
      journal.append({ entries: [entries(1, ['a'])], commit: 0 });
      journal.flush();
      disk.run();
      expect(durable).toEqual([1]);
      disk.crash('power');
      expect(openNow(disk, simJournal(disk))).toMatchObject({ runs: [{ from: 1, to: 1 }] });
    }
  });
});

describe('a full disk', () => {
  it('holds no half of a small file', () => {
    const disk = deferredDisk();
    const storage = openStorage(disk);
    const before = disk.paths();
    disk.capacity = 0;
    for (const path of before) disk.capacity += disk.content(path).length;
    disk.capacity += 20;
    const failures: unknown[] = [];
    storage.rememberPeer(7, 'disk-7', (failed) => failures.push(failed));
    disk.run();
    expect(failures).toMatchObject([{ code: 'E_DISK_FULL' }]);
    expect(disk.paths()).toEqual(before);
  });
});

describe('a segment that is no longer needed', () => {
  it('is not given away under a read that began before', () => {
    const disk = deferredDisk();
    const journal = simJournal(disk);
    openNow(disk, journal);
    const append = (index: number, texts: readonly string[]): void => {
      journal.append({ entries: [entries(index, texts)], commit: index, compactBelow: index });
      journal.flush();
      disk.run();
    };
    // Larger than a segment, so that its own is removed rather than recycled.
    append(
      1,
      Array.from({ length: 100 }, () => 'x'.repeat(1_000)),
    );
    const held: (() => void)[] = [];
    const read = disk.read.bind(disk);
    disk.read = (file, offset, bytes, done) => read(file, offset, bytes, (data) => held.push(() => done(data)));
    const answers: unknown[] = [];
    journal.read({ from: 1, to: 100 }, 5_000, (result) => answers.push(result));
    disk.run();
    for (let index = 101; index < 106; index++) append(index, ['y'.repeat(30_000)]);
    while (held.length > 0) {
      for (const done of held.splice(0)) done();
      disk.run();
    }
    expect(answers).toEqual(['compacted']);
    const before = disk.paths().length;
    append(106, ['z']);
    expect(disk.paths().length).toBeLessThan(before);
  });
});

describe('a power failure', () => {
  it('gives no incarnation twice: it is durable, with its name, before the member hears of it', () => {
    const disk = new SimDisk({ random: seeded(3), deferred: true });
    const seen: unknown[] = [];
    for (let life = 1; life <= 20; life++) {
      storageOn(disk).open(expected, (identity) => seen.push(isFailure(identity) ? identity.code : identity.incarnation));
      disk.run();
      disk.crash('power');
    }
    expect(seen).toEqual(Array.from({ length: 20 }, (_, life) => life + 1));
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
