import { invariant } from '@quorate/interface';
import { isPassing } from './answer.ts';
import type { Answer } from './answer.ts';
import { Deque } from './deque.ts';
import { isUnsent, outcomeNow } from './operation.ts';
import type { Operation, Reason } from './operation.ts';
import type { Outbox } from './outbox.ts';

// A correct member never does it even once; a few are forgiven before the session is given up.
const gapsBelieved = 3;

/** Consecutive numbers to be sent in one frame. */
export interface CommandRun {
  readonly first: number;
  readonly operations: readonly Operation[];
}

/** How much may be sent and unanswered. */
export interface WindowLimits {
  readonly count: number;
  readonly bytes: number;
}

/** What a window may rely on. */
export interface WindowRules {
  readonly sessions: boolean;
  /**
   * False where the network may bring a frame twice: behind a refusal another copy of the command may follow, or the refusal may be that
   * of an earlier sending, so that it proves nothing.
   */
  readonly once: boolean;
}

/**
 * The commands of one client: a queue without numbers, and behind it a window of numbered ones.
 *
 * With a session, a number is a sequence: the replicated table applies them in order, answers a repeated one from memory, and
 * refuses one beyond the next (Raft thesis §6.3). Hence the two rules here. A number that may have been used belongs to its
 * command until it is answered, even when its caller has given up. A number whose every sending was refused can be taken back,
 * but only from the end of the window, so that no gap is left.
 */
export class CommandWindow {
  readonly #sessions: boolean;
  readonly #once: boolean;
  readonly #limits: WindowLimits;
  readonly #outbox: Outbox;
  readonly #queue = new Deque<Operation>();
  readonly #window = new Deque<Operation>();
  #base = 1;
  #windowBytes = 0;
  #pendingBytes = 0;
  /** The session ended in the replicated table: its open numbers are answered out, then a new one begins. */
  #expired = false;
  /** Everything below was sent on the present link, or answered. */
  #sentBelow = 1;
  /** How often in a row the lowest number was refused as too far ahead: the table lost what we believe it has. */
  #gaps = 0;

  constructor(rules: WindowRules, limits: WindowLimits, outbox: Outbox) {
    this.#sessions = rules.sessions;
    this.#once = rules.once;
    this.#outbox = outbox;
    this.#limits = limits;
  }

  /** Commands whose numbers may still be used, and commands that wait for one. */
  get pending(): number {
    return this.#queue.length + this.#window.length;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  get inFlight(): number {
    return this.#window.length;
  }

  /** All numbers below were answered: the table may forget their results. */
  get lowestUnanswered(): number {
    return this.#base;
  }

  /** True where the numbering can begin again: the old session is gone and owes no answer. */
  get mustReopen(): boolean {
    return this.#expired && this.#window.length === 0;
  }

  add(operation: Operation): void {
    this.#queue.pushBack(operation);
    this.#pendingBytes += operation.body.length;
  }

  /** Numbers begin at 1 in a new session. */
  reopen(): void {
    invariant(this.#window.length === 0, 'a session was replaced while it owed answers');
    this.#base = 1;
    this.#sentBelow = 1;
    this.#expired = false;
    this.#gaps = 0;
  }

  /** Numbers what fits and returns, in order, everything that is not on the wire. It counts as sent from now on. */
  take(): readonly CommandRun[] {
    if (this.#expired) return [];
    this.#fill();
    const runs: CommandRun[] = [];
    let operations: Operation[] = [];
    let first = 0;
    const close = (): void => {
      if (operations.length > 0) runs.push({ first, operations });
      operations = [];
    };
    let place = Math.max(this.#sentBelow - this.#base, 0);
    for (; place < this.#window.length; place++) {
      const operation = this.#window.get(place);
      // What is behind a refused number would be refused too.
      if (operation.state === 'refused' && this.#sessions) break;
      if (operation.outstanding || operation.state !== 'open') {
        close();
        continue;
      }
      if (operations.length === 0) first = this.#base + place;
      operation.outstanding = true;
      operations.push(operation);
    }
    close();
    this.#sentBelow = this.#base + place;
    return runs;
  }

  /** True where it answers the only sending of a command. False as well for a late or an invented one, which changes nothing. */
  answered(answer: Answer): boolean {
    const place = answer.number - this.#base;
    if (!Number.isInteger(place) || place < 0 || place >= this.#window.length) return false;
    const operation = this.#window.get(place);
    if (!operation.outstanding) return false;
    const sentOnce = !operation.maybe;
    operation.outstanding = false;
    if (answer.code === undefined) {
      operation.state = 'applied';
      this.#gaps = 0;
      this.#outbox.succeed(operation, answer.result);
    } else {
      this.#sentBelow = Math.min(this.#sentBelow, answer.number);
      if (answer.code === 'E_OUT_OF_SEQUENCE' && place === 0 && ++this.#gaps > gapsBelieved) this.#expire();
      this.#refused(operation, answer);
    }
    this.#settle();
    return sentOnce;
  }

  /** The link ended: whatever was on it may have taken effect. */
  linkLost(reason: Reason): void {
    this.#sentBelow = this.#base;
    for (let place = 0; place < this.#window.length; place++) {
      const operation = this.#window.get(place);
      if (!operation.outstanding) continue;
      operation.outstanding = false;
      operation.maybe = true;
      if (!this.#sessions || this.#expired) this.#end(operation, reason);
    }
    this.#settle();
  }

  /** Tells the callers of all that are `due`. Numbers that may have been used stay in the window. */
  giveUp(due: (operation: Operation) => boolean, reason: (operation: Operation) => Reason): void {
    for (let place = 0; place < this.#window.length; place++) {
      const operation = this.#window.get(place);
      if (operation.done === undefined || !due(operation)) continue;
      if (!this.#sessions && isUnsent(operation)) this.#end(operation, reason(operation));
      // A number in the middle of a session's window is sent again whatever its caller thinks of it.
      else this.#outbox.fail(operation, reason(operation), 'unknown');
    }
    this.#queue.filter((operation) => {
      if (!due(operation)) return true;
      this.#pendingBytes -= operation.body.length;
      this.#outbox.fail(operation, reason(operation), 'not-applied');
      return false;
    });
    this.#settle();
  }

  /** Calls for every operation whose caller still waits. */
  each(visit: (operation: Operation) => void): void {
    for (let place = 0; place < this.#window.length; place++) visit(this.#window.get(place));
    for (let place = 0; place < this.#queue.length; place++) visit(this.#queue.get(place));
  }

  /** True where a caller waits for something that is on the link. */
  isAwaited(): boolean {
    for (let place = 0; place < this.#window.length; place++) {
      const operation = this.#window.get(place);
      if (operation.outstanding && operation.done !== undefined) return true;
    }
    return false;
  }

  #fill(): void {
    while (this.#queue.length > 0 && this.#window.length < this.#limits.count) {
      const operation = this.#queue.get(0);
      const fits = this.#windowBytes + operation.body.length <= this.#limits.bytes;
      if (!fits && this.#window.length > 0) return;
      this.#queue.popFront();
      this.#window.pushBack(operation);
      this.#windowBytes += operation.body.length;
    }
  }

  #refused(operation: Operation, answer: Answer): void {
    const { code } = answer;
    invariant(code !== undefined, 'a success is no refusal');
    if (answer.unknown || !this.#once) operation.maybe = true;
    if (code === 'E_SESSION_EXPIRED') this.#expire();
    // An earlier sending may have been applied before its session ended: nobody can tell any more.
    const lost = this.#expired && operation.maybe;
    const again = isPassing(code) || code === 'E_SESSION_EXPIRED';
    const retry = again && !lost && (this.#sessions || !operation.maybe);
    if (!retry) this.#end(operation, { code, text: refusalText(code), leader: answer.leader });
  }

  /** A number that ends without a result: it was used, may have been, or never will be. */
  #end(operation: Operation, reason: Reason): void {
    const outcome = outcomeNow(operation);
    operation.state = outcome === 'unknown' ? 'applied' : 'refused';
    this.#outbox.fail(operation, reason, outcome);
  }

  /** The session is gone: what may have been applied in it stays unknown for ever. */
  #expire(): void {
    this.#expired = true;
    const reason: Reason = { code: 'E_SESSION_EXPIRED', text: refusalText('E_SESSION_EXPIRED'), leader: undefined };
    for (let place = 0; place < this.#window.length; place++) {
      const operation = this.#window.get(place);
      if (operation.state === 'open' && operation.maybe && !operation.outstanding) this.#end(operation, reason);
    }
  }

  #settle(): void {
    this.#shrink();
    if (!this.#stuck()) return;
    // A number was refused for good while a later one may have been used: the gap can never be filled.
    this.#expire();
    this.#shrink();
  }

  #shrink(): void {
    while (this.#window.length > 0 && this.#mayForget(this.#window.get(0))) {
      this.#drop(this.#window.popFront());
      this.#base++;
    }
    while (this.#window.length > 0) {
      const last = this.#window.get(this.#window.length - 1);
      const refused = last.state === 'refused' || (this.#expired && last.state === 'applied');
      if (!refused && !isUnsent(last)) return;
      this.#window.popBack();
      this.#windowBytes -= last.body.length;
      // A caller that gave up in the meantime was told `unknown`; never sending it again is one of the two.
      if (last.done === undefined) this.#pendingBytes -= last.body.length;
      else this.#queue.pushFront(last);
    }
  }

  #mayForget(operation: Operation): boolean {
    if (operation.state === 'applied') return true;
    return operation.state === 'refused' && (!this.#sessions || this.#expired);
  }

  #drop(operation: Operation | undefined): void {
    invariant(operation !== undefined, 'the window is empty');
    this.#windowBytes -= operation.body.length;
    this.#pendingBytes -= operation.body.length;
  }

  /** True where a number was refused for good and nothing that is still under way can change that. */
  #stuck(): boolean {
    if (!this.#sessions || this.#expired || this.#window.length === 0) return false;
    let refused = false;
    for (let place = 0; place < this.#window.length; place++) {
      const operation = this.#window.get(place);
      if (operation.outstanding) return false;
      refused ||= operation.state === 'refused';
    }
    return refused;
  }
}

function refusalText(code: string): string {
  if (code === 'E_SESSION_EXPIRED')
    return 'the session was dropped by the cluster (idle too long, or too many sessions). Send again.';
  return 'refused by the cluster.';
}
