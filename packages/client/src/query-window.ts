import type { Consistency } from '@quorate/interface';
import { isPassing } from './answer.ts';
import type { Answer } from './answer.ts';
import type { WindowLimits } from './command-window.ts';
import { Deque } from './deque.ts';
import type { Operation, Reason } from './operation.ts';
import type { Outbox } from './outbox.ts';

/** Reads of one consistency with consecutive numbers, to be sent in one frame. */
export interface QueryRun {
  readonly first: number;
  readonly consistency: Consistency;
  readonly operations: readonly Operation[];
}

/** The reads of one client. A read changes nothing, so that it is simply asked again, under a new number. */
export class QueryWindow {
  readonly #limits: WindowLimits;
  readonly #outbox: Outbox;
  readonly #queue = new Deque<Operation>();
  readonly #sent = new Map<number, Operation>();
  #next = 1;
  #sentBytes = 0;
  #pendingBytes = 0;

  constructor(limits: WindowLimits, outbox: Outbox) {
    this.#outbox = outbox;
    this.#limits = limits;
  }

  get pending(): number {
    return this.#queue.length + this.#sent.size;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  get inFlight(): number {
    return this.#sent.size;
  }

  add(operation: Operation): void {
    this.#queue.pushBack(operation);
    this.#pendingBytes += operation.body.length;
  }

  /** Numbers what fits and returns it in order. It counts as sent from now on. */
  take(): readonly QueryRun[] {
    const runs: QueryRun[] = [];
    let operations: Operation[] = [];
    while (this.#queue.length > 0 && this.#sent.size < this.#limits.count) {
      const operation = this.#queue.get(0);
      if (this.#sentBytes + operation.body.length > this.#limits.bytes && this.#sent.size > 0) break;
      const { consistency } = operation;
      if (consistency === undefined) break;
      if (operations.length === 0 || operations[0]?.consistency !== consistency) {
        operations = [];
        runs.push({ first: this.#next, consistency, operations });
      }
      this.#queue.popFront();
      operation.outstanding = true;
      operations.push(operation);
      this.#sent.set(this.#next++, operation);
      this.#sentBytes += operation.body.length;
    }
    return runs;
  }

  /** True where it answers the only sending of a read. False as well for a late or an invented one, which changes nothing. */
  answered(answer: Answer): boolean {
    const operation = this.#sent.get(answer.number);
    if (operation === undefined) return false;
    this.#sent.delete(answer.number);
    this.#sentBytes -= operation.body.length;
    operation.outstanding = false;
    if (answer.code !== undefined && isPassing(answer.code) && operation.done !== undefined) {
      this.#queue.pushFront(operation);
      return !operation.maybe;
    }
    this.#pendingBytes -= operation.body.length;
    if (answer.code === undefined) this.#outbox.succeed(operation, answer.result);
    else
      this.#outbox.fail(operation, { code: answer.code, text: 'refused by the cluster.', leader: answer.leader }, 'not-applied');
    return !operation.maybe;
  }

  /** The link ended: what was on it is asked again, in the same order. */
  linkLost(): void {
    for (const operation of [...this.#sent.values()].toReversed()) {
      operation.outstanding = false;
      operation.maybe = true;
      if (operation.done === undefined) this.#pendingBytes -= operation.body.length;
      else this.#queue.pushFront(operation);
    }
    this.#sent.clear();
    this.#sentBytes = 0;
  }

  /** Tells the callers of all that are `due`; an answer that still comes is dropped. */
  giveUp(due: (operation: Operation) => boolean, reason: (operation: Operation) => Reason): void {
    for (const operation of this.#sent.values())
      if (due(operation)) this.#outbox.fail(operation, reason(operation), 'not-applied');
    this.#queue.filter((operation) => {
      if (!due(operation)) return true;
      this.#pendingBytes -= operation.body.length;
      this.#outbox.fail(operation, reason(operation), 'not-applied');
      return false;
    });
  }

  each(visit: (operation: Operation) => void): void {
    for (const operation of this.#sent.values()) visit(operation);
    for (let place = 0; place < this.#queue.length; place++) visit(this.#queue.get(place));
  }
}
