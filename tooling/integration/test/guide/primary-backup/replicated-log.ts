import { countWithin, emptyRecovered, lastOf, payloadBytes, sliceEntries } from '@quorate/interface';
import type { EntryBatch, Epoch, EpochRun, Index, JournalBatch, Recovered, SnapshotMeta, WriteNumber } from '@quorate/interface';

const nowhere: Epoch = { round: 0, owner: 0 };

/** A member's log: what of it is in memory, and how far it is durable. Entries are never replaced. */
export class ReplicatedLog {
  commit: Index;
  applied: Index;
  first: Index;
  last: Index;
  durableLast: Index;
  snapshot: SnapshotMeta | undefined;
  /** The number of the newest write. */
  write: WriteNumber = 0;
  #runs: EntryBatch[];
  #epochs: EpochRun[];
  #bytes = 0;
  #pending: { -readonly [K in keyof JournalBatch]?: JournalBatch[K] } = {};
  #fresh: EntryBatch[] = [];
  readonly #flights: { readonly write: WriteNumber; readonly last: Index }[] = [];

  constructor(recovered: Recovered = emptyRecovered) {
    const { snapshot, commit, runs, tail } = recovered;
    this.snapshot = snapshot;
    this.commit = commit;
    this.applied = snapshot?.index ?? 0;
    this.first = runs[0]?.from ?? this.applied + 1;
    this.last = Math.max(this.applied, runs.at(-1)?.to ?? 0);
    this.durableLast = this.last;
    this.#epochs = [...runs];
    this.#runs = [...tail];
    for (const run of tail) this.#bytes += payloadBytes(run);
  }

  get lastEpoch(): Epoch {
    return this.epochAt(this.last);
  }

  epochAt(index: Index): Epoch {
    const run = this.#epochs.find(({ from, to }) => from <= index && index <= to);
    return run?.epoch ?? this.snapshot?.epoch ?? nowhere;
  }

  get uncommittedBytes(): number {
    let bytes = 0;
    for (const run of this.#runs) if (lastOf(run) > this.commit) bytes += payloadBytes(run);
    return bytes;
  }

  /** Entries right behind the last one; they are written with the next batch. */
  append(run: EntryBatch): void {
    this.#runs.push(run);
    this.#fresh.push(run);
    this.#epochs.push({ from: run.first, to: lastOf(run), epoch: run.epoch });
    this.#bytes += payloadBytes(run);
    this.last = lastOf(run);
  }

  /** A snapshot is durable here: it becomes the base of the log. */
  startAt(meta: SnapshotMeta): void {
    if (meta.index <= (this.snapshot?.index ?? 0)) return;
    this.snapshot = meta;
    this.#pending.snapshotMark = meta;
    this.#pending.compactBelow = meta.index + 1;
    this.#epochs = this.#epochs.filter(({ to }) => to > meta.index);
    this.first = meta.index + 1;
    this.last = Math.max(this.last, meta.index);
    this.commit = Math.max(this.commit, meta.index);
  }

  /** What must be written after this turn, if anything. The number of the write rises with it. */
  takeBatch(): JournalBatch | undefined {
    const entries = this.#fresh.splice(0).filter((run) => run.first >= this.first);
    const pending = this.#pending;
    if (entries.length === 0 && pending.snapshotMark === undefined) return undefined;
    this.#pending = {};
    this.write++;
    this.#flights.push({ write: this.write, last: this.last });
    return { ...pending, entries, commit: this.commit };
  }

  persisted(write: WriteNumber): void {
    while (this.#flights[0] !== undefined && this.#flights[0].write <= write) this.durableLast = this.#flights.shift()?.last ?? 0;
  }

  /** The write that must be durable before `index` may be spoken of. */
  gateOf(index: Index): WriteNumber {
    return index <= this.durableLast ? 0 : this.write;
  }

  cached(from: Index, maxBytes: number): EntryBatch | undefined {
    const run = this.#runs.find((one) => one.first <= from && from <= lastOf(one));
    if (run === undefined || from < this.first) return undefined;
    return sliceEntries(run, from, from + countWithin(run, from, maxBytes) - 1);
  }

  /** Forgets payloads that are committed and durable, the oldest first. */
  evict(memoryBytes: number): void {
    const known = Math.min(this.commit, this.durableLast);
    for (;;) {
      const [run] = this.#runs;
      if (run === undefined || lastOf(run) > known) return;
      if (this.#bytes <= memoryBytes && lastOf(run) >= this.first) return;
      this.#bytes -= payloadBytes(run);
      this.#runs.shift();
    }
  }
}
