import { SampleWindow } from './sample-window.ts';

/**
 * When heartbeats are expected, learned from those that came: NFD-E (Chen, Toueg, Aguilera 2002, §6.3). Heartbeat i is sent at i·η of its
 * sender's clock, so that A_i − i·η is its delay and what the clocks differ by; EA_i is the mean of those, plus i·η.
 */
export class ArrivalEstimate {
  readonly #intervalMs: number;
  readonly #offsets: SampleWindow;
  #last = -Infinity;

  constructor(intervalMs: number, window: number) {
    this.#intervalMs = intervalMs;
    this.#offsets = new SampleWindow(window);
  }

  /**
   * The place of a heartbeat in its sender's schedule. Where the sender does not say it, the nearest place that its arrival fits is
   * assumed: counting arrivals would be late forever after one that was lost, or after a sender that stood still.
   */
  placeOf(atMs: number, sequence: number | undefined): number {
    if (sequence !== undefined) return sequence;
    return this.#offsets.count === 0 ? 0 : Math.round((atMs - this.#offsets.mean) / this.#intervalMs);
  }

  /** EA of a place; undefined before the first arrival. */
  expected(place: number): number | undefined {
    return this.#offsets.count === 0 ? undefined : this.#offsets.mean + place * this.#intervalMs;
  }

  /** Answers EA of the heartbeat after the newest one. One whose place is taken teaches nothing. */
  arrived(place: number, atMs: number, counts: boolean): number {
    if (this.isNewer(place)) {
      if (counts || this.#offsets.count === 0) this.#offsets.add(atMs - place * this.#intervalMs);
      this.#last = place;
    }
    return this.#offsets.mean + (this.#last + 1) * this.#intervalMs;
  }

  /** Whether nothing of this place or a later one has come yet. */
  isNewer(place: number): boolean {
    return place > this.#last;
  }
}
