import { ConsensusError } from '@quorate/interface';
import type { Host, Outcome } from '@quorate/interface';
import type { Done, Operation, Reason } from './operation.ts';

interface Letter {
  readonly done: Done;
  readonly error: ConsensusError | undefined;
  readonly result: Uint8Array | undefined;
}

/** What callers are to be told. It is delivered once the client's own state is whole again: a caller may call back at once. */
export class Outbox {
  readonly #host: Pick<Host, 'endOfTurn'>;
  #letters: Letter[] = [];

  constructor(host: Pick<Host, 'endOfTurn'>) {
    this.#host = host;
  }

  /** The first word to a caller counts; later ones do nothing. */
  fail(operation: Operation, reason: Reason, outcome: Outcome): void {
    const { done } = operation;
    if (done === undefined) return;
    operation.done = undefined;
    const error = new ConsensusError(reason.code, reason.text, outcome, reason.leader);
    this.#letters.push({ done, error, result: undefined });
  }

  succeed(operation: Operation, result: Uint8Array): void {
    const { done } = operation;
    if (done === undefined) return;
    operation.done = undefined;
    this.#letters.push({ done, error: undefined, result });
  }

  deliver(): void {
    while (this.#letters.length > 0) {
      const letters = this.#letters;
      this.#letters = [];
      for (const { done, error, result } of letters) this.#call(done, error, result);
    }
  }

  // A callback that throws must not keep the others from their answers: its error surfaces as uncaught, in a turn of its own.
  #call(done: Done, error: ConsensusError | undefined, result: Uint8Array | undefined): void {
    try {
      done(error, result);
    } catch (thrown) {
      this.#host.endOfTurn(() => {
        throw thrown;
      });
    }
  }
}
