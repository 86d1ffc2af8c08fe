import { invariant } from '@quorate/interface';

/** A queue that takes and gives at both ends, in constant time. */
export class Deque<T> {
  #slots: (T | undefined)[] = Array.from({ length: 16 });
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get(place: number): T {
    invariant(place >= 0 && place < this.#length, 'no such place in the queue');
    return this.#slots[(this.#head + place) & (this.#slots.length - 1)] as T;
  }

  pushBack(item: T): void {
    if (this.#length === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#length) & (this.#slots.length - 1)] = item;
    this.#length++;
  }

  pushFront(item: T): void {
    if (this.#length === this.#slots.length) this.#grow();
    this.#head = (this.#head - 1) & (this.#slots.length - 1);
    this.#slots[this.#head] = item;
    this.#length++;
  }

  popFront(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#length--;
    return item;
  }

  popBack(): T | undefined {
    if (this.#length === 0) return undefined;
    this.#length--;
    const place = (this.#head + this.#length) & (this.#slots.length - 1);
    const item = this.#slots[place];
    this.#slots[place] = undefined;
    return item;
  }

  /** Drops what `keep` refuses; the order of the rest stays. */
  filter(keep: (item: T) => boolean): void {
    const count = this.#length;
    for (let i = 0; i < count; i++) {
      const item = this.popFront() as T;
      if (keep(item)) this.pushBack(item);
    }
  }

  #grow(): void {
    const slots: (T | undefined)[] = Array.from({ length: this.#slots.length * 2 });
    for (let i = 0; i < this.#length; i++) slots[i] = this.get(i);
    this.#slots = slots;
    this.#head = 0;
  }
}
