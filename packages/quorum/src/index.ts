/**
 * Quorum arithmetic: majorities, joint and flexible quorums, tallies, and the index that a quorum has reached. Pure; imports nothing.
 *
 * @packageDocumentation
 */

// For users and implementers alike.
export { majorityOf } from './majority.ts';
export { quorumIndex } from './quorum-index.ts';
export { alwaysIntersect, isQuorum, isVoter, majorities, quorumsOfSize, votersOf } from './quorum-system.ts';
export type { QuorumHalf, QuorumSystem } from './quorum-system.ts';
export { createTally } from './tally.ts';
export type { Tally, TallyResult } from './tally.ts';
