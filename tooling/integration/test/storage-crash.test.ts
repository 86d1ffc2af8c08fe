import { describe, expect, it } from 'vitest';
import { crc32, isFailure } from '@quorate/interface';
import type { Failure, SnapshotMeta, SnapshotWriter, Storage } from '@quorate/interface';
import { createChance, soundDisk } from '@quorate/simulator';
import { reopened, work } from './fixtures/storage-work.ts';
import { emptyModel, placeOf, snapshotMeta, StoredMember, Watch } from './fixtures/stored-member.ts';
import type { Model } from './fixtures/stored-member.ts';

// The production storage over a simulated disk. The journal's own tests cover what one fault does to it; here the whole storage meets
// the end of its process at every moment, and a machine that does what machines do.

/** The first life of a member, up to its `stop`-th event. Returns how many events it had. */
function firstLife(member: StoredMember, seed: number, stop: number): { models: Model[]; watch: Watch; events: number } {
  const models: Model[] = [emptyModel];
  const watch = new Watch();
  const random = createChance(seed).stream(0);
  const storage = member.boot();
  member.identify(storage, (identity) => {
    if (isFailure(identity)) throw new Error(identity.text);
    watch.attach(storage.journal);
    storage.journal.open((recovered) => {
      if (isFailure(recovered)) throw new Error(recovered.text);
      work(storage, models, random, 40);
    });
  });
  let events = 0;
  while (events < stop && member.scheduler.step(60_000)) events++;
  return { models, watch, events };
}

describe('a member that ends after any disk operation', () => {
  it.each([4_096, 8_192, 65_536])(
    'holds a prefix with all that it reported durable, after a kill and then a power loss (segments of %i)',
    (segmentBytes) => {
      const { events } = firstLife(new StoredMember(1, { segmentBytes }), 1, Number.POSITIVE_INFINITY);
      expect(events).toBeGreaterThan(100);
      for (let stop = 0; stop <= events; stop++)
        for (const how of ['power', 'kill'] as const) {
          const about = `${how} after event ${stop} of ${events}`;
          const member = new StoredMember(1_000 + stop, { segmentBytes });
          const first = firstLife(member, 1, stop);
          member.end(how);
          const watch = new Watch();
          const { life, model } = reopened(member, first.models.slice(first.watch.durable), watch, about);
          const models = [model];
          work(life.storage, models, createChance(stop).stream(1), 3);
          member.settle();
          expect(watch.durable, about).toBe(3);
          member.end('power');
          reopened(member, models.slice(watch.durable), new Watch(), `${about}, then a power loss`);
        }
    },
  );
});

describe('a member on a bad disk', () => {
  it('recovers a prefix in every life: syncs fail, writes are short, sectors tear, power goes (40 members of 6 lives)', () => {
    let failures = 0;
    let torn = 0;
    let lost = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const faults = Object.assign(soundDisk(), { shortWrites: 0.1, tornSectors: 0.3 });
      Object.assign(faults.sync, { ms: 1, spreadMs: 5 });
      Object.assign(faults.write, { ms: 0, spreadMs: 1 });
      const member = new StoredMember(seed, { segmentBytes: [4_096, 8_192, 65_536][seed % 3] ?? 4_096, medium: { faults } });
      const random = createChance(seed).stream(0);
      let models: readonly Model[] = [emptyModel];
      for (let life = 0; life < 6; life++) {
        const about = `seed ${seed}, life ${life}`;
        const watch = new Watch();
        const { life: started, model } = reopened(member, models, watch, about);
        const growing = [model];
        if (random() < 0.5)
          faults.syncFault = { kind: random() < 0.5 ? 'clean' : 'reverted', after: 1 + Math.floor(random() * 30), path: 'data/' };
        work(started.storage, growing, random, 25);
        const steps = Math.floor(random() * 150);
        for (let step = 0; step < steps; step++) member.scheduler.step(member.scheduler.nowMs + 1_000);
        faults.syncFault = undefined;
        expect(watch.failures.length, about).toBeLessThanOrEqual(1);
        for (const { code } of watch.failures) expect(code).toBe('E_DISK_IO');
        failures += watch.failures.length;
        member.end(random() < 0.5 ? 'kill' : 'power');
        models = growing.slice(watch.durable);
      }
      const { counts, sparesTail } = member.medium.report();
      expect(sparesTail).toBe(true);
      torn += counts.sectorTorn;
      lost += counts.sectorLost;
    }
    // The test would prove nothing if nothing ever happened.
    expect(failures).toBeGreaterThan(20);
    expect(torn).toBeGreaterThan(20);
    expect(lost).toBeGreaterThan(200);
  });

  it('refuses by name a start on a disk whose syncs fail, and starts on the next sound one with everything', () => {
    for (let after = 1; after <= 12; after++) {
      const member = new StoredMember(after, { segmentBytes: 8_192 });
      const { models, watch } = firstLife(member, 1, Number.POSITIVE_INFINITY);
      member.end('kill');
      member.faults.syncFault = { kind: after % 2 === 0 ? 'clean' : 'reverted', after };
      const result = member.open();
      // Its own syncs: two directories, the identity and its name, the names of the segments, the copy of the last one and its name.
      if (after <= 7) expect(result, `sync ${after}`).toMatchObject({ failure: true, code: 'E_DISK_IO', exit: 74 });
      else expect(isFailure(result), `sync ${after}`).toBe(false);
      member.faults.syncFault = undefined;
      member.end('power');
      reopened(member, models.slice(watch.durable), new Watch(), `after a start whose sync ${after} failed`);
    }
  });

  it('stops by name when the disk is full, eats nothing by restarts, and goes on when space returns', () => {
    let stopped = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const member = new StoredMember(seed, { segmentBytes: 8_192 });
      const about = `seed ${seed}`;
      const random = createChance(seed).stream(0);
      const watch = new Watch();
      const { life, model } = reopened(member, [emptyModel], watch, about);
      const models = [model];
      member.faults.freeBytes = 2_000 + Math.floor(random() * 25_000);
      work(life.storage, models, random, 80);
      member.settle();
      if (watch.failures.length > 0) {
        stopped++;
        expect(watch.failures).toMatchObject([{ code: 'E_DISK_FULL', exit: 74 }]);
        expect(watch.durable).toBeLessThan(80);
      }
      let free = Number.NEGATIVE_INFINITY;
      for (let restart = 0; restart < 4; restart++) {
        member.end('kill');
        const again = member.open();
        if (isFailure(again)) expect(again).toMatchObject({ code: 'E_DISK_FULL', exit: 74 });
        member.settle();
        if (restart === 0) free = member.faults.freeBytes;
        else expect(member.faults.freeBytes, `${about}, restart ${restart}`).toBeGreaterThanOrEqual(free);
      }
      member.end('power');
      member.faults.freeBytes = Number.POSITIVE_INFINITY;
      const later = new Watch();
      const next = reopened(member, models.slice(watch.durable), later, `${about}, when space returned`);
      work(next.life.storage, [next.model], random, 5);
      member.settle();
      expect(later.durable).toBe(5);
    }
    expect(stopped).toBeGreaterThan(6);
  });

  it('does not take an unreadable range for the end, nor a missing right for an empty directory', () => {
    const member = new StoredMember(1, { segmentBytes: 8_192 });
    const { models, watch } = firstLife(member, 1, Number.POSITIVE_INFINITY);
    member.end('kill');
    const image = member.medium.image();
    const { faults, medium } = member;
    const bad: readonly { code: string; begin: () => void; end: () => void }[] = [
      ...medium
        .paths()
        .filter((path) => path.endsWith('.seg') || path.endsWith('identity'))
        .map((path) => ({
          code: 'E_DISK_IO',
          begin: () => void faults.unreadable.push({ path, from: 0, to: 64 }),
          end: () => void faults.unreadable.pop(),
        })),
      { code: 'E_DISK_FILES', begin: () => void (faults.openFiles = 0), end: () => void (faults.openFiles = 1_000) },
      { code: 'E_DISK_ACCESS', begin: () => void (faults.readOnly = true), end: () => void (faults.readOnly = false) },
    ];
    expect(bad.length).toBeGreaterThan(4);
    for (const { code, begin, end } of bad) {
      begin();
      expect(member.open()).toMatchObject({ failure: true, code, exit: 74 });
      end();
      member.end('kill');
      reopened(member, models.slice(watch.durable), new Watch(), `after ${code}`);
      member.end('kill');
      member.restore(image);
    }
  });
});

describe('damage', () => {
  const refusals =
    /^E_(?:JOURNAL_CORRUPT: .*file data\/journal\/\d{16}\.seg, offset \d+|JOURNAL_(?:MISSING|FOREIGN): .*data\/journal|IDENTITY_DAMAGED: .*data\/identity|VERSION: )/u;

  /** What a start on the damaged medium comes to. Anything but the refusal by name and the whole truth is an error. */
  function outcome(member: StoredMember, truth: Model, about: string): 'refused' | 'harmless' {
    const result = member.open();
    if (isFailure(result)) {
      expect(`${result.code}: ${result.text}`, about).toMatch(refusals);
      return 'refused';
    }
    const seen = member.observe(result);
    if (isFailure(seen)) {
      expect(`${seen.code}: ${seen.text}`, about).toMatch(refusals);
      return 'refused';
    }
    expect(placeOf([truth], seen), `${about}: a wrong answer`).toBe(0);
    return 'harmless';
  }

  it('of one bit, anywhere but in what the newest sync of a segment wrote, is refused by file and offset or is harmless', () => {
    const outcomes = { refused: 0, harmless: 0 };
    for (const seed of [1, 2, 3]) {
      const member = new StoredMember(seed, { segmentBytes: 8_192 });
      const { models } = firstLife(member, seed, Number.POSITIVE_INFINITY);
      member.end('kill');
      const image = member.medium.image();
      for (let flip = 0; flip < 150; flip++) {
        member.restore(image);
        const rot = member.medium.rot();
        if (rot === undefined) throw new Error('nothing rotted');
        outcomes[outcome(member, models.at(-1) ?? emptyModel, JSON.stringify({ seed, rot }))]++;
        member.end('kill');
      }
    }
    expect(outcomes.refused).toBeGreaterThan(100);
    expect(outcomes.harmless).toBeGreaterThan(50);
  });

  it.each(['lost', 'misdirected'] as const)('by a %s write is refused once later batches stand on it, or is harmless', (kind) => {
    const outcomes = { refused: 0, harmless: 0 };
    for (let seed = 1; seed <= 60; seed++) {
      const member = new StoredMember(seed, { segmentBytes: 65_536, medium: { sectorBytes: 512 } });
      const watch = new Watch();
      const { life, model } = reopened(member, [emptyModel], watch, `seed ${seed}`);
      const models = [model];
      const random = createChance(seed).stream(0);
      member.faults.syncFault = { kind, after: 1 + (seed % 30), path: 'data/journal/' };
      work(life.storage, models, random, 40);
      member.settle();
      expect(watch.durable).toBe(40);
      member.faults.syncFault = undefined;
      member.end('power');
      outcomes[outcome(member, models.at(-1) ?? emptyModel, `seed ${seed}, ${kind}`)]++;
    }
    expect(outcomes.refused).toBeGreaterThan(10);
  });

  it('of a snapshot is found by the read, or the snapshot is none', () => {
    const bytes = Uint8Array.from({ length: 150_000 }, (_, i) => i % 251);
    const outcomes = new Set<string>();
    for (let seed = 1; seed <= 40; seed++) {
      const member = new StoredMember(seed, { segmentBytes: 8_192 });
      reopened(member, [emptyModel], new Watch(), 'the first start');
      member.end('kill');
      const { storage } = reopened(member, [emptyModel], new Watch(), 'the second start').life;
      expect(isFailure(written(member, storage, { index: 5, bytes, resume: false }))).toBe(false);
      // Half of them in what follows the bytes: checksums, meta, footer.
      expect(member.medium.rot('data/snapshots', seed % 2 === 0 ? undefined : bytes.length + 7 * seed)).toBeDefined();
      outcomes.add(found(member, storage, bytes));
    }
    expect(outcomes).toEqual(new Set(['none', 'E_SNAP_DAMAGED']));
  });
});

/** Writes a whole snapshot and answers what `finish` did. */
function written(
  member: StoredMember,
  storage: Storage,
  { index, bytes, resume }: { index: number; bytes: Uint8Array; resume: boolean },
): SnapshotMeta | Failure {
  const writer = member.ask<SnapshotWriter | Failure>((done) =>
    storage.snapshots.writer(snapshotMeta(index, bytes.length), resume, done),
  );
  if (writer === undefined || isFailure(writer)) throw new Error('no writer');
  expect(writer.offset).toBeLessThanOrEqual(bytes.length);
  const failed = member.ask<Failure | undefined>((done) => writer.write(bytes.subarray(writer.offset), done));
  expect(failed).toBeUndefined();
  const result = member.ask<SnapshotMeta | Failure>((done) => writer.finish(crc32(bytes, 0), done));
  if (result === undefined) throw new Error('no result');
  return result;
}

/** What the store makes of the one snapshot: `none`, `whole`, or the failure of its reading. Wrong bytes are an error. */
function found(member: StoredMember, storage: Storage, bytes: Uint8Array): string {
  const metas = member.ask<readonly SnapshotMeta[] | Failure>((done) => storage.snapshots.list(done));
  if (metas === undefined || isFailure(metas)) throw new Error('no list');
  const [meta] = metas;
  if (meta === undefined) return 'none';
  const data = member.ask<Uint8Array | Failure>((done) => storage.snapshots.read(meta.id, 0, bytes.length + 1, done));
  if (isFailure(data)) return data.code;
  expect(Buffer.compare(data ?? Buffer.of(), bytes), 'wrong bytes of a snapshot').toBe(0);
  return 'whole';
}

describe('a snapshot that a crash interrupts', () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 7) % 253);

  /** Writes it in chunks up to the `stop`-th event. True: `finish` had answered. */
  function interrupted(member: StoredMember, storage: Storage, stop: number): { finished: boolean; events: number } {
    let finished = false;
    storage.snapshots.writer(snapshotMeta(9, bytes.length), false, (writer) => {
      if (isFailure(writer)) throw new Error(writer.text);
      const more = (): void => {
        if (writer.offset < bytes.length) writer.write(bytes.subarray(writer.offset, writer.offset + 9_000), more);
        else
          writer.finish(crc32(bytes, 0), (result) => {
            finished = !isFailure(result);
          });
      };
      more();
    });
    let events = 0;
    while (events < stop && member.scheduler.step(member.scheduler.nowMs + 1_000)) events++;
    return { finished, events };
  }

  it('is there whole or not at all, and can be resumed', () => {
    const seen = { none: 0, whole: 0, again: 0 };
    const whole = new StoredMember(0, { segmentBytes: 8_192 });
    const { events } = interrupted(whole, reopened(whole, [emptyModel], new Watch(), 'a start').life.storage, 1_000);
    for (let stop = 0; stop <= events; stop++)
      for (const how of ['kill', 'power'] as const) {
        const member = new StoredMember(stop, {
          segmentBytes: 8_192,
          medium: { faults: Object.assign(soundDisk(), { tornSectors: 0.3 }) },
        });
        const first = reopened(member, [emptyModel], new Watch(), 'the first start').life;
        const run = interrupted(member, first.storage, stop);
        member.end(how);
        const { storage } = reopened(member, [emptyModel], new Watch(), 'the second start').life;
        const state = found(member, storage, bytes);
        expect(['none', 'whole']).toContain(state);
        if (run.finished) expect(state).toBe('whole');
        seen[state === 'whole' ? 'whole' : 'none']++;
        let result = written(member, storage, { index: 9, bytes, resume: true });
        if (isFailure(result)) {
          // Bytes that the crash left wrong: found, removed and fetched again.
          expect(result.code).toBe('E_SNAP_CHECKSUM');
          seen.again++;
          result = written(member, storage, { index: 9, bytes, resume: true });
        }
        expect(isFailure(result)).toBe(false);
        expect(found(member, storage, bytes)).toBe('whole');
      }
    expect(seen.none).toBeGreaterThan(5);
    expect(seen.whole).toBeGreaterThan(0);
    expect(seen.again).toBeGreaterThan(0);
  });
});

describe('the lock of a data directory', () => {
  it('keeps a second process out, and falls to the next one when its holder dies', () => {
    const member = new StoredMember(1, { segmentBytes: 8_192 });
    reopened(member, [emptyModel], new Watch(), 'the first start');
    const second = member.beside();
    expect(member.ask((done) => member.identify(second, done))).toMatchObject({ code: 'E_DATA_LOCKED', exit: 78 });
    member.end('kill');
    reopened(member, [emptyModel], new Watch(), 'the next start');
    expect(member.medium.report().counts.lockTakenOver).toBe(1);
  });
});
