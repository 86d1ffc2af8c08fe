import { at, invariant } from '@quorate/interface';

/** A moment at which something is to run. */
export interface Deadline {
  readonly deadlineMs: number;
  /** Equal moments run in the order they were asked for. */
  readonly order: number;
  readonly run: () => void;
  /** The place in the heap, -1 outside of it. */
  place: number;
  cancelled: boolean;
}

/** A binary heap of deadlines, earliest first, from which any of them can be taken out. */
export class DeadlineHeap {
  readonly #items: Deadline[] = [];

  get size(): number {
    return this.#items.length;
  }

  first(): Deadline | undefined {
    return this.#items[0];
  }

  add(item: Deadline): void {
    this.#items.push(item);
    this.#up(item, this.#items.length - 1);
  }

  remove(item: Deadline): void {
    const place = item.place;
    if (place < 0) return;
    invariant(this.#items[place] === item, 'a deadline is not where it believes to be');
    item.place = -1;
    const last = this.#items.pop();
    invariant(last !== undefined, 'the heap is empty');
    if (last === item) return;
    this.#up(last, place);
    this.#down(last, last.place);
  }

  #up(item: Deadline, from: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      const above = at(this.#items, parent);
      if (isBefore(above, item)) break;
      this.#put(above, place);
      place = parent;
    }
    this.#put(item, place);
  }

  #down(item: Deadline, from: number): void {
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#items.length) break;
      if (child + 1 < this.#items.length && isBefore(at(this.#items, child + 1), at(this.#items, child))) child++;
      const below = at(this.#items, child);
      if (isBefore(item, below)) break;
      this.#put(below, place);
      place = child;
    }
    this.#put(item, place);
  }

  #put(item: Deadline, place: number): void {
    this.#items[place] = item;
    item.place = place;
  }
}

function isBefore(a: Deadline, b: Deadline): boolean {
  return a.deadlineMs < b.deadlineMs || (a.deadlineMs === b.deadlineMs && a.order < b.order);
}
