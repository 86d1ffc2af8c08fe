import type { Host } from '@quorate/interface';

const shortestMs = 5;
const longestMs = 500;

/** How long to wait after refusals: twice as long each time, with jitter, so that refused clients do not come back together. */
export class Pause {
  readonly #host: Pick<Host, 'monotonicMs' | 'random'>;
  #refusals = 0;
  /** Monotonic milliseconds. */
  untilMs: number = -Infinity;

  constructor(host: Pick<Host, 'monotonicMs' | 'random'>) {
    this.#host = host;
  }

  refused(): void {
    const ms = Math.min(shortestMs * 2 ** this.#refusals, longestMs);
    this.#refusals++;
    this.untilMs = this.#host.monotonicMs() + ms * (0.5 + this.#host.random() / 2);
  }

  accepted(): void {
    this.#refusals = 0;
  }
}
