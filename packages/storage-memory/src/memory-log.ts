import { at, lastOf, payloadBytes, sameEpoch, sliceEntries } from '@quorate/interface';
import type { EntryBatch, EpochRun, Index, IndexRange } from '@quorate/interface';

/** Entries by position: disjoint runs in rising order, sharing the bytes that were appended. */
export interface MemoryLog {
  /** The lowest position that is kept. */
  readonly below: Index;
  /** The highest position, 0 where there is none. */
  readonly last: Index;
  /** The newest entry of a position wins. */
  put(run: EntryBatch): void;
  truncate(from: Index): void;
  /** Never falls. */
  compact(below: Index): void;
  /** The runs of a range, cut to it. */
  slice(range: IndexRange): EntryBatch[];
  epochs(): EpochRun[];
  /** Bytes of payload that are kept. */
  bytes(): number;
}

/** An empty log. */
export function createMemoryLog(): MemoryLog {
  return new Runs();
}

class Runs implements MemoryLog {
  below = 1;
  #runs: EntryBatch[] = [];
  // Compacted runs in front of this are gone; they are cut off now and then, all at once.
  #start = 0;

  get last(): Index {
    return this.#runs.length === this.#start ? 0 : lastOf(at(this.#runs, this.#runs.length - 1));
  }

  put(run: EntryBatch): void {
    if (run.count === 0 || lastOf(run) < this.below) return;
    const kept = run.first < this.below ? sliceEntries(run, this.below, lastOf(run)) : run;
    if (kept.first > this.last) {
      this.#runs.push(kept);
      return;
    }
    const place = this.#find(kept.first);
    const behind: EntryBatch[] = [];
    let end = place;
    for (; end < this.#runs.length && at(this.#runs, end).first <= lastOf(kept); end++) {
      const old = at(this.#runs, end);
      if (old.first < kept.first) behind.push(sliceEntries(old, old.first, kept.first - 1));
      if (lastOf(old) > lastOf(kept)) behind.push(kept, sliceEntries(old, lastOf(kept) + 1, lastOf(old)));
    }
    if (!behind.includes(kept)) behind.push(kept);
    this.#runs.splice(place, end - place, ...behind);
  }

  truncate(from: Index): void {
    while (this.last >= from && this.last > 0) {
      const run = at(this.#runs, this.#runs.length - 1);
      this.#runs.pop();
      if (run.first < from) this.#runs.push(sliceEntries(run, run.first, from - 1));
    }
  }

  compact(below: Index): void {
    if (below <= this.below) return;
    this.below = below;
    while (this.#start < this.#runs.length && lastOf(at(this.#runs, this.#start)) < below) this.#start++;
    const first = this.#runs[this.#start];
    if (first !== undefined && first.first < below) this.#runs[this.#start] = sliceEntries(first, below, lastOf(first));
    if (this.#start * 2 < this.#runs.length) return;
    this.#runs = this.#runs.slice(this.#start);
    this.#start = 0;
  }

  slice({ from, to }: IndexRange): EntryBatch[] {
    const found: EntryBatch[] = [];
    for (let place = this.#find(from); place < this.#runs.length; place++) {
      const run = at(this.#runs, place);
      if (run.first > to) break;
      found.push(sliceEntries(run, Math.max(run.first, from), Math.min(lastOf(run), to)));
    }
    return found;
  }

  epochs(): EpochRun[] {
    const found: EpochRun[] = [];
    for (const run of this.#runs.slice(this.#start)) {
      const before = found.at(-1);
      if (before !== undefined && before.to + 1 === run.first && sameEpoch(before.epoch, run.epoch))
        found[found.length - 1] = { from: before.from, to: lastOf(run), epoch: run.epoch };
      else found.push({ from: run.first, to: lastOf(run), epoch: run.epoch });
    }
    return found;
  }

  bytes(): number {
    let bytes = 0;
    for (const run of this.#runs.slice(this.#start)) bytes += payloadBytes(run);
    return bytes;
  }

  /** The place of the first run that reaches `index`. */
  #find(index: Index): number {
    let low = this.#start;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (lastOf(at(this.#runs, middle)) < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
