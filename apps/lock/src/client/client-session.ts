import type { EndpointCaller } from './endpoint-caller.ts';
import { LockClientError } from './lock-client-error.ts';
import type { LockClientEvent } from './options.ts';
import { longestTimerMs, monotonicMs, pause } from './pause.ts';

/** What a session is opened with, and whom it tells. */
export interface SessionSetup {
  readonly caller: EndpointCaller;
  readonly id: number;
  readonly ttlMs: number;
  /** When the request was sent that opened it. */
  readonly sentMs: number;
  readonly onEvent: (event: LockClientEvent) => void;
}

const shortestAttemptMs = 25;

/**
 * A session as its client sees it. The members count its time from the moment when a renewal reaches them, the client from the
 * moment when it sent it: the client's deadline comes first. Every answer looks at the clock before it is believed, because a
 * process that was stopped may see answers of long ago before its timers run.
 */
export class ClientSession {
  readonly id: number;
  readonly ttlMs: number;
  /** Fires when the session is over, for whatever reason. */
  readonly signal: AbortSignal;
  private readonly setup: SessionSetup;
  private readonly controller = new AbortController();
  private acknowledgedMs: number;
  private inJeopardy = false;
  private requests = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(setup: SessionSetup) {
    this.setup = setup;
    this.id = setup.id;
    this.ttlMs = setup.ttlMs;
    this.acknowledgedMs = setup.sentMs;
    this.signal = this.controller.signal;
    this.arm();
  }

  /**
   * At this time the session is given up: a little before the members may, since timers are late rather than early, and since this
   * clock may be slower than theirs by a thousandth.
   */
  get deadlineMs(): number {
    return this.acknowledgedMs + this.ttlMs - Math.min(this.ttlMs / 20, 50 + this.ttlMs / 1000);
  }

  /** Another number for each acquisition. */
  nextRequest(): number {
    return ++this.requests;
  }

  /** Looks at the clock. False: the session is over. */
  check(): boolean {
    if (this.signal.aborted) return false;
    if (monotonicMs() < this.deadlineMs) return true;
    this.expire('no renewal was answered in time');
    return false;
  }

  /** Renews until the session is over. Never rejects. */
  async keepAlive(): Promise<void> {
    const { caller, ttlMs, id, signal } = this;
    let sentMs = this.acknowledgedMs;
    while (this.check()) {
      await pause(sentMs + ttlMs / 3 - monotonicMs(), signal);
      if (!this.check()) return;
      sentMs = monotonicMs();
      try {
        const answer = await caller.call({
          method: 'POST',
          path: `/v1/sessions/${id}/keepalive`,
          signal,
          attemptMs: Math.max(ttlMs / 4, shortestAttemptMs),
          untilMs: () => this.deadlineMs,
        });
        if (this.check()) this.renew((sentMs = answer.sentMs));
      } catch (error) {
        if (error instanceof LockClientError && error.code === 'E_NO_SESSION') this.expire('the members ended it');
        // Other refusals are worth another try, and so is silence, until the deadline.
      }
    }
  }

  /** The client gives the session up by itself. */
  end(reason: LockClientError): void {
    clearTimeout(this.timer);
    this.controller.abort(reason);
  }

  private get caller(): EndpointCaller {
    return this.setup.caller;
  }

  private renew(sentMs: number): void {
    this.acknowledgedMs = Math.max(this.acknowledgedMs, sentMs);
    const wasInJeopardy = this.inJeopardy;
    this.inJeopardy = false;
    this.arm();
    if (wasInJeopardy) this.tell('safe');
  }

  /** It is over, and `expired` is told once. Always true. */
  expire(why: string): boolean {
    if (this.signal.aborted) return true;
    this.end(new LockClientError('E_SESSION_EXPIRED', `${why}: everything the session held is lost. Acquire again.`, 'unknown'));
    this.tell('expired');
    return true;
  }

  private tell(type: LockClientEvent['type']): void {
    this.setup.onEvent({ type, session: this.id });
  }

  private arm(): void {
    clearTimeout(this.timer);
    const atMs = this.inJeopardy ? this.deadlineMs : this.acknowledgedMs + this.ttlMs / 2;
    this.timer = setTimeout(this.due, Math.min(Math.max(atMs - monotonicMs(), 0), longestTimerMs));
  }

  private readonly due = (): void => {
    if (!this.check()) return;
    if (!this.inJeopardy && monotonicMs() >= this.acknowledgedMs + this.ttlMs / 2) {
      this.inJeopardy = true;
      this.tell('jeopardy');
    }
    this.arm();
  };
}
