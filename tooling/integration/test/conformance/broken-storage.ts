import type { StorageHarness } from '@quorate/conformance/storage';
import { isFailure } from '@quorate/interface';
import type { Journal, SnapshotStore, SnapshotWriter, Storage } from '@quorate/interface';
import { memoryMedium, memoryStorage } from '@quorate/storage-memory';

/** One broken promise: what it does to a storage in memory whose writes are durable at the end of the turn. */
export interface BrokenStorage {
  readonly what: string;
  readonly storage?: (inner: Storage, world: World) => Partial<Storage>;
  readonly journal?: (inner: Journal, world: World) => Partial<Journal>;
  readonly snapshots?: (inner: SnapshotStore) => Partial<SnapshotStore>;
  readonly writer?: (inner: SnapshotWriter) => Partial<Pick<SnapshotWriter, 'offset' | 'write' | 'finish'>>;
  /** Cases that must be red, among others. */
  readonly red: readonly string[];
}

/** What a broken storage may do that none can. */
export interface World {
  /** Ends the owner's life behind its back, and the lock with it. */
  unlock(): void;
  later(run: () => void): void;
  /** Stays over restarts. */
  readonly memory: Map<string, unknown>;
}

/** A place that keeps its promises but for one. */
export function brokenPlace(broken: BrokenStorage): StorageHarness {
  const medium = memoryMedium();
  const due: (() => void)[] = [];
  const host = { endOfTurn: (run: () => void): void => void due.push(run) };
  const world: World = { unlock: () => medium.crash(), later: (run) => void due.push(run), memory: new Map() };
  return {
    storage: () => decorated(memoryStorage({ medium, host, sync: 'turn' }), broken, world),
    crash: () => Promise.resolve(medium.crash()),
    step: () => Promise.resolve(due.shift()?.()),
    async until(condition, what) {
      for (let i = 0; i < 10_000 && !condition() && due.length > 0; i++) due.shift()?.();
      if (!condition()) throw new Error(`it never came true that ${what}`);
    },
    close: () => Promise.resolve(),
  };
}

function decorated(inner: Storage, broken: BrokenStorage, world: World): Storage {
  let journal: Journal | undefined;
  let snapshots: SnapshotStore | undefined;
  const whole: Omit<Storage, 'journal' | 'snapshots'> = {
    open: (expected, done) => inner.open(expected, done),
    rememberPeer: (peer, diskId, done) => inner.rememberPeer(peer, diskId, done),
    close: (done) => inner.close(done),
  };
  return {
    ...whole,
    ...broken.storage?.(inner, world),
    get journal() {
      return (journal ??= journalOf(inner.journal, broken, world));
    },
    get snapshots() {
      return (snapshots ??= { ...snapshotsOf(inner.snapshots, broken), ...broken.snapshots?.(inner.snapshots) });
    },
  };
}

function journalOf(inner: Journal, broken: BrokenStorage, world: World): Journal {
  const whole: Journal = {
    open: (done) => inner.open(done),
    append: (batch) => inner.append(batch),
    flush: () => inner.flush(),
    onDurable: () => undefined,
    onFailure: () => undefined,
    read: (range, maxBytes, done) => inner.read(range, maxBytes, done),
    grownBytes: () => inner.grownBytes(),
    stats: () => inner.stats(),
    close: (done) => inner.close(done),
  };
  const journal: Journal = { ...whole, ...broken.journal?.(inner, world) };
  inner.onDurable = (write) => journal.onDurable(write);
  inner.onFailure = (failed) => journal.onFailure(failed);
  return journal;
}

function snapshotsOf(inner: SnapshotStore, broken: BrokenStorage): SnapshotStore {
  return {
    list: (done) => inner.list(done),
    writer: (meta, resume, done) =>
      inner.writer(meta, resume, (found) => done(isFailure(found) ? found : writerOf(found, broken))),
    read: (id, offset, maxBytes, done) => inner.read(id, offset, maxBytes, done),
    removeAllBut: (ids) => inner.removeAllBut(ids),
  };
}

function writerOf(inner: SnapshotWriter, broken: BrokenStorage): SnapshotWriter {
  const changed = broken.writer?.(inner) ?? {};
  return {
    get offset() {
      return changed.offset ?? inner.offset;
    },
    write: (chunk, done) => (changed.write === undefined ? inner.write(chunk, done) : changed.write(chunk, done)),
    finish: (checksum, done) => (changed.finish === undefined ? inner.finish(checksum, done) : changed.finish(checksum, done)),
    abort: () => inner.abort(),
  };
}
