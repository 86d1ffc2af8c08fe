import { at, failure, lastOf, packPayloads, payloadBytes, payloadOf, placeEntries, sameEpoch } from '@quorate/interface';
import type {
  EntryBatch,
  EpochRun,
  Failure,
  Index,
  IndexRange,
  Journal,
  JournalBatch,
  Recovered,
  WriteNumber,
} from '@quorate/interface';
import type { RecordFile } from './record-file.ts';

/** What an entry costs beside its payload, roughly. */
const headBytes = 32;

/** The whole log of a member in memory, and every batch in one file. It forgets in memory only: a toy. */
export class OneFileJournal implements Journal {
  onDurable: (write: WriteNumber) => void = () => undefined;
  onFailure: (failed: Failure) => void = () => undefined;
  readonly #file: () => RecordFile;
  readonly #entries: Map<Index, EntryBatch> = new Map();
  #hardState: Uint8Array | undefined;
  #snapshot: Recovered['snapshot'];
  #commit: Index = 0;
  #below: Index = 1;
  #grownBytes = 0;
  #queue: JournalBatch[] = [];
  #lastWrite: WriteNumber = 0;
  #wanted = false;
  #flushing = false;
  #isOver = false;

  constructor(file: () => RecordFile) {
    this.#file = file;
  }

  open(done: (result: Recovered | Failure) => void): void {
    const all = [...this.#entries.values()].sort((a, b) => a.first - b.first);
    done({
      hardState: this.#hardState,
      snapshot: this.#snapshot,
      commit: this.#commit,
      runs: runsOf(all),
      tail: all.filter(({ first }) => first > this.#commit),
      configs: all.filter(({ kind }) => kind === 'config'),
      damaged: [],
    });
  }

  append(batch: JournalBatch): WriteNumber {
    this.#queue.push(batch);
    return ++this.#lastWrite;
  }

  flush(): void {
    this.#wanted = true;
    // `onDurable` may append and flush again: then it is this loop that goes on, and only where it was asked to.
    if (this.#flushing) return;
    this.#flushing = true;
    while (this.#wanted && !this.#isOver) {
      this.#wanted = false;
      if (this.#queue.length > 0) this.#write(this.#queue.splice(0));
    }
    this.#flushing = false;
  }

  #write(batches: readonly JournalBatch[]): void {
    const write = this.#lastWrite;
    try {
      this.#file().append(batches.map((batch) => ({ batch })));
    } catch (error) {
      // What a failed sync left on the disk, nobody knows: no second try, and no completion ever again.
      this.#isOver = true;
      this.onFailure(failure('E_DISK', `the log cannot be written (${String(error)}). Look after the disk.`, 74));
      return;
    }
    for (const batch of batches) this.take(batch);
    this.onDurable(write);
  }

  /** A batch that is durable. The order of its parts is the contract's. */
  take(batch: JournalBatch): void {
    if (batch.snapshotMark !== undefined) {
      this.#snapshot = batch.snapshotMark;
      this.#commit = Math.max(this.#commit, batch.snapshotMark.index);
      this.#grownBytes = 0;
    }
    const { truncateFrom, compactBelow } = batch;
    if (truncateFrom !== undefined) this.#forget((index) => index >= truncateFrom);
    for (const run of batch.entries) {
      for (let index = run.first; index <= lastOf(run); index++) this.#entries.set(index, entryOf(run, index));
      this.#grownBytes += payloadBytes(run) + headBytes * run.count;
    }
    if (batch.hardState !== undefined) this.#hardState = batch.hardState;
    this.#commit = Math.max(this.#commit, batch.commit);
    if (compactBelow !== undefined) this.#below = Math.max(this.#below, compactBelow);
    this.#forget((index) => index < this.#below);
  }

  read(range: IndexRange, maxBytes: number, done: (entries: readonly EntryBatch[] | 'compacted' | Failure) => void): void {
    if (range.from < this.#below) return done('compacted');
    const found: EntryBatch[] = [];
    let left = maxBytes;
    for (let index = range.from; index <= range.to; index++) {
      const entry = this.#entries.get(index);
      if (entry === undefined) continue;
      left -= payloadBytes(entry);
      // At least one, however large: or the reader would ask for ever.
      if (left < 0 && found.length > 0) break;
      found.push(entry);
    }
    done(found);
  }

  grownBytes(): number {
    return this.#grownBytes;
  }

  stats(): Readonly<Record<string, number | string>> {
    return { writes: this.#lastWrite, grownBytes: this.#grownBytes };
  }

  close(done: (failed?: Failure) => void): void {
    this.flush();
    this.#isOver = true;
    done();
  }

  #forget(isGone: (index: Index) => boolean): void {
    for (const index of this.#entries.keys()) if (isGone(index)) this.#entries.delete(index);
  }
}

/** One entry of a run, as a run of its own. The bytes are shared. */
function entryOf(run: EntryBatch, index: Index): EntryBatch {
  const checksum = at(run.checksums, index - run.first);
  return placeEntries(
    packPayloads([payloadOf(run, index)], () => checksum),
    index,
    run.epoch,
    run.kind,
  );
}

function runsOf(entries: readonly EntryBatch[]): readonly EpochRun[] {
  const runs: EpochRun[] = [];
  for (const { first, epoch } of entries) {
    const run = runs.at(-1);
    if (run !== undefined && run.to + 1 === first && sameEpoch(run.epoch, epoch)) runs[runs.length - 1] = { ...run, to: first };
    else runs.push({ from: first, to: first, epoch });
  }
  return runs;
}
