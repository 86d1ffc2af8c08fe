import { LockMode, type HoldRecord, type NameRecord, type ShareRecord, type WaitRecord } from '@quorate/codec-protobuf/lock';
import { lockLimits } from '../lock-limits.ts';
import type { Recorded } from '../moments.ts';

/** What a name is used for, until nobody uses it. */
export const LockUse = { lock: 0, semaphore: 1, election: 2 } as const;

/** The use that a mode stands for; undefined: there is no such mode. */
export function useOf(mode: number): number | undefined {
  switch (mode) {
    case LockMode.EXCLUSIVE:
    case LockMode.SHARED:
      return LockUse.lock;
    case LockMode.PERMIT:
      return LockUse.semaphore;
    case LockMode.CAMPAIGN:
      return LockUse.election;
    default:
      return undefined;
  }
}

/** A grant: of one session, under one token, shared by the requests that re-entered it. */
export interface Hold {
  readonly session: number;
  /** Its newest token: an upgrade is a grant of its own. */
  token: number;
  /** In the order in which they came. Replaced, never changed. */
  shares: readonly ShareRecord[];
  /** Its session ended, and the lock stays taken until its delay is over. */
  dead: boolean;
  delayMs: number;
  readonly sinceMs: number;
  metadata: Uint8Array;
}

/** True where it keeps everybody else out. */
export function isExclusive(hold: Hold, use: number): boolean {
  if (use !== LockUse.lock) return use === LockUse.election;
  return hold.shares.some(({ mode }) => mode === LockMode.EXCLUSIVE);
}

/** A name in use: who holds it, and who waits for it, first come first. */
export class Lock implements Recorded {
  readonly born: number;
  readonly name: string;
  readonly use: number;
  /** Of a semaphore; 0 otherwise. */
  readonly permits: number;
  /** In the order of their grants. */
  holds: Hold[] = [];
  waits: WaitRecord[] = [];
  /** The token of the leader that was told last; 0: none. Elections only. */
  announced = 0;

  constructor(born: number, identity: { readonly name: string; readonly use: number; readonly permits: number }) {
    this.born = born;
    this.name = identity.name;
    this.use = identity.use;
    this.permits = identity.permits;
  }

  get idle(): boolean {
    return this.holds.length === 0 && this.waits.length === 0;
  }

  /** Whether a request could be granted beside those that hold it, dead ones too. Who waits in front of it is not looked at. */
  admits(mode: number): boolean {
    const { holds, use } = this;
    const first = holds[0];
    if (first === undefined) return true;
    if (use === LockUse.semaphore) return holds.length < this.permits;
    // Where one is exclusive, it is the only one.
    return mode === LockMode.SHARED && !isExclusive(first, use) && holds.length < lockLimits.holders;
  }

  /** The grant of a session, if it has one. In semaphores it may have many, and this is any. */
  holdOf(session: number): Hold | undefined {
    return this.holds.find((hold) => hold.session === session && !hold.dead);
  }

  /** The grant that a request of the session has a share in. */
  holdOfRequest(session: number, request: number): Hold | undefined {
    return this.holds.find(
      (hold) => hold.session === session && !hold.dead && hold.shares.some((share) => share.request === request),
    );
  }

  /** The place of a request in the queue; -1: it does not wait. */
  placeOf(session: number, request: number): number {
    return this.waits.findIndex((wait) => wait.session === session && wait.request === request);
  }

  hasClaimOf(session: number): boolean {
    return this.holdOf(session) !== undefined || this.waits.some((wait) => wait.session === session);
  }

  /** Whoever leads the election. */
  leader(): Hold | undefined {
    const first = this.holds[0];
    return first === undefined || first.dead ? undefined : first;
  }

  record(): NameRecord {
    const { name, use, permits, holds, waits } = this;
    return { kind: 'name', name, use, permits, holds: holds.map(holdRecord), waits };
  }
}

function holdRecord({ session, token, shares, dead, delayMs, sinceMs, metadata }: Hold): HoldRecord {
  return { session, token, shares, dead, delayMs, sinceMs, metadata };
}
