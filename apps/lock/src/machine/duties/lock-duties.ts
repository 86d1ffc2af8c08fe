import { lockCommandCodec } from '@quorate/codec-protobuf/lock';
import type { Tenure } from '@quorate/interface';
import type { LockState } from '../lock-state.ts';
import type { DelayClock } from '../locks/lock-table.ts';
import type { SessionClock } from '../sessions/session-book.ts';
import type { Session } from '../sessions/session.ts';
import { DeadlineBook } from './deadline-book.ts';

/** A decision that was not applied after this time is proposed again. */
const retryMs = 1_000;
/** Decisions at a time, and the pause between such batches: a mass of dead sessions does not crowd out the living. */
const batchSize = 512;
const pauseMs = 5;

/**
 * What the leader decides by its own clock under one tenure: that a session was silent for too long, and that the delay after a
 * holder's death is over. Time is counted from the moment when a renewal, or a death, was applied here; at the beginning of a tenure
 * everybody has the full time again. Nothing is decided here: it is proposed, and a renewal that comes first in the log wins.
 */
export class LockDuties implements SessionClock, DelayClock {
  private readonly tenure: Tenure;
  private readonly state: LockState;
  private readonly sessions = new DeadlineBook();
  private readonly delays = new DeadlineBook();
  /** The locks that the tokens of `delays` belong to. */
  private readonly delayed = new Map<number, string>();
  private timer: { readonly atMs: number; cancel(): void } | undefined;
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
    this.timer?.cancel();
    this.timer = undefined;
    const { sessions, table } = this.state;
    if (sessions.clock === this) sessions.clock = undefined;
    if (table.clock === this) table.clock = undefined;
  }

  renewed({ id, ttlMs }: Session): void {
    this.sessions.set(id, this.tenure.now() + ttlMs);
    this.arm();
  }

  ended(id: number): void {
    this.sessions.delete(id);
  }

  delayBegan(lock: string, token: number, delayMs: number): void {
    this.delayed.set(token, lock);
    this.delays.set(token, this.tenure.now() + delayMs);
    this.arm();
  }

  delayEnded(token: number): void {
    this.delayed.delete(token);
    this.delays.delete(token);
  }

  private arm(notBeforeMs = 0): void {
    const atMs = Math.max(Math.min(this.sessions.nextMs(), this.delays.nextMs()), notBeforeMs);
    if (this.over || atMs >= (this.timer?.atMs ?? Number.POSITIVE_INFINITY)) return;
    this.timer?.cancel();
    this.timer = undefined;
    if (atMs === Number.POSITIVE_INFINITY) return;
    const { cancel } = this.tenure.at(atMs, () => this.fire());
    this.timer = { atMs, cancel };
  }

  private fire(): void {
    if (this.over) return;
    this.timer = undefined;
    const { tenure } = this;
    const now = tenure.now();
    for (const id of this.sessions.due(now, batchSize)) {
      const session = this.state.sessions.get(id);
      if (session === undefined) continue;
      // Asked again if this one is lost, or a renewal before it made it void without one that was heard of here.
      this.sessions.set(id, now + retryMs);
      tenure.propose(lockCommandCodec.encode({ kind: 'expire-session', session: id, renewal: session.renewal }));
    }
    for (const token of this.delays.due(now, batchSize)) {
      const lock = this.delayed.get(token);
      if (lock === undefined) continue;
      this.delays.set(token, now + retryMs);
      tenure.propose(lockCommandCodec.encode({ kind: 'end-delay', lock, token }));
    }
    this.arm(now + pauseMs);
  }
}
