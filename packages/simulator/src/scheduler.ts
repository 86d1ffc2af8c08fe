import { invariant } from '@quorate/interface';

/** Something that will happen at a virtual time. */
export interface Scheduled {
  cancel(): void;
}

/** Virtual time: nothing happens between two events, and equal runs make equal events in equal order. */
export interface Scheduler {
  /** Milliseconds since the start of the world, with fractions. */
  readonly nowMs: number;
  /** Runs at `atMs`, or now's end where that is past; events of one instant run in the order they were asked for. */
  at(atMs: number, run: () => void): Scheduled;
}

class Event implements Scheduled {
  readonly atMs: number;
  readonly order: number;
  /** Undefined once it ran or was cancelled. */
  run: (() => void) | undefined;

  constructor(atMs: number, order: number, run: () => void) {
    this.atMs = atMs;
    this.order = order;
    this.run = run;
  }

  cancel(): void {
    this.run = undefined;
  }
}

/** The one clock that everything of a world follows: a binary heap of events. */
export class VirtualTime implements Scheduler {
  nowMs = 0;
  /** Events that ran. */
  events = 0;
  private readonly heap: Event[] = [];
  private order = 0;

  at(atMs: number, run: () => void): Scheduled {
    invariant(!Number.isNaN(atMs), 'a time is a number');
    const event = new Event(atMs < this.nowMs ? this.nowMs : atMs, this.order++, run);
    this.push(event);
    return event;
  }

  /** Runs the next event; false where there is none up to `limitMs`, at which time then stands. */
  step(limitMs: number): boolean {
    for (;;) {
      const next = this.heap[0];
      if (next === undefined || next.atMs > limitMs) {
        if (Number.isFinite(limitMs) && limitMs > this.nowMs) this.nowMs = limitMs;
        return false;
      }
      this.pop();
      const { run } = next;
      if (run === undefined) continue;
      invariant(next.atMs >= this.nowMs, 'time never falls');
      this.nowMs = next.atMs;
      next.run = undefined;
      this.events += 1;
      run();
      return true;
    }
  }

  /** Lets everything happen up to a time. */
  runUntil(limitMs: number): void {
    while (this.step(limitMs));
  }

  private push(event: Event): void {
    const { heap } = this;
    let place = heap.length;
    heap.push(event);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent] as Event;
      if (!before(event, above)) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = event;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop() as Event;
    const { length } = heap;
    if (length === 0) return;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= length) break;
      if (child + 1 < length && before(heap[child + 1] as Event, heap[child] as Event)) child += 1;
      const below = heap[child] as Event;
      if (!before(below, last)) break;
      heap[place] = below;
      place = child;
    }
    heap[place] = last;
  }
}

function before(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
