import type { Operation } from '../workload/workload.ts';

/** How an operation ended. `unknown`: perhaps applied. */
export type OperationOutcome = 'succeeded' | 'failed' | 'unknown';

/** A connected cluster. */
export interface Target {
  /** Sends an operation; `done` is called once, never within this call. */
  send(operation: Operation, done: (outcome: OperationOutcome) => void): void;
  close(): Promise<void>;
}
