import { compareEpochs, invariant } from '@quorate/interface';
import type { EntryKind, EpochRun, Index } from '@quorate/interface';

/** Consecutive entries of one record, and where they lie. `from` … `to` is what is still valid of `first` … `first + count − 1`. */
export interface Row {
  readonly from: Index;
  readonly to: Index;
  readonly first: Index;
  readonly count: number;
  readonly round: number;
  readonly owner: number;
  readonly kind: EntryKind;
  readonly generation: number;
  /** Offsets in the segment. */
  readonly head: number;
  readonly payload: number;
  readonly payloadBytes: number;
}

/** Which record holds each position of the log: 88 bytes per record, nothing per entry. */
export interface LogIndex {
  /** The lowest position that is kept. */
  readonly below: Index;
  /** The highest position, 0 where there is none. */
  readonly last: Index;
  /** The newest record of a position wins. */
  put(row: Row): void;
  /** Forgets everything from `from` on. */
  truncate(from: Index): void;
  /** Forgets everything below. Never falls. */
  compact(below: Index): void;
  /** The place of the first row that reaches `index` or lies above it; `count` where there is none. */
  find(index: Index): number;
  readonly count: number;
  row(place: number): Row;
  runs(): EpochRun[];
  /** The oldest segment that holds anything; undefined for an empty log. */
  oldestGeneration(): number | undefined;
}

const kinds: readonly EntryKind[] = ['command', 'noop', 'config'];
const width = 11;
const column = { from: 0, to: 1, generation: 7 } as const;

/** An empty index. */
export function createLogIndex(): LogIndex {
  return new Rows();
}

class Rows implements LogIndex {
  below = 1;
  count = 0;
  // Rows `start` … `start + count − 1`, sorted by position and disjoint. Compaction moves `start`; growth moves rows to the front.
  #cells = new Float64Array(64 * width);
  #start = 0;

  get last(): Index {
    return this.count === 0 ? 0 : this.#cell(this.count - 1, column.to);
  }

  put(row: Row): void {
    invariant(row.from <= row.to && row.from >= row.first, 'an empty row');
    let place = this.count;
    if (row.from <= this.last) place = this.#clear(row.from, row.to);
    this.#insert(place, row);
    if (row.to < this.below || row.from < this.below) this.#dropBelow();
  }

  truncate(from: Index): void {
    while (this.count > 0 && this.last >= from) {
      const place = this.count - 1;
      if (this.#cell(place, column.from) >= from) this.count--;
      else this.#setCell(place, column.to, from - 1);
    }
  }

  compact(below: Index): void {
    if (below <= this.below) return;
    this.below = below;
    this.#dropBelow();
  }

  find(index: Index): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#cell(middle, column.to) < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  row(place: number): Row {
    invariant(place >= 0 && place < this.count, 'no such row');
    const base = (this.#start + place) * width;
    const cell = (i: number): number => this.#cells[base + i] as number;
    return {
      from: cell(0),
      to: cell(1),
      first: cell(2),
      count: cell(3),
      round: cell(4),
      owner: cell(5),
      kind: kinds[cell(6)] as EntryKind,
      generation: cell(7),
      head: cell(8),
      payload: cell(9),
      payloadBytes: cell(10),
    };
  }

  runs(): EpochRun[] {
    const runs: EpochRun[] = [];
    for (let place = 0; place < this.count; place++) {
      const { from, to, round, owner } = this.row(place);
      const epoch = { round, owner };
      const before = runs.at(-1);
      if (before !== undefined && before.to + 1 === from && compareEpochs(before.epoch, epoch) === 0)
        runs[runs.length - 1] = { from: before.from, to, epoch: before.epoch };
      else runs.push({ from, to, epoch });
    }
    return runs;
  }

  oldestGeneration(): number | undefined {
    let oldest = Number.POSITIVE_INFINITY;
    for (let place = 0; place < this.count; place++) oldest = Math.min(oldest, this.#cell(place, column.generation));
    return this.count === 0 ? undefined : oldest;
  }

  /** Takes `from` … `to` out of the rows and returns the place where a row of these positions belongs. */
  #clear(from: Index, to: Index): number {
    let place = this.find(from);
    if (place === this.count) return place;
    const lowest = this.#cell(place, column.from);
    if (lowest < from) {
      const old = this.row(place);
      this.#setCell(place, column.to, from - 1);
      place++;
      if (old.to > to) this.#insert(place, { ...old, from: to + 1 });
    }
    let end = place;
    while (end < this.count && this.#cell(end, column.to) <= to) end++;
    if (end > place) this.#remove(place, end);
    if (place < this.count && this.#cell(place, column.from) <= to) this.#setCell(place, column.from, to + 1);
    return place;
  }

  #insert(place: number, row: Row): void {
    if ((this.#start + this.count + 1) * width > this.#cells.length) this.#grow();
    const base = (this.#start + place) * width;
    if (place < this.count) this.#cells.copyWithin(base + width, base, (this.#start + this.count) * width);
    const cells = this.#cells;
    cells[base] = row.from;
    cells[base + 1] = row.to;
    cells[base + 2] = row.first;
    cells[base + 3] = row.count;
    cells[base + 4] = row.round;
    cells[base + 5] = row.owner;
    cells[base + 6] = kinds.indexOf(row.kind);
    cells[base + 7] = row.generation;
    cells[base + 8] = row.head;
    cells[base + 9] = row.payload;
    cells[base + 10] = row.payloadBytes;
    this.count++;
  }

  #remove(place: number, end: number): void {
    const base = this.#start * width;
    this.#cells.copyWithin(base + place * width, base + end * width, base + this.count * width);
    this.count -= end - place;
  }

  #dropBelow(): void {
    while (this.count > 0 && this.#cell(0, column.to) < this.below) {
      this.#start++;
      this.count--;
    }
    if (this.count === 0) this.#start = 0;
    else if (this.#cell(0, column.from) < this.below) this.#setCell(0, column.from, this.below);
  }

  #grow(): void {
    const used = this.#cells.subarray(this.#start * width, (this.#start + this.count) * width);
    const roomy = this.count * 2 * width <= this.#cells.length;
    const cells = roomy ? this.#cells : new Float64Array(this.#cells.length * 2);
    if (roomy) cells.copyWithin(0, this.#start * width, (this.#start + this.count) * width);
    else cells.set(used);
    this.#cells = cells;
    this.#start = 0;
  }

  #cell(place: number, i: number): number {
    return this.#cells[(this.#start + place) * width + i] as number;
  }

  #setCell(place: number, i: number, value: number): void {
    this.#cells[(this.#start + place) * width + i] = value;
  }
}
