import type { Client } from '@quorate/client';
import type { Host } from '@quorate/interface';
import type { UnknownCall } from '../services.ts';
import type { FencedResource } from './fenced-resource.ts';
import type { LockHistory, SessionTrail } from './lock-history.ts';
import type { ReplayedAnswer } from './lock-replay.ts';

/** A name, and what this workload uses it for. */
export interface LockUnderTest {
  readonly name: string;
  /** `delayed`: a lock that stays taken for a while after a holder's death. It has no history: the model knows no delays. */
  readonly use: 'lock' | 'delayed' | 'semaphore' | 'election';
  /** Of a semaphore; else 0. */
  readonly permits: number;
}

/** What a lane is made of; the workload has one for each. */
export interface LaneSetup {
  readonly name: string;
  readonly client: Client;
  readonly host: Host;
  /** Uniform in [0, 1), of this lane alone. */
  readonly random: () => number;
  readonly locks: readonly LockUnderTest[];
  readonly meanThinkMs: number;
  readonly history: LockHistory;
  readonly resource: (lock: LockUnderTest) => FencedResource;
  /** Whether the session holds the lock now under this token, alone where that matters, by the checker's own reckoning. */
  readonly holds: (lock: string, hold: { readonly session: number; readonly token: number; readonly shared: boolean }) => boolean;
  /** Whether the request was ever granted, by the same reckoning. */
  readonly wasGranted: (session: number, request: number) => boolean;
  /** Runs at the resource, after a delay in the world. */
  readonly deliver: (delayMs: number, run: () => void) => void;
  readonly book: LaneBook;
}

/** What all lanes write down. */
export interface LaneBook {
  pending: number;
  readonly successes: number[];
  readonly unknown: UnknownCall[];
  readonly trails: Map<number, SessionTrail>;
  /** What the members told of requests, to be compared with the replay. */
  readonly told: ToldRequest[];
  /** What a client finds wrong by itself. */
  readonly problems: string[];
  /** Requests whose outcome was unknown, and that were asked again. */
  askedAgain: number;
  /** Leaders of elections that observers saw. */
  observed: number;
  readonly nowMs: () => number;
}

/** How a command about a request was answered; or, of one that waited, under which token it was seen to hold the lock. */
export interface ToldRequest {
  readonly session: number;
  readonly request: number;
  readonly answer: ReplayedAnswer | { readonly reply: 'seen'; readonly token: number };
}

/** Who holds a lock, in the words of the history. */
export function clientOf(session: number): string {
  return `s${session}`;
}
