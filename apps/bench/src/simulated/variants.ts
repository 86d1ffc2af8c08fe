import type { CoreKind } from '@quorate/interface';
import { multiPaxos } from '@quorate/multi-paxos';
import { raft } from '@quorate/raft';
import { zab } from '@quorate/zab';

/** The protocols that are compared. */
export type ProtocolName = 'raft' | 'multi-paxos' | 'zab';

/** Timers of all members, scaled alike for all protocols. */
export interface Times {
  readonly electionTimeoutMs: number;
  readonly heartbeatMs: number;
}

/** A protocol with options that a prediction speaks of. */
export interface Variant {
  readonly protocol: ProtocolName;
  /** What differs from the defaults; empty: nothing. */
  readonly option: '' | 'piggyback' | 'no pre-vote' | 'write quorum of 2';
  readonly core: (times: Times, voters: number) => CoreKind<never>;
}

/** The three as they come. ZAB waits a fifth of an election timeout for better votes, which is its default. */
export const plainVariants: readonly Variant[] = [
  { protocol: 'raft', option: '', core: (times) => raft(times) as unknown as CoreKind<never> },
  { protocol: 'multi-paxos', option: '', core: (times) => multiPaxos(times) as unknown as CoreKind<never> },
  { protocol: 'zab', option: '', core: (times) => zab(times) as unknown as CoreKind<never> },
];

/** Commits are told to followers with the next message to them, not by one of its own. ZAB has no such choice. */
export const piggybackVariants: readonly Variant[] = [
  {
    protocol: 'raft',
    option: 'piggyback',
    core: (times) => raft({ ...times, commitNotice: 'piggyback' }) as unknown as CoreKind<never>,
  },
  {
    protocol: 'multi-paxos',
    option: 'piggyback',
    core: (times) => multiPaxos({ ...times, commitNotice: 'piggyback' }) as unknown as CoreKind<never>,
  },
];

/** Raft that votes at once, as its paper has it. */
export const withoutPreVote: Variant = {
  protocol: 'raft',
  option: 'no pre-vote',
  core: (times) => raft({ ...times, preVote: false }) as unknown as CoreKind<never>,
};

/** Flexible Paxos (Howard and others, 2016): two choose, and all but one have to promise. */
export const smallWriteQuorum: Variant = {
  protocol: 'multi-paxos',
  option: 'write quorum of 2',
  core: (times, voters) => multiPaxos({ ...times, q2Size: 2, q1Size: voters - 1 }) as unknown as CoreKind<never>,
};
