import type { FaultKind, Plan, SimulationResult, Violation } from '@quorate/simulator';
import type { MarkCounts } from '../coverage/coverage.ts';
import type { HuntReport } from '../plants/hunt.ts';
import type { Failure } from './failure.ts';

/** One piece of work for a thread; plain data. */
export type Task = SeedTask | HuntTask | PlanTask;

/** Runs one seed and judges it. */
export interface SeedTask {
  readonly kind: 'seed';
  readonly protocol: string;
  readonly workload: string;
  readonly seed: number;
  readonly seconds: number;
  /** Runs it a second time, and compares. */
  readonly twice: boolean;
  /** Where the trace of a failure goes. */
  readonly traceDirectory: string;
}

/** Looks for a planted bug. */
export interface HuntTask {
  readonly kind: 'hunt';
  readonly protocol: string;
  readonly plant: string;
}

/** Runs one plan: a step of a shrinker. */
export interface PlanTask {
  readonly kind: 'plan';
  readonly protocol: string;
  readonly workload: string;
  readonly plan: Plan;
}

/** What came of a task. */
export type Answer = SeedAnswer | HuntAnswer | PlanAnswer;

/** How a seed went: sums and failures, nothing else is kept of it. */
export interface SeedAnswer {
  readonly kind: 'seed';
  readonly seed: number;
  readonly ending: SimulationResult['ending'];
  readonly events: number;
  readonly virtualMs: number;
  readonly committed: number;
  readonly operations: number;
  readonly partitions: number;
  readonly unknownPartitions: number;
  readonly faults: Readonly<Record<FaultKind, number>>;
  readonly marks: MarkCounts;
  /** How often it was run. */
  readonly runs: number;
  readonly failures: readonly Failure[];
}

/** Whether a planted bug was found. */
export interface HuntAnswer {
  readonly kind: 'hunt';
  readonly report: HuntReport;
}

/** What a plan broke. */
export interface PlanAnswer {
  readonly kind: 'plan';
  readonly violations: readonly Violation[];
}
