import { majorityOf } from './majority.ts';

/**
 * Who must answer. A set of yes-votes is a quorum when it holds `size` members of `voters` and, in a joint configuration,
 * `size` members of every half (Raft thesis §4.3). Immutable.
 */
export interface QuorumSystem {
  /** Each half with its own size; one half unless a joint change is under way. */
  readonly halves: readonly QuorumHalf[];
}

/** `size` of these `voters` suffice; each voter is named once. An empty set of voters, or a size of 0, never has a quorum. */
export interface QuorumHalf {
  readonly voters: readonly number[];
  readonly size: number;
}

/** Majorities of one configuration, or of both halves of a joint one. */
export function majorities(voters: readonly number[], next?: readonly number[]): QuorumSystem {
  const halves = [{ voters, size: majorityOf(voters.length) }];
  if (next !== undefined) halves.push({ voters: next, size: majorityOf(next.length) });
  return { halves };
}

/** Quorums of a chosen size. Two phases are safe together only if {@link alwaysIntersect}. */
export function quorumsOfSize(voters: readonly number[], size: number): QuorumSystem {
  return { halves: [{ voters, size }] };
}

/** Flexible Paxos: every `q1` of `q1Size` meets every `q2` of `q2Size` among `members`. */
export function alwaysIntersect(members: number, q1Size: number, q2Size: number): boolean {
  return q1Size >= 1 && q2Size >= 1 && q1Size <= members && q2Size <= members && q1Size + q2Size > members;
}

/** True when the members for which `has` answers yes form a quorum. */
export function isQuorum(system: QuorumSystem, has: (voter: number) => boolean): boolean {
  for (const { voters, size } of system.halves) {
    let count = 0;
    for (const voter of voters) if (has(voter)) count++;
    if (size < 1 || count < size) return false;
  }
  return system.halves.length > 0;
}

/** True when `voter` counts in any half. */
export function isVoter(system: QuorumSystem, voter: number): boolean {
  return system.halves.some(({ voters }) => voters.includes(voter));
}

/** Every voter once, in rising order. */
export function votersOf(system: QuorumSystem): readonly number[] {
  const all = new Set<number>();
  for (const { voters } of system.halves) for (const voter of voters) all.add(voter);
  return [...all].sort((a, b) => a - b);
}
