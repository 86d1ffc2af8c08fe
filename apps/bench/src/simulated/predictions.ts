import type { LeaderLoss } from './failover-delay.ts';
import { failoverTimes } from './failover-delay.ts';
import type { Compared } from './simulated-result.ts';
import { stalenessTimes } from './staleness.ts';
import type { Variant } from './variants.ts';

type Range = Pick<Compared, 'least' | 'most'>;

/** Messages of a command: to every follower and back, and the notice of its commit unless that rides on the next message. */
export function messagesOf({ option }: Variant, voters: number, together: number): Range {
  return exactly(((option === 'piggyback' ? 2 : 3) * (voters - 1)) / together);
}

/** Every member syncs once for all that came together, and the followers' answers are one round trip away. */
export const commitDelays: Range = exactly(2);

/** Message delays from the suspicion on. */
export interface FailoverPrediction {
  readonly elected: Range;
  readonly ready: Range;
  readonly settled: Range;
  readonly firstCommit: Range;
  readonly firstCommand: Range;
}

/**
 * Raft: a round trip of pre-votes, one of votes (thesis §9.6), and a no-op of its own term (§5.4.2). Multi-Paxos: prepare and promise; nothing to
 * settle where no slot is open. ZAB: one or two rounds of notifications and the wait for better votes (fast leader election), then
 * CEPOCH, NEWEPOCH, ACK-E, NEWLEADER and ACK-LD (Zab, DSN 2011, §IV).
 */
export function failoverOf({ protocol, option }: Variant): FailoverPrediction {
  if (protocol === 'multi-paxos') return allExactly(2, 2, 2, 4);
  if (protocol === 'raft') return option === 'no pre-vote' ? allExactly(2, 2, 4, 4) : allExactly(4, 4, 6, 6);
  const wait = failoverTimes.finalizeWaitMs / failoverTimes.delayMs;
  const votes = (more: number): Range => ({ least: wait + 1 + more, most: wait + 2 + more });
  return { elected: votes(0), ready: votes(5), settled: votes(5), firstCommit: votes(7), firstCommand: votes(7) };
}

/** Milliseconds from the loss of a leader until somebody suspects it. */
export function detectionOf(protocol: Variant['protocol'], loss: LeaderLoss): Range {
  const { electionTimeoutMs, heartbeatMs, delayMs } = failoverTimes;
  // ZAB's followers take the end of the link to their leader for its loss, as ZooKeeper's do; the others wait for a timer.
  if (protocol === 'zab' && loss === 'killed') return exactly(delayMs);
  const most = protocol === 'zab' ? electionTimeoutMs : 2 * electionTimeoutMs;
  return { least: electionTimeoutMs - heartbeatMs, most: most + delayMs };
}

/** Milliseconds from a commit until followers know of it: half a round trip, or until the next heartbeat. */
export function stalenessOf({ option }: Variant): { readonly mean: Range; readonly most: Range } {
  const { heartbeatMs, delayMs } = stalenessTimes;
  if (option !== 'piggyback') return { mean: exactly(delayMs), most: exactly(delayMs) };
  return {
    mean: { least: heartbeatMs * 0.4, most: heartbeatMs * 0.6 + delayMs },
    most: { least: heartbeatMs * 0.8, most: heartbeatMs + 2 * delayMs },
  };
}

function allExactly(elected: number, ready: number, settled: number, firstCommit: number): FailoverPrediction {
  return {
    elected: exactly(elected),
    ready: exactly(ready),
    settled: exactly(settled),
    firstCommit: exactly(firstCommit),
    firstCommand: exactly(firstCommit),
  };
}

function exactly(value: number): Range {
  return { least: value, most: value };
}

/** Puts a figure beside its range. */
export function compared(measured: number, { least, most }: Range): Compared {
  return { measured, least, most };
}

/** Whether theory has it so. */
export function isAsPredicted({ measured, least, most }: Compared): boolean {
  return measured >= least - tolerance && measured <= most + tolerance;
}

const tolerance = 1e-6;
