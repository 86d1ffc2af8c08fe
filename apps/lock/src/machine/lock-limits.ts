/**
 * Bounds of the service. They decide what apply does, so they belong to the format of the log and are no options: members that
 * differ in them would diverge.
 */
export const lockLimits = {
  /** Shortest and longest life of a session without a renewal. */
  minTtlMs: 100,
  maxTtlMs: 3_600_000,
  /** The longest delay after the death of a holder. */
  maxDelayMs: 60_000,
  /** Of a lock's or a session's name, in UTF-16 units. A lock's name has at least one. */
  nameLength: 512,
  /** Of a session, a holder, a waiter, or the value of an election's leader. */
  metadataBytes: 4_096,
  sessions: 65_536,
  locks: 65_536,
  /** Grants of one lock at a time: readers, or permits in use. */
  holders: 4_096,
  waiters: 4_096,
  /** Requests of everybody together that hold or wait. */
  claims: 131_072,
  /** Requests that share one grant. */
  shares: 64,
  /** Requests of a session whose end is remembered, newest first; of others only that nothing below them begins any more. */
  finishedRequests: 32,
  /** Locks in one answer to a list, holders and waiters in one answer about a lock, edges in one graph. */
  listed: 1_000,
  /** Holders of each lock in an answer to a list. */
  listedHolders: 8,
} as const;
