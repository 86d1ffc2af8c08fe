import type { Host } from '@quorate/interface';

/** One timer that is only ever brought forward: what it runs sees for itself what is due, and sets it again. */
export class Alarm {
  readonly #host: Pick<Host, 'at'>;
  readonly #run: () => void;
  #timer: { cancel(): void } | undefined;
  #deadlineMs = Infinity;

  constructor(host: Pick<Host, 'at'>, run: () => void) {
    this.#host = host;
    this.#run = run;
  }

  /** Runs no later than at this moment (monotonic milliseconds). Infinity does nothing. */
  by(deadlineMs: number): void {
    if (deadlineMs >= this.#deadlineMs) return;
    this.#timer?.cancel();
    this.#deadlineMs = deadlineMs;
    this.#timer = this.#host.at(deadlineMs, () => {
      this.#timer = undefined;
      this.#deadlineMs = Infinity;
      this.#run();
    });
  }

  clear(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#deadlineMs = Infinity;
  }
}
