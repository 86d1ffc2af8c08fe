import { lockCommandCodec, type LockCommand } from '@quorate/codec-protobuf/lock';
import { fixedTimeout } from '@quorate/failure-detector';
import type { FailureDetector, Tenure } from '@quorate/interface';
import type { LockState } from '../lock-state.ts';
import type { DelayClock } from '../locks/lock-table.ts';
import type { SessionClock } from '../sessions/session-book.ts';
import type { Session } from '../sessions/session.ts';

/** A decision that was not applied after this time is proposed again. */
const retryMs = 1_000;
/** Decisions at a time, and the pause before more of them: a mass of dead sessions does not crowd out the living. */
const batchSize = 512;
const pauseMs = 5;
/** A timer that is later than this says that this process stood still, and that renewals may wait unread. */
const lateMs = 100;
/** So many times in a row that is held against nobody. A process that is always late must end dead sessions all the same. */
const mostExcuses = 3;

/**
 * What the leader decides by its own clock under one tenure: that a session was silent for too long, and that the delay after a
 * holder's death is over. Time is counted from the moment when a renewal, or a death, was applied here; at the beginning of a tenure
 * everybody has the full time again. Nothing is done here: it is proposed, and a renewal that comes first in the log wins.
 */
export class LockDuties implements SessionClock, DelayClock {
  private readonly tenure: Tenure;
  private readonly state: LockState;
  private readonly silence: FailureDetector = fixedTimeout().create();
  private readonly delays: FailureDetector = fixedTimeout().create();
  /** Sessions whose end was proposed: they are watched for another time, until it is asked for again. */
  private readonly asked = new Set<number>();
  /** The locks that the tokens of `delays` belong to. */
  private readonly delayed = new Map<number, string>();
  private timer: { readonly atMs: number; readonly armed: { cancel(): void } } | undefined;
  private excuses = 0;
  private over = false;

  constructor(tenure: Tenure, state: LockState) {
    this.tenure = tenure;
    this.state = state;
    for (const session of state.sessions.all()) this.renewed(session);
    for (const lock of state.table.all()) {
      for (const { dead, token, delayMs } of lock.holds) if (dead) this.delayBegan(lock.name, token, delayMs);
    }
    state.sessions.clock = this;
    state.table.clock = this;
  }

  /** The tenure is over, or the state another one. */
  stop(): void {
    this.over = true;
    this.timer?.armed.cancel();
    this.timer = undefined;
    const { sessions, table } = this.state;
    if (sessions.clock === this) sessions.clock = undefined;
    if (table.clock === this) table.clock = undefined;
  }

  renewed({ id, ttlMs }: Session): void {
    const now = this.tenure.now();
    if (this.asked.delete(id) || !this.silence.heartbeat(id, now)) this.silence.expect(id, now, { timeoutMs: ttlMs });
    this.arm();
  }

  ended(id: number): void {
    this.asked.delete(id);
    this.silence.forget(id);
  }

  delayBegan(lock: string, token: number, delayMs: number): void {
    this.delayed.set(token, lock);
    this.delays.expect(token, this.tenure.now(), { timeoutMs: delayMs });
    this.arm();
  }

  delayEnded(token: number): void {
    this.delayed.delete(token);
    this.delays.forget(token);
  }

  private arm(notBeforeMs = 0): void {
    const atMs = Math.max(Math.min(this.silence.nextDeadlineMs, this.delays.nextDeadlineMs), notBeforeMs);
    if (!this.over && atMs < (this.timer?.atMs ?? Number.POSITIVE_INFINITY)) this.armAt(atMs);
  }

  private armAt(atMs: number): void {
    this.timer?.armed.cancel();
    this.timer = { atMs, armed: this.tenure.at(atMs, () => this.fire()) };
  }

  private fire(): void {
    if (this.over || this.timer === undefined) return;
    const { tenure, silence } = this;
    const { atMs } = this.timer;
    this.timer = undefined;
    const now = tenure.now();
    // That this process stood still is held against no session: what was sent meanwhile has as long again to be read.
    const isLate = now - atMs > lateMs;
    if (isLate && this.excuses < mostExcuses) silence.stalled(atMs - lateMs, now);
    this.excuses = isLate ? this.excuses + 1 : 0;
    const silent = silence.expired(now);
    for (const id of silent.slice(0, batchSize)) this.expire(id, now);
    const over = this.delays.expired(now);
    for (const token of over.slice(0, batchSize)) this.endDelay(token, now);
    // Those that are suspected already have no deadline any more.
    if (Math.max(silent.length, over.length) > batchSize) this.armAt(now + pauseMs);
    else this.arm(now + pauseMs);
  }

  private expire(id: number, now: number): void {
    const session = this.state.sessions.get(id);
    if (session === undefined) return this.silence.forget(id);
    this.asked.add(id);
    this.silence.expect(id, now, { timeoutMs: retryMs });
    this.propose({ kind: 'expire-session', session: id, renewal: session.renewal });
  }

  private endDelay(token: number, now: number): void {
    const lock = this.delayed.get(token);
    if (lock === undefined) return this.delays.forget(token);
    this.delays.expect(token, now, { timeoutMs: retryMs });
    this.propose({ kind: 'end-delay', lock, token });
  }

  private propose(command: LockCommand): void {
    this.tenure.propose(lockCommandCodec.encode(command));
  }
}
