import type { Operation } from '../workload/workload.ts';

/** How an operation ended. `unknown`: perhaps applied. */
export type OperationOutcome = 'succeeded' | 'failed' | 'unknown';

/** What a success is measured by where an operation is a hand-over and what prepares it. */
export interface HandOverSample {
  /** From the release that was sent to the grant of the next holder. */
  readonly handOverMs: number;
  /** A release where nobody waits. */
  readonly commitMs: number;
  /** Answers that came to those who wait, since the sample before. */
  readonly wakeUps: number;
}

/** A connected cluster. */
export interface Target {
  /** Sends an operation; `done` is called once, never within this call. */
  send(operation: Operation, done: (outcome: OperationOutcome, handOver?: HandOverSample) => void): void;
  close(): Promise<void>;
}
