import type { MemberId } from './vocabulary.ts';

/**
 * Says which peers seem to be dead, from the times at which they were heard. It can be wrong in both ways, so that it is only ever a
 * hint: nothing that must be safe may depend on it (Chandra and Toueg 1996). Made by a {@link DetectorStrategy}.
 *
 * All times are monotonic milliseconds of one host, with fractions. It has no timer: its host sets one for `nextDeadlineMs`.
 */
export interface FailureDetector<Peer = MemberId> {
  /** `suspicion` reaches this exactly where `status` becomes `suspect`. */
  readonly threshold: number;
  /**
   * Watches a peer from `atMs` on. It is trusted until it had time for a first heartbeat. A peer that is watched already begins anew:
   * another incarnation, other terms, nothing remembered. Memory grows with the peers that are watched, and with nothing else.
   */
  expect(peer: Peer, atMs: number, terms?: Expectation): void;
  /**
   * The peer was heard at `atMs`. False where it is not watched, and nothing happens then. `sequence` is the place of this heartbeat in
   * its sender's schedule, which does not wait for a sender that was late: number n + 1 is due one interval after n. A number that is
   * not above the last one is an old heartbeat and tells nothing. Give it always or never; where heartbeats can be lost, give it.
   */
  heartbeat(peer: Peer, atMs: number, sequence?: number): boolean;
  /** No longer watches the peer; nothing of it remains. */
  forget(peer: Peer): void;
  /** Rises while nothing is heard, and falls only by a heartbeat or a stall; its scale is its strategy's. Undefined: not watched. */
  suspicion(peer: Peer, nowMs: number): number | undefined;
  /** Undefined: not watched. */
  status(peer: Peer, nowMs: number): PeerStatus | undefined;
  /** Every peer that is suspected at `nowMs`, the longest first. Reports those that were not yet. A fresh array. */
  expired(nowMs: number): readonly Peer[];
  /** When the next peer that is trusted becomes suspected unless it is heard; Infinity where there is none. */
  readonly nextDeadlineMs: number;
  /**
   * This process itself did nothing from `fromMs` to `untilMs`, so that a silence in between is not held against anybody: every deadline
   * behind `fromMs` moves by that time. Say it before anything else that happens at or after `untilMs`.
   */
  stalled(fromMs: number, untilMs: number): void;
}

/** What a detector holds of a peer. */
export type PeerStatus = 'trust' | 'suspect';

/** What is known of one peer when it begins to be watched. */
export interface Expectation {
  /** How long the peer may be silent: for its first heartbeat under every strategy, for all of them under a fixed timeout. */
  readonly timeoutMs?: number;
  /** Which life of the peer this is. Default 0. */
  readonly incarnation?: number;
}

/** A peer was trusted and is suspected, or the other way round. */
export interface StatusChange<Peer = MemberId> {
  readonly peer: Peer;
  readonly incarnation: number;
  readonly status: PeerStatus;
  /** When it became true, which may be before it was noticed. Never falls for one peer. */
  readonly atMs: number;
}

/** A way to judge silence, with its options: makes any number of detectors that share nothing. */
export interface DetectorStrategy {
  /** For tables and logs. */
  readonly name: string;
  /** `onChange` is called inside of `expect`, `heartbeat`, `expired` and `stalled`, and may call its detector. */
  create<Peer = MemberId>(onChange?: (change: StatusChange<Peer>) => void): FailureDetector<Peer>;
}
