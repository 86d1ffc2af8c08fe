import type { Operation } from './operation.ts';

/**
 * The calls and returns of the operations that a search has not placed yet, by time, in a doubly linked list that gives an
 * operation back exactly where it was (Lowe 2017, after Wing & Gong 1993). Operation `i` has the entries `i`, its call, and
 * `count + i`, its return; the entry `2 * count` is both ends.
 */
export class EntryList {
  readonly next: Int32Array;
  private readonly previous: Int32Array;
  private readonly count: number;
  readonly end: number;

  /** The operations must have returned. */
  constructor(operations: readonly Operation<unknown, unknown>[]) {
    this.count = operations.length;
    this.end = 2 * this.count;
    this.next = new Int32Array(this.end + 1);
    this.previous = new Int32Array(this.end + 1);
    // What was called at the moment of another's return counts as concurrent with it: calls come first.
    const times = new Float64Array(this.end);
    for (const [place, operation] of operations.entries()) {
      times[place] = operation.call;
      times[this.count + place] = operation.return;
    }
    const order = Array.from({ length: this.end }, (_, entry) => entry);
    order.sort(
      (a, b) => (times[a] as number) - (times[b] as number) || Number(a >= this.count) - Number(b >= this.count) || a - b,
    );
    let last = this.end;
    for (const entry of order) {
      this.next[last] = entry;
      this.previous[entry] = last;
      last = entry;
    }
    this.next[last] = this.end;
    this.previous[this.end] = last;
  }

  /** Takes the call and the return of an operation out. */
  lift(operation: number): void {
    const { next, previous } = this;
    for (let entry = operation; entry < this.end; entry += this.count) {
      next[previous[entry] as number] = next[entry] as number;
      previous[next[entry] as number] = previous[entry] as number;
    }
  }

  /** Puts back what was lifted last. */
  restore(operation: number): void {
    const { next, previous } = this;
    for (let entry = operation + this.count; entry >= 0; entry -= this.count) {
      next[previous[entry] as number] = entry;
      previous[next[entry] as number] = entry;
    }
  }

  /** The first return that is left: whatever was called after it cannot be placed before its operation. */
  firstReturn(): number {
    let entry = this.next[this.end] as number;
    while (entry < this.count) entry = this.next[entry] as number;
    return entry;
  }
}
