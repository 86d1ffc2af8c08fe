import { at, lastOf } from '@quorate/interface';
import type { Epoch, Index, JournalBatch, SnapshotMeta } from '@quorate/interface';

/** Kinds as small numbers. */
const kindNumbers = { command: 0, noop: 1, config: 2 } as const;

/** What a journal should hold, kept beside the real one: who, when and which bytes, without the bytes. */
export class ShadowLog {
  /** Round and owner of each entry's epoch, by index; -1: nothing there. */
  readonly rounds: number[] = [-1];
  readonly owners: number[] = [-1];
  /** CRC-32 of each payload, with the kind. */
  readonly sums: number[] = [-1];
  last: Index = 0;
  snapshot: SnapshotMeta | undefined;
  hardState: Uint8Array | undefined;
  compactBelow: Index = 0;
  commit: Index = 0;

  apply(batch: JournalBatch): void {
    const { snapshotMark, truncateFrom, hardState, compactBelow } = batch;
    if (snapshotMark !== undefined) this.mark(snapshotMark);
    if (truncateFrom !== undefined && truncateFrom <= this.last) this.truncate(truncateFrom);
    for (const run of batch.entries) {
      const { round, owner } = run.epoch;
      for (let place = 0; place < run.count; place++)
        this.put(run.first + place, { round, owner }, sumOf(at(run.checksums, place), run.kind));
      if (run.count > 0 && lastOf(run) > this.last) this.last = lastOf(run);
    }
    if (hardState !== undefined) this.hardState = hardState;
    if (compactBelow !== undefined && compactBelow > this.compactBelow) this.compactBelow = compactBelow;
    if (batch.commit > this.commit) this.commit = batch.commit;
  }

  /** Present, or below what a snapshot stands for. */
  holds(index: Index): boolean {
    return index <= (this.snapshot?.index ?? 0) || this.has(index);
  }

  has(index: Index): boolean {
    // What was compacted is no more: below a snapshot that was received, a slot may have held another value than the one that was chosen.
    return index > 0 && index >= this.compactBelow && index <= this.last && (this.rounds[index] ?? -1) >= 0;
  }

  clone(): ShadowLog {
    const copy = new ShadowLog();
    for (const name of ['rounds', 'owners', 'sums'] as const) copy[name].splice(0, copy[name].length, ...this[name]);
    return Object.assign(copy, {
      last: this.last,
      snapshot: this.snapshot,
      hardState: this.hardState,
      compactBelow: this.compactBelow,
      commit: this.commit,
    });
  }

  private put(index: Index, { round, owner }: Epoch, sum: number): void {
    while (this.rounds.length < index) {
      this.rounds.push(-1);
      this.owners.push(-1);
      this.sums.push(-1);
    }
    this.rounds[index] = round;
    this.owners[index] = owner;
    this.sums[index] = sum;
  }

  private mark(meta: SnapshotMeta): void {
    this.snapshot = meta;
    if (meta.index > this.commit) this.commit = meta.index;
    if (meta.index > this.last) this.last = meta.index;
  }

  private truncate(from: Index): void {
    for (let index = from; index < this.rounds.length; index++) this.rounds[index] = -1;
    this.last = Math.max(from - 1, this.snapshot?.index ?? 0);
  }
}

/** One number for a payload and its kind. */
export function sumOf(checksum: number, kind: 'command' | 'noop' | 'config'): number {
  return checksum * 4 + kindNumbers[kind];
}
