/** Why a grant or a wait ended. */
export type LockEndCause = 'released' | 'cancelled' | 'closed' | 'expired' | 'forced';

/** A request got its lock, at once or after it waited. Once per grant, on every member; a retry and a re-entry are none. */
export interface GrantedEvent {
  readonly type: 'granted';
  readonly lock: string;
  readonly session: number;
  readonly request: number;
  readonly token: number;
  /** True: the reply to its acquire said `queued`, and whoever polls for it wakes now. */
  readonly waited: boolean;
}

/** A grant is over: the last of its requests was released, or it was taken. */
export interface ReleasedEvent {
  readonly type: 'released';
  readonly lock: string;
  readonly session: number;
  /** The newest token of the grant. */
  readonly token: number;
  readonly cause: Exclude<LockEndCause, 'cancelled'>;
  /** For how long the lock stays taken all the same; 0: not at all. */
  readonly delayMs: number;
}

/** A request waits no more and has no lock. */
export interface WaitEndedEvent {
  readonly type: 'wait-ended';
  readonly lock: string;
  readonly session: number;
  readonly request: number;
  readonly cause: 'cancelled' | 'closed' | 'expired';
}

/** A session began. */
export interface SessionOpenedEvent {
  readonly type: 'session-opened';
  readonly session: number;
  readonly ttlMs: number;
}

/** A session is over. Comes before the events about what it held. */
export interface SessionEndedEvent {
  readonly type: 'session-ended';
  readonly session: number;
  readonly cause: 'closed' | 'expired';
}

/** An administrator took a lock: for the log. Comes before the events about what changed. */
export interface ForceReleasedEvent {
  readonly type: 'force-released';
  readonly lock: string;
  /** Those who held it. */
  readonly holders: readonly { readonly session: number; readonly token: number }[];
  readonly by: string;
  readonly reason: string;
}

/** The delay after a holder's death is over, or was ended. */
export interface DelayEndedEvent {
  readonly type: 'delay-ended';
  readonly lock: string;
  readonly token: number;
}

/** An election has another leader, or its leader another value. */
export interface ElectionEvent {
  readonly type: 'election';
  readonly lock: string;
  /** 0: nobody leads. */
  readonly session: number;
  readonly token: number;
  readonly value: Uint8Array;
}

/** What subscribers of a lock service's replica are told, in log order: before the reply of the command that caused it. */
export type LockEvent =
  | GrantedEvent
  | ReleasedEvent
  | WaitEndedEvent
  | SessionOpenedEvent
  | SessionEndedEvent
  | ForceReleasedEvent
  | DelayEndedEvent
  | ElectionEvent;
