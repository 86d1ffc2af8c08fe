import { lastOf, payloadOf, sameEpoch, sliceEntries } from '@quorate/interface';
import type { EntryBatch, EpochRun, Index, JournalBatch, Recovered, SnapshotMeta, WriteNumber } from '@quorate/interface';
import { fingerprint } from '../difference.ts';
import { expectPresent } from '../expectation.ts';

/** What a journal holds, kept one entry at a time, so that it can be read off without trust in a core's own view. */
export interface DiskContents {
  readonly entries: Map<Index, EntryBatch>;
  snapshot: SnapshotMeta | undefined;
  hardState: Uint8Array | undefined;
  commit: Index;
  compactBelow: Index;
}

/** The disk of one member: a journal with a boundary between written and durable. */
export class ModelDisk {
  /** What a crash leaves. */
  readonly durable: DiskContents = { entries: new Map(), snapshot: undefined, hardState: undefined, commit: 0, compactBelow: 0 };
  /** As if everything that was handed out were durable. */
  latest: DiskContents = copyOf(this.durable);
  private pending: JournalBatch[] = [];
  private synced: WriteNumber = 0;

  append(batch: JournalBatch): void {
    applyBatch(this.latest, batch);
    this.pending.push(batch);
  }

  get unsynced(): number {
    return this.pending.length;
  }

  /** Makes the oldest `count` batches durable; returns the number of the newest. */
  sync(count: number = this.pending.length): WriteNumber {
    for (const batch of this.pending.splice(0, count)) {
      applyBatch(this.durable, batch);
      this.synced++;
    }
    return this.synced;
  }

  /** The oldest `kept` batches that were not synced survive by luck, the rest is gone. Numbers begin anew. */
  crash(kept: number): void {
    this.sync(Math.min(kept, this.pending.length));
    this.pending = [];
    this.synced = 0;
    this.latest = copyOf(this.durable);
  }

  recover(): Recovered {
    const { entries, snapshot, hardState, commit } = this.durable;
    const held = [...entries.keys()].sort((a, b) => a - b).map((index) => entryAt(this.durable, index));
    const runs: EpochRun[] = [];
    for (const { first, epoch } of held) {
      const newest = runs.at(-1);
      if (newest !== undefined && newest.to === first - 1 && sameEpoch(newest.epoch, epoch))
        runs[runs.length - 1] = { ...newest, to: first };
      else runs.push({ from: first, to: first, epoch });
    }
    const committed = Math.max(commit, snapshot?.index ?? 0);
    const tail = held.filter(({ first }) => first > committed);
    const configs = held.filter(({ kind }) => kind === 'config');
    return { hardState, snapshot, commit: committed, runs, tail, configs, damaged: [] };
  }

  /** Entries from a position on, as a journal reads them. */
  read(from: Index, to: Index, maxBytes: number): readonly EntryBatch[] | 'compacted' {
    if (from < this.latest.compactBelow) return 'compacted';
    const found: EntryBatch[] = [];
    let bytes = 0;
    for (let index = from; index <= to; index++) {
      const entry = this.latest.entries.get(index);
      if (entry === undefined) continue;
      bytes += entry.ends[0] ?? 0;
      if (found.length > 0 && bytes > maxBytes) break;
      found.push(entry);
    }
    return found;
  }
}

/** One entry, which must be there. */
export function entryAt(contents: DiskContents, index: Index): EntryBatch {
  return expectPresent(contents.entries.get(index), `entry ${index} is on this member's disk`);
}

/** An entry as a text: kind and payload. Two members that apply the same have the same texts. */
export function textOf(entry: EntryBatch, index: Index): string {
  return `${entry.kind} ${entry.kind === 'noop' ? '' : fingerprint(payloadOf(entry, index))}`;
}

function copyOf(contents: DiskContents): DiskContents {
  return { ...contents, entries: new Map(contents.entries) };
}

function applyBatch(contents: DiskContents, batch: JournalBatch): void {
  const { snapshotMark, truncateFrom, entries, hardState, commit, compactBelow } = batch;
  if (snapshotMark !== undefined) contents.snapshot = snapshotMark;
  if (truncateFrom !== undefined) deleteWhere(contents.entries, (index) => index >= truncateFrom);
  for (const run of entries)
    for (let index = run.first; index <= lastOf(run); index++) contents.entries.set(index, sliceEntries(run, index, index));
  if (hardState !== undefined) contents.hardState = hardState;
  contents.commit = Math.max(contents.commit, commit);
  if (compactBelow === undefined || compactBelow <= contents.compactBelow) return;
  contents.compactBelow = compactBelow;
  deleteWhere(contents.entries, (index) => index < compactBelow);
}

function deleteWhere(entries: Map<Index, EntryBatch>, isGone: (index: Index) => boolean): void {
  for (const index of entries.keys()) if (isGone(index)) entries.delete(index);
}
