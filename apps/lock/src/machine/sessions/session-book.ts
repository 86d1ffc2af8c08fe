import type { OpenSession, SessionRecord } from '@quorate/codec-protobuf/lock';
import type { ApplySink, Stamp } from '@quorate/interface';
import type { SessionEndedEvent, SessionOpenedEvent } from '../lock-event.ts';
import { lockLimits } from '../lock-limits.ts';
import type { Moments } from '../moments.ts';
import type { RefusalCode } from '../refusal.ts';
import { Session } from './session.ts';

/** Why a session is over: its client said so, or it was silent for too long. */
export type SessionEnd = SessionEndedEvent['cause'];

/** Something that sessions own: locks today, and whatever else lives as long as its session. */
export interface SessionOwner {
  /** A session is over, and so is what it owns; `out` gets the events about that. */
  sessionEnded(session: number, cause: SessionEnd, out: ApplySink): void;
}

/** Where the leader's clock is told what it must know, while this member has a tenure. */
export interface SessionClock {
  /** The session was opened or renewed. */
  renewed(session: Session): void;
  ended(session: number): void;
}

/** All sessions. Knows nothing of what they own, and nothing of time: that a session was silent too long is a command of the leader. */
export class SessionBook {
  clock: SessionClock | undefined;
  private readonly sessions = new Map<number, Session>();
  private readonly owners: SessionOwner[] = [];
  private readonly moments: Moments;

  constructor(moments: Moments) {
    this.moments = moments;
  }

  get size(): number {
    return this.sessions.size;
  }

  /** Owners are told of ends in the order of this call: the order is part of what apply does. */
  addOwner(owner: SessionOwner): void {
    this.owners.push(owner);
  }

  get(id: number): Session | undefined {
    return this.sessions.get(id);
  }

  /** In the order in which they were opened. */
  all(): Iterable<Session> {
    return this.sessions.values();
  }

  open(command: OpenSession, stamp: Stamp, out: ApplySink): Session | RefusalCode {
    const { ttlMs, name, metadata } = command;
    if (ttlMs < lockLimits.minTtlMs || ttlMs > lockLimits.maxTtlMs) return 'E_TTL';
    if (name.length > lockLimits.nameLength) return 'E_NAME';
    if (metadata.length > lockLimits.metadataBytes) return 'E_METADATA';
    if (this.sessions.size >= lockLimits.sessions) return 'E_TOO_MANY_SESSIONS';
    const { ordinal } = stamp;
    const fields = { id: ordinal, ttlMs, name, metadata: metadata.slice(), renewal: ordinal };
    const session = new Session(this.moments.begun, fields);
    this.sessions.set(ordinal, session);
    this.clock?.renewed(session);
    out.emit({ type: 'session-opened', session: ordinal, ttlMs } satisfies SessionOpenedEvent);
    return session;
  }

  /** Those that are gone. */
  renew(ids: readonly number[], stamp: Stamp): readonly number[] {
    const gone: number[] = [];
    for (const id of ids) {
      const session = this.sessions.get(id);
      if (session === undefined) {
        gone.push(id);
        continue;
      }
      this.moments.touch(session);
      session.renewal = stamp.ordinal;
      this.clock?.renewed(session);
    }
    return gone;
  }

  /** True: it was there. */
  close(id: number, out: ApplySink): boolean {
    return this.end(id, 'closed', out);
  }

  /** True: it was there, and nobody renewed it since `renewal`. */
  expire(id: number, renewal: number, out: ApplySink): boolean {
    return this.sessions.get(id)?.renewal === renewal && this.end(id, 'expired', out);
  }

  private end(id: number, cause: SessionEnd, out: ApplySink): boolean {
    const session = this.sessions.get(id);
    if (session === undefined) return false;
    this.moments.touch(session);
    this.sessions.delete(id);
    this.clock?.ended(id);
    out.emit({ type: 'session-ended', session: id, cause } satisfies SessionEndedEvent);
    for (const owner of this.owners) owner.sessionEnded(id, cause, out);
    return true;
  }

  /** A session of a snapshot. False: there is one of this id. */
  restore(record: SessionRecord): boolean {
    if (this.sessions.has(record.id)) return false;
    this.sessions.set(record.id, new Session(this.moments.begun, { ...record, metadata: record.metadata.slice() }));
    return true;
  }
}
