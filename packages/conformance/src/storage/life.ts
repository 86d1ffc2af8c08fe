import { isFailure } from '@quorate/interface';
import type {
  EntryBatch,
  ExpectedIdentity,
  Failure,
  Identity,
  IndexRange,
  Journal,
  JournalBatch,
  Recovered,
  SnapshotStore,
  Storage,
  WriteNumber,
} from '@quorate/interface';
import { ConformanceFailure } from '../conformance-failure.ts';
import { fingerprint } from '../difference.ts';
import { expectEqual, expectThat } from '../expectation.ts';
import { sampleIdentity, textsOf } from './samples.ts';
import type { StorageHarness } from './storage-harness.ts';

/** The lives of one place, one after another. */
export class Place {
  readonly harness: StorageHarness;
  /** What was given away in batches, and what it was: it is shared, and never changed. */
  private readonly given: { readonly batch: JournalBatch; readonly fingerprint: string }[] = [];

  constructor(harness: StorageHarness) {
    this.harness = harness;
  }

  /** Answers of a call that completes by callback, once. */
  async answer<T>(what: string, call: (done: (result: T) => void) => void): Promise<T> {
    const results: T[] = [];
    call((result) => void results.push(result));
    await this.harness.until(() => results.length > 0, `${what} completes`);
    expectEqual(results.length, 1, `${what} completes once`);
    return results[0] as T;
  }

  /** Opens the storage, whatever comes of it. */
  open(storage: Storage, changes: Partial<ExpectedIdentity> = {}): Promise<Identity | Failure> {
    return this.answer('open', (done) => storage.open({ ...sampleIdentity, ...changes }, done));
  }

  /** A new life with an open journal. The one before has ended. */
  async start(changes: Partial<ExpectedIdentity> = {}): Promise<Life> {
    const storage = this.harness.storage();
    const identity = succeeded(await this.open(storage, changes), 'open');
    const life = new Life(this, storage, identity);
    life.recovered = succeeded(
      await this.answer<Recovered | Failure>('open of the journal', (done) => life.journal.open(done)),
      'open of the journal',
    );
    return life;
  }

  /** Ends the life by a crash and starts the next. */
  async restart(): Promise<Life> {
    await this.harness.crash();
    return this.start();
  }

  /** Long enough for whatever might happen without being asked. */
  async quiet(): Promise<void> {
    for (let i = 0; i < 60; i++) await this.harness.step();
  }

  note(batch: JournalBatch): void {
    this.given.push({ batch, fingerprint: fingerprint(batch) });
  }

  /** Fails where a batch was changed after it was handed over. */
  verify(): void {
    for (const { batch, fingerprint: before } of this.given)
      expectThat(fingerprint(batch) === before, 'the bytes of a batch are shared: the journal never changes them');
  }
}

/** One process life: its storage, open, and what its journal reported. */
export class Life {
  readonly place: Place;
  readonly storage: Storage;
  readonly identity: Identity;
  recovered!: Recovered;
  readonly durable: WriteNumber[] = [];
  readonly failures: Failure[] = [];
  /** Called from within `onDurable`. */
  onDurable: (write: WriteNumber) => void = () => undefined;

  constructor(place: Place, storage: Storage, identity: Identity) {
    this.place = place;
    this.storage = storage;
    this.identity = identity;
    this.journal.onDurable = (write) => {
      this.durable.push(write);
      this.onDurable(write);
    };
    this.journal.onFailure = (failed) => void this.failures.push(failed);
  }

  get journal(): Journal {
    return this.storage.journal;
  }

  get snapshots(): SnapshotStore {
    return this.storage.snapshots;
  }

  append(batch: Partial<JournalBatch>): WriteNumber {
    const whole: JournalBatch = { entries: [], commit: 0, ...batch };
    this.place.note(whole);
    return this.journal.append(whole);
  }

  isDurable(write: WriteNumber): boolean {
    return (this.durable.at(-1) ?? 0) >= write;
  }

  /** Appends, flushes, and waits until it is durable. */
  async write(batch: Partial<JournalBatch>): Promise<WriteNumber> {
    const number = this.append(batch);
    this.journal.flush();
    await this.place.harness.until(() => this.isDurable(number) || this.failures.length > 0, `write ${number} becomes durable`);
    expectEqual(this.failures, [], 'a healthy place fails no write');
    return number;
  }

  read(range: IndexRange, maxBytes = 1_000_000): Promise<readonly EntryBatch[] | 'compacted'> {
    return this.place
      .answer<readonly EntryBatch[] | 'compacted' | Failure>('read', (done) => this.journal.read(range, maxBytes, done))
      .then((result) => succeeded(result, 'read'));
  }

  /** Everything in a range, in as many reads as it takes. */
  async readAll(range: IndexRange, maxBytes = 1_000_000): Promise<Record<number, string> | 'compacted'> {
    const found: Record<number, string> = {};
    for (let { from } = range; from <= range.to;) {
      const entries = await this.read({ from, to: range.to }, maxBytes);
      if (entries === 'compacted') return entries;
      const texts = textsOf(entries);
      const positions = Object.keys(texts).map(Number);
      if (positions.length === 0) break;
      expectThat(Math.min(...positions) >= from && Math.max(...positions) <= range.to, 'a read stays within its range');
      Object.assign(found, texts);
      from = Math.max(...positions) + 1;
    }
    return found;
  }

  /** Closes the storage, in order. */
  async close(): Promise<void> {
    const failed = await this.place.answer<Failure | undefined>('close', (done) => this.storage.close(done));
    expectThat(failed === undefined, () => `close succeeds (got ${failed?.text})`);
  }
}

/** The result of a call that must succeed. */
export function succeeded<T>(result: T | Failure, what: string): T {
  if (isFailure(result)) throw new ConformanceFailure(`${what} succeeds (got ${result.code}: ${result.text})`);
  return result;
}

/** The failure of a call that must fail: it has a code, an exit, and says what to do. */
export function refused(result: unknown, what: string): Failure {
  if (!isFailure(result)) throw new ConformanceFailure(`${what} is refused`);
  expectThat(/^E_[A-Z_]+$/u.test(result.code), () => `a failure has a code (got ${result.code})`);
  expectThat(result.text.length > 10, () => `a failure has a text (got ${result.text})`);
  expectThat([64, 65, 70, 74, 78].includes(result.exit), () => `a failure has an exit code (got ${result.exit})`);
  return result;
}
