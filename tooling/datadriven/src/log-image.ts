import { crc32, packPayloads, payloadOf, placeEntries, sameEpoch } from '@quorate/interface';
import type { EntryBatch, EntryKind, Epoch, EpochRun, Index, JournalBatch, Recovered, SnapshotMeta } from '@quorate/interface';

/** One position of a log. */
export interface StoredEntry {
  readonly index: Index;
  readonly kind: EntryKind;
  readonly epoch: Epoch;
  readonly payload: Uint8Array;
}

/** True when both are the same entry of the same epoch. */
export function sameEntry(a: StoredEntry, b: StoredEntry): boolean {
  return a.kind === b.kind && sameEpoch(a.epoch, b.epoch) && sameBytes(a.payload, b.payload);
}

/** True when both hold the same bytes. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || (a.length === b.length && a.every((byte, place) => byte === b[place]));
}

/** What a journal holds after some batches: the meaning of {@link JournalBatch}, written down naively. */
export class LogImage {
  #entries = new Map<Index, StoredEntry>();
  #hardState: Uint8Array | undefined;
  #snapshot: SnapshotMeta | undefined;
  #commit = 0;
  #compactBelow = 0;

  clone(): LogImage {
    const copy = new LogImage();
    copy.#entries = new Map(this.#entries);
    copy.#hardState = this.#hardState;
    copy.#snapshot = this.#snapshot;
    copy.#commit = this.#commit;
    copy.#compactBelow = this.#compactBelow;
    return copy;
  }

  /** In the order that the contract gives: mark, truncation, entries; the newest record of a position wins. */
  apply(batch: JournalBatch): void {
    if (batch.snapshotMark !== undefined) {
      this.#snapshot = batch.snapshotMark;
      this.#commit = Math.max(this.#commit, batch.snapshotMark.index);
    }
    const { truncateFrom } = batch;
    if (truncateFrom !== undefined) {
      for (const index of this.#entries.keys()) if (index >= truncateFrom) this.#entries.delete(index);
    }
    for (const run of batch.entries) {
      for (let index = run.first; index < run.first + run.count; index++) {
        this.#entries.set(index, { index, kind: run.kind, epoch: run.epoch, payload: payloadOf(run, index) });
      }
    }
    if (batch.hardState !== undefined) this.#hardState = batch.hardState.slice();
    this.#compactBelow = Math.max(this.#compactBelow, batch.compactBelow ?? 0);
    this.#commit = Math.max(this.#commit, batch.commit);
  }

  /** Drops what is below `index`; returns how many entries went. */
  compact(index: Index): number {
    const before = this.#entries.size;
    for (const place of this.#entries.keys()) if (place < index) this.#entries.delete(place);
    return before - this.#entries.size;
  }

  entryAt(index: Index): StoredEntry | undefined {
    return this.#entries.get(index);
  }

  /** Below or at the snapshot, and no longer here. */
  isCompacted(index: Index): boolean {
    return !this.#entries.has(index) && index <= (this.#snapshot?.index ?? 0);
  }

  get snapshot(): SnapshotMeta | undefined {
    return this.#snapshot;
  }

  get commit(): Index {
    return this.#commit;
  }

  get hardState(): Uint8Array | undefined {
    return this.#hardState;
  }

  get compactBelow(): Index {
    return this.#compactBelow;
  }

  /** All entries in rising order. */
  entries(): StoredEntry[] {
    return [...this.#entries.values()].sort((a, b) => a.index - b.index);
  }

  /** The entries of a range, in order, up to `maxBytes` but at least one; holes are left out. */
  read(from: Index, to: Index, maxBytes: number): EntryBatch[] {
    const found: StoredEntry[] = [];
    let bytes = 0;
    for (let index = from; index <= to; index++) {
      const entry = this.#entries.get(index);
      if (entry === undefined) continue;
      bytes += entry.payload.length;
      if (found.length > 0 && bytes > maxBytes) break;
      found.push(entry);
    }
    return batchesOf(found);
  }

  /** What a core is started from. */
  recovered(): Recovered {
    const entries = this.entries();
    return {
      hardState: this.#hardState?.slice(),
      snapshot: this.#snapshot,
      commit: this.#commit,
      runs: runsOf(entries),
      tail: batchesOf(entries.filter(({ index }) => index > this.#commit)),
      configs: batchesOf(entries.filter(({ kind }) => kind === 'config')),
      damaged: [],
    };
  }
}

function runsOf(entries: readonly StoredEntry[]): EpochRun[] {
  const runs: { from: Index; to: Index; epoch: Epoch }[] = [];
  for (const { index, epoch } of entries) {
    const last = runs.at(-1);
    if (last !== undefined && last.to === index - 1 && sameEpoch(last.epoch, epoch)) last.to = index;
    else runs.push({ from: index, to: index, epoch });
  }
  return runs;
}

function batchesOf(entries: readonly StoredEntry[]): EntryBatch[] {
  const groups: StoredEntry[][] = [];
  for (const entry of entries) {
    const last = groups.at(-1)?.at(-1);
    const goes =
      last !== undefined && last.index === entry.index - 1 && last.kind === entry.kind && sameEpoch(last.epoch, entry.epoch);
    if (goes) groups.at(-1)?.push(entry);
    else groups.push([entry]);
  }
  return groups.map(batchOf);
}

function batchOf(group: readonly StoredEntry[]): EntryBatch {
  const [head] = group as [StoredEntry, ...StoredEntry[]];
  const payloads = packPayloads(
    group.map(({ payload }) => payload),
    (bytes) => crc32(bytes, 0),
  );
  return placeEntries(payloads, head.index, head.epoch, head.kind);
}
