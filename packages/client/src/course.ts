import type { Host } from '@quorate/interface';
import { Pause } from './pause.ts';

/** How often patience doubles: a member that hangs must still be left, and most clusters that are slow answer in time then. */
const mostDoublings = 3;

/** How it goes with commands, or with reads: answered reads say nothing of commands that are not, and the other way round. */
export class Course {
  readonly pause: Pause;
  readonly #host: Pick<Host, 'monotonicMs' | 'random'>;
  readonly #stallMs: number;
  /** When something was decided last, or began to wait; monotonic milliseconds. */
  #progressAtMs = 0;
  #stalls = 0;

  constructor(host: Pick<Host, 'monotonicMs' | 'random'>, stallMs: number) {
    this.#host = host;
    this.#stallMs = stallMs;
    this.pause = new Pause(host);
  }

  /**
   * How long an answer may take. Twice as long each time that none came: whatever is sent again is more work for a cluster that is slow
   * because it has too much of it, and would never be answered in time.
   */
  get patienceMs(): number {
    return this.#stallMs * 2 ** Math.min(this.#stalls, mostDoublings);
  }

  get stalledAtMs(): number {
    return this.#progressAtMs + this.patienceMs;
  }

  /** Something begins to wait. */
  began(): void {
    this.#progressAtMs = this.#host.monotonicMs();
  }

  /**
   * Something was decided. The answer to what was sent more than once does not tell to which sending it belongs, and the cluster may be as slow
   * as before: patience stays until something is answered that was sent once (Karn and Partridge, SIGCOMM'87).
   */
  progressed(sentOnce: boolean): void {
    this.began();
    if (sentOnce) this.#stalls = 0;
  }

  /** Nothing was decided in time. */
  stalled(): void {
    this.began();
    this.#stalls++;
  }
}
