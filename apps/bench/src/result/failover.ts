import type { Estimate, SystemUnderTest, VerdictReason } from './cell.ts';

/** What clients of one system saw when its leader was killed with SIGKILL, again and again. */
export interface FailoverCell {
  readonly id: string;
  readonly system: SystemUnderTest;
  readonly electionTimeoutMs: number;
  readonly heartbeatMs: number;
  /** The offered load, open loop. */
  readonly ratePerSecond: number;
  readonly trials: readonly FailoverTrial[];
  /** Over the trials that have them; undefined where none has. */
  readonly gapMs: Estimate | undefined;
  readonly detectionMs: Estimate | undefined;
  readonly electionMs: Estimate | undefined;
  readonly readyMs: Estimate | undefined;
  readonly firstCommitMs: Estimate | undefined;
  /** Why it is not to be compared; empty where it is. */
  readonly remarks: readonly VerdictReason[];
}

/** One death of a leader. The four parts follow each other; a part is undefined where the new leader does not tell. */
export interface FailoverTrial {
  readonly killed: string;
  readonly leader: string;
  /** The longest time without a success around the kill, less what was usual before it (p99.9 of the gaps between two successes). */
  readonly gapMs: number;
  /** From the kill until the coming leader suspected the old one. */
  readonly detectionMs: number | undefined;
  /** From there until it was elected. */
  readonly electionMs: number | undefined;
  /** From there until it accepted proposals. */
  readonly readyMs: number | undefined;
  /** From there until a client's operation succeeded. */
  readonly firstCommitMs: number | undefined;
  /** From the kill until a client's operation that was sent after it succeeded. */
  readonly totalMs: number;
  readonly failed: number;
  readonly unknown: number;
  readonly disturbed: boolean;
}
