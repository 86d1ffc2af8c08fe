import { invariant } from '@quorate/interface';

/**
 * Bounds of the table. They decide what apply does, so they belong to the format of the log and are no options:
 * members that differ in them would diverge.
 */
export const sessionBounds = {
  sessions: 16_384,
  /** Results kept for one session; above it its oldest ones go. */
  resultBytes: 1_048_576,
  /** Results kept for all sessions together; above it the session that was idle longest goes. */
  totalBytes: 16_777_216,
  /** In cluster time. */
  idleMs: 3_600_000,
  /** What a stored result costs beside its bytes. */
  overheadBytes: 64,
} as const;

/** One client's continuity: which of its commands were applied, and what they gave. */
export interface Session {
  readonly id: number;
  /** The highest sequence that was applied. */
  last: number;
  usedMs: number;
  bytes: number;
  readonly results: Map<number, Uint8Array>;
}

/** What a session command meets. `fresh`: apply it, then `store`. `stale`: applied once, but its result is gone. */
export type SessionCheck = 'fresh' | 'duplicate' | 'stale' | 'expired' | 'ahead';

/** Exactly once (Raft thesis §6.3): part of the replicated state, so everything here happens in log order and depends on nothing else. */
export class SessionTable {
  /** Least recently used first: `Map` keeps the order of insertion, and use inserts anew. */
  private readonly sessions = new Map<number, Session>();
  /** The one that was used last, where that is known. A busy client sends many commands in a row, and need not move each time. */
  private newest: number | undefined;
  private bytes = 0;

  get size(): number {
    return this.sessions.size;
  }

  /** `id` is the ordinal of the command that opened it. */
  open(id: number, clusterMs: number): void {
    invariant(!this.sessions.has(id), 'an ordinal opens one session');
    this.dropIdle(clusterMs);
    this.newest = id;
    this.sessions.set(id, { id, last: 0, usedMs: clusterMs, bytes: 0, results: new Map() });
    if (this.sessions.size > sessionBounds.sessions) this.dropOldest();
  }

  /** Looks a command up and notes that the session is in use. */
  check(id: number, sequence: number, clusterMs: number): SessionCheck {
    this.dropIdle(clusterMs);
    const session = this.sessions.get(id);
    if (session === undefined) return 'expired';
    session.usedMs = clusterMs;
    if (this.newest !== id) {
      this.sessions.delete(id);
      this.sessions.set(id, session);
      this.newest = id;
    }
    if (sequence > session.last + 1) return 'ahead';
    if (sequence === session.last + 1) return 'fresh';
    return session.results.has(sequence) ? 'duplicate' : 'stale';
  }

  result(id: number, sequence: number): Uint8Array | undefined {
    return this.sessions.get(id)?.results.get(sequence);
  }

  /** Keeps the result of a fresh command, and forgets those that the client has seen. */
  store(id: number, sequence: number, result: Uint8Array): void {
    const session = this.sessions.get(id);
    invariant(session !== undefined, 'a fresh command has a session');
    invariant(sequence === session.last + 1, 'sequences are applied without a gap');
    session.last = sequence;
    session.results.set(sequence, result);
    this.grow(session, result.length + sessionBounds.overheadBytes);
    while (session.bytes > sessionBounds.resultBytes && session.results.size > 1) this.forgetFirst(session);
    while (this.bytes > sessionBounds.totalBytes && this.sessions.size > 1) this.dropOldest();
  }

  /** The client has every answer below `lowestUnanswered`. */
  trim(id: number, lowestUnanswered: number): void {
    const session = this.sessions.get(id);
    if (session === undefined) return;
    for (const sequence of session.results.keys()) {
      if (sequence >= lowestUnanswered) break;
      this.forgetFirst(session);
    }
  }

  /** All sessions, least recently used first: the order is part of the state. */
  list(): Iterable<Session> {
    return this.sessions.values();
  }

  /** Replaces everything; `sessions` in the order of `list`. */
  replace(sessions: readonly Session[]): void {
    this.sessions.clear();
    this.newest = undefined;
    this.bytes = 0;
    for (const session of sessions) {
      this.sessions.set(session.id, session);
      this.bytes += session.bytes;
    }
  }

  private grow(session: Session, bytes: number): void {
    session.bytes += bytes;
    this.bytes += bytes;
    invariant(session.bytes >= 0 && this.bytes >= 0, 'no result is forgotten twice');
  }

  private forgetFirst(session: Session): void {
    for (const [sequence, result] of session.results) {
      session.results.delete(sequence);
      this.grow(session, -(result.length + sessionBounds.overheadBytes));
      return;
    }
  }

  private dropIdle(clusterMs: number): void {
    for (const session of this.sessions.values()) {
      if (session.usedMs + sessionBounds.idleMs > clusterMs) return;
      this.drop(session);
    }
  }

  private dropOldest(): void {
    for (const session of this.sessions.values()) {
      this.drop(session);
      return;
    }
  }

  private drop(session: Session): void {
    this.sessions.delete(session.id);
    this.bytes -= session.bytes;
  }
}
