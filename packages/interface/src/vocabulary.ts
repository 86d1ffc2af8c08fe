/** A member of the group: an integer in 1 … 2^48−1, minted once per data directory, never reused, and ordered. */
export type MemberId = number;

/** A dense position in the log: Raft's index, Multi-Paxos' slot, in ZAB the length of the history up to the txn. Starts at 1; 0 is "before the log". */
export type Index = number;

/** Numbers the journal batches of one process life: 1, 2, 3 …; `persisted(n)` covers n and everything before it; 0 is "nothing". */
export type WriteNumber = number;

/** One life of the connection to one peer: local to this process, rising, never reused. */
export type LinkId = number;

/**
 * A leadership number, totally ordered by `round`, then `owner`.
 * Raft: (term, 0). Multi-Paxos: the ballot (round, member). ZAB: (epoch, 0). Both parts are safe integers.
 */
export interface Epoch {
  readonly round: number;
  readonly owner: MemberId;
}

/** A range of indexes; both ends are inclusive. */
export interface IndexRange {
  readonly from: Index;
  readonly to: Index;
}

/** Consecutive entries of one epoch. A gap between two runs of a log is a hole. */
export interface EpochRun extends IndexRange {
  readonly epoch: Epoch;
}

/** The epoch below every other: nothing was ever proposed under it. */
export const noEpoch: Epoch = Object.freeze({ round: 0, owner: 0 });

/** Negative, zero or positive as `a` is below, equal to or above `b`. */
export function compareEpochs(a: Epoch, b: Epoch): number {
  return a.round === b.round ? a.owner - b.owner : a.round - b.round;
}

/** True when both name the same leadership. */
export function sameEpoch(a: Epoch, b: Epoch): boolean {
  return a.round === b.round && a.owner === b.owner;
}
