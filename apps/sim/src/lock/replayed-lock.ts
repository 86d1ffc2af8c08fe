import { LockMode } from '@quorate/codec-protobuf/lock';
import type { Acquire } from '@quorate/codec-protobuf/lock';

/** One request that a grant serves. */
export interface ReplayedShare {
  readonly request: number;
  /** What it was told. */
  readonly token: number;
  readonly exclusive: boolean;
}

/** Who holds a lock, by the checker's own reckoning. */
export interface ReplayedHold {
  readonly session: number;
  /** Its newest token. */
  readonly token: number;
  readonly shares: readonly ReplayedShare[];
  readonly delayMs: number;
  /** Its session is over, and the lock stays taken until its delay ends. */
  readonly dead: boolean;
}

/** A name in use. A semaphore has permits, and only an election has candidates. */
export interface ReplayedLock {
  readonly name: string;
  readonly use: ReplayedUse;
  readonly permits: number;
  /** In the order of their grants. */
  holds: readonly ReplayedHold[];
  waits: readonly Acquire[];
}

type ReplayedUse = 'lock' | 'semaphore' | 'election';

/** What a name is used for by an acquire. */
export function useOf({ mode }: Acquire): ReplayedUse {
  return mode === LockMode.PERMIT ? 'semaphore' : mode === LockMode.CAMPAIGN ? 'election' : 'lock';
}

/** Whether a request is to be alone. */
export function isAlone({ mode }: Acquire): boolean {
  return mode === LockMode.EXCLUSIVE || mode === LockMode.CAMPAIGN;
}

/** Whether a grant keeps everybody else out. */
export function isExclusive({ shares }: ReplayedHold): boolean {
  return shares.some(({ exclusive }) => exclusive);
}

/** Whether a request may have the lock beside those that have it, dead ones too. */
export function admits({ holds, use, permits }: ReplayedLock, wanted: Acquire): boolean {
  if (use === 'semaphore') return holds.length < permits;
  return holds.length === 0 || !(isAlone(wanted) || holds.some(isExclusive));
}

/** The living grant of a session in which a request has a share; without a request any of its grants. */
export function holdOf({ holds }: ReplayedLock, session: number, request?: number): ReplayedHold | undefined {
  return holds.find((hold) => hold.session === session && !hold.dead && (request === undefined || serves(hold, request)));
}

function serves({ shares }: ReplayedHold, request: number): boolean {
  return shares.some((share) => share.request === request);
}
