import { at, invariant } from '@quorate/interface';

/** Something with a deadline; the heap owns `key` and `place`. Begins with place −1: in no heap. */
export interface Timed {
  deadline: number;
  key: number;
  place: number;
}

/**
 * The earliest of many deadlines. One that moves later, which is what nearly every heartbeat does, costs nothing: the item keeps its
 * place under the old key, and is moved at most once each time that an old key comes to the front. So n items that are heard k times per
 * deadline cost O(log n) per deadline, not k times that.
 */
export class DeadlineHeap<Item extends Timed> {
  readonly #items: Item[] = [];

  add(item: Item): void {
    invariant(item.place === -1, 'an item is added to one heap, once');
    item.key = item.deadline;
    item.place = this.#items.length;
    this.#items.push(item);
    this.#rise(item);
  }

  /** Call it whenever `deadline` was written. */
  moved(item: Item): void {
    if (item.deadline >= item.key) return;
    item.key = item.deadline;
    this.#rise(item);
  }

  remove(item: Item): void {
    invariant(this.#items[item.place] === item, 'only what is inside is removed');
    const last = this.#items.pop();
    if (last !== undefined && last !== item) {
      last.place = item.place;
      this.#items[last.place] = last;
      this.#rise(last);
      this.#sink(last);
    }
    item.place = -1;
  }

  /** The item with the earliest deadline. */
  first(): Item | undefined {
    for (;;) {
      const top = this.#items[0];
      if (top === undefined || top.key === top.deadline) return top;
      top.key = top.deadline;
      this.#sink(top);
    }
  }

  #rise(item: Item): void {
    let place = item.place;
    while (place > 0) {
      const above = at(this.#items, (place - 1) >> 1);
      if (above.key <= item.key) break;
      this.#put(above, place);
      place = (place - 1) >> 1;
    }
    this.#put(item, place);
  }

  #sink(item: Item): void {
    let place = item.place;
    for (;;) {
      const below = this.#earlierChild(place);
      if (below === undefined || below.key >= item.key) break;
      const next = below.place;
      this.#put(below, place);
      place = next;
    }
    this.#put(item, place);
  }

  #earlierChild(place: number): Item | undefined {
    const left = this.#items[2 * place + 1];
    const right = this.#items[2 * place + 2];
    return right !== undefined && left !== undefined && right.key < left.key ? right : left;
  }

  #put(item: Item, place: number): void {
    this.#items[place] = item;
    item.place = place;
  }
}
