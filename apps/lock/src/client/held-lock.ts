import type { ClientSession } from './client-session.ts';
import { answerMs, pathOf, type DoorPart } from './door-path.ts';
import type { EndpointCaller } from './endpoint-caller.ts';
import { LockClientError } from './lock-client-error.ts';
import type { GatePlace } from './name-gates.ts';
import { monotonicMs, onAbort } from './pause.ts';

/** A lock that is held, or was. */
export interface HeldLock {
  readonly name: string;
  /**
   * The fencing token: higher than that of every earlier grant. Send it along with whatever the lock protects, and let the receiver
   * refuse tokens below the highest it has seen: nothing else keeps out a holder that was paused and does not know it.
   */
  readonly token: number;
  /**
   * Fires when the lock is lost with its session, no later than the holder's own deadline, or when it is released. Not where an
   * administrator took it: `check` tells that, and the storage by the token.
   */
  readonly signal: AbortSignal;
  /** How long it is surely held without another renewal, in milliseconds; 0: it is lost. Looks at the clock. */
  remainingMs(): number;
  /**
   * Releases it; the same promise for every call. False: it was lost before. Tries until a member answers or the session is over.
   * Rejects only with refusals that mean a defect.
   */
  release(): Promise<boolean>;
  /** `release`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a held lock is made of. */
export interface ClientLockParts {
  readonly caller: EndpointCaller;
  readonly kind: DoorPart;
  readonly name: string;
  readonly session: ClientSession;
  readonly request: number;
  readonly token: number;
  readonly place: GatePlace | undefined;
}

/** A lock of a session of this client. */
export class ClientLock implements HeldLock {
  readonly name: string;
  readonly token: number;
  readonly signal: AbortSignal;
  private readonly parts: ClientLockParts;
  private readonly controller = new AbortController();
  private readonly forget: () => void;
  private released: Promise<boolean> | undefined;

  constructor(parts: ClientLockParts) {
    this.parts = parts;
    this.name = parts.name;
    this.token = parts.token;
    this.signal = this.controller.signal;
    this.forget = onAbort(parts.session.signal, this.lost);
    // The session may have ended between the answer and here, and a signal fires once.
    if (parts.session.signal.aborted) this.lost();
  }

  remainingMs(): number {
    const { session } = this.parts;
    return session.check() && !this.signal.aborted ? session.deadlineMs - monotonicMs() : 0;
  }

  release(): Promise<boolean> {
    this.released ??= this.giveBack();
    return this.released;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  /** A call in the name of the holder. */
  async call(verb: string, fields: object): Promise<void> {
    const { caller, kind, name, session, token } = this.parts;
    await caller.call({
      method: 'POST',
      path: pathOf(kind, name, verb),
      body: { session: session.id, token, ...fields },
      signal: session.signal,
      attemptMs: answerMs,
      untilMs: () => session.deadlineMs,
    });
  }

  private async giveBack(): Promise<boolean> {
    const { kind, session, request } = this.parts;
    if (!session.check()) return false;
    // Whoever works under the lock stops before others may begin.
    this.controller.abort(new LockClientError('E_RELEASED', 'the lock was released.', 'not-applied'));
    try {
      await this.call(kind === 'locks' ? 'release' : 'resign', { request });
      return true;
    } catch (error) {
      if (session.signal.aborted) return false;
      if (error instanceof LockClientError && lossCodes.has(error.code)) return false;
      throw error;
    } finally {
      this.leave();
    }
  }

  private readonly lost = (): void => {
    this.controller.abort(this.parts.session.signal.reason);
    this.leave();
  };

  private leave(): void {
    this.forget();
    this.parts.place?.leave();
  }
}

/** It was taken by force, or ended with its session, or no member was heard until then. */
const lossCodes: ReadonlySet<string> = new Set(['E_NOT_HELD', 'E_NO_SESSION', 'E_UNAVAILABLE']);
