import type { Failure } from './errors.ts';
import type { EntryBatch } from './entries.ts';
import type { SnapshotMeta } from './snapshot.ts';
import type { EpochRun, Index, IndexRange, WriteNumber } from './vocabulary.ts';

/** One atomic write: after a crash it happened entirely or not at all, and batches are recovered as a prefix. */
export interface JournalBatch {
  /** The base of the log from now on; the snapshot's file is already durable. Only marks are believed, never files. Applied before the rest. */
  readonly snapshotMark?: SnapshotMeta;
  /** Entries from here on are gone (Raft, ZAB). Applied before `entries`. */
  readonly truncateFrom?: Index;
  /** Any position, holes allowed. The newest record of a position wins and alone is believed. */
  readonly entries: readonly EntryBatch[];
  /** Opaque to everyone but the core. Absent: as before. */
  readonly hardState?: Uint8Array;
  /** Entries below may be dropped, lazily. */
  readonly compactBelow?: Index;
  /** A hint: everything up to here is committed and held here; recovery applies up to it. Never falls. */
  readonly commit: Index;
}

/** What a journal found when it was opened: never the whole log. */
export interface Recovered {
  readonly hardState: Uint8Array | undefined;
  readonly snapshot: SnapshotMeta | undefined;
  /** The highest `JournalBatch.commit`, or the snapshot's index. Entries up to here are applied at once. */
  readonly commit: Index;
  /** All entries from the highest `compactBelow` on, carried out or not, without payloads, in rising order; a gap is a hole. */
  readonly runs: readonly EpochRun[];
  /** The payloads above `commit`, in rising order. */
  readonly tail: readonly EntryBatch[];
  /** All entries of kind `config` above the compaction point, in rising order, whether committed or not. */
  readonly configs: readonly EntryBatch[];
  /** Not empty: the core withholds its votes for them or refuses to start. */
  readonly damaged: readonly IndexRange[];
}

/** What a member starts from that has never written anything. */
export const emptyRecovered: Recovered = Object.freeze({
  hardState: undefined,
  snapshot: undefined,
  commit: 0,
  runs: [],
  tail: [],
  configs: [],
  damaged: [],
});

/**
 * The durable log of one member of one group. Completions are callbacks; any of them may arrive before the call returns.
 * The journal shares the bytes of batches until they are durable, and never changes them.
 */
export interface Journal {
  open(done: (result: Recovered | Failure) => void): void;
  /** Queues a batch and numbers it 1, 2, 3 …; nothing is written before `flush`. */
  append(batch: JournalBatch): WriteNumber;
  /** One device write and one sync for everything queued. While a sync is in flight, batches gather for the next; it starts by itself. */
  flush(): void;
  /** Set by the owner before `open`. In order; `write` covers everything before it. */
  onDurable: (write: WriteNumber) => void;
  /** Set by the owner before `open`. Called once, after a failed write or sync; no completion follows it, ever. */
  onFailure: (failure: Failure) => void;
  /** Entries of the range, at most `maxBytes` of payload but at least one entry, checked against their checksums. */
  read(range: IndexRange, maxBytes: number, done: (entries: readonly EntryBatch[] | 'compacted' | Failure) => void): void;
  /** Bytes on disk above the newest snapshot mark: decides when the next snapshot is due. */
  grownBytes(): number;
  /** For metrics: plain numbers and short texts. */
  stats(): Readonly<Record<string, number | string>>;
  /** Finishes what is queued, then closes. */
  close(done: (failure?: Failure) => void): void;
}
