import type { Calibration } from './calibration.ts';
import type { Cell } from './cell.ts';
import type { DetectorStudy } from './detectors.ts';
import type { FailoverCell } from './failover.ts';
import type { Group, Ratio } from './group.ts';
import type { Machine } from './machine.ts';
import type { CheckPerf } from './check-perf.ts';
import type { NotMeasured, Warning } from './remark.ts';

/** The version of everything in this folder. A change that an older reader would misread raises it. */
export const resultFormat = 'quorate-bench/1';

/** What one run of `quorate-bench` found: plain JSON. Times are milliseconds unless a name says otherwise. */
export interface BenchResult {
  readonly format: typeof resultFormat;
  readonly command: 'calibrate' | 'compare' | 'versus';
  /** Of `@quorate/bench`. */
  readonly version: string;
  /** As it was typed. */
  readonly commandLine: readonly string[];
  /** ISO 8601. */
  readonly startedAt: string;
  /** How long the run took. */
  readonly seconds: number;
  /** True where somebody ended it early: what is here was measured, what is not is in `notMeasured`. */
  readonly interrupted: boolean;
  readonly machine: Machine;
  readonly settings: RunSettings;
  /** Before anything else ran. Undefined where it was left out. */
  readonly calibration: Calibration | undefined;
  /** In the order of measuring. */
  readonly cells: readonly Cell[];
  /** Cells that may be compared with each other, with their ratios and ranking. A cell is in exactly one group. */
  readonly groups: readonly Group[];
  readonly failovers: readonly FailoverCell[];
  /** Only `compare` has any, where time was given for it. */
  readonly detectors: DetectorStudy | undefined;
  /** Runs of `etcdctl check perf`; only `versus` has any. */
  readonly checkPerf: readonly CheckPerf[];
  /** Of those runs, by system: puts per second, and CPU seconds of the members per put. */
  readonly checkPerfRatios: readonly Ratio[];
  readonly warnings: readonly Warning[];
  readonly notMeasured: readonly NotMeasured[];
}

/** How everything in a run was measured. */
export interface RunSettings {
  readonly quick: boolean;
  readonly members: number;
  readonly repeats: number;
  /** Length of one measurement behind its warm-up. */
  readonly measureSeconds: number;
  readonly warmUp: WarmUpSettings;
  readonly failoverTrials: number;
  /** For how long heartbeats are recorded; 0: not at all. */
  readonly detectorSeconds: number;
  /** Of our members: what they are started with. */
  readonly electionTimeoutMs: number;
  readonly heartbeatMs: number;
  /** The seed of arrivals, key choice and bootstrap. */
  readonly seed: number;
  readonly bootstrapResamples: number;
  /** Limits beyond which a cell is not ranked. */
  readonly limits: RankingLimits;
}

/** When a warm-up is over: the throughput of the last windows changes by less than the limit from first to last, or time is up. */
export interface WarmUpSettings {
  readonly windowSeconds: number;
  readonly windows: number;
  readonly slopeLimit: number;
  readonly mostSeconds: number;
}

/** What makes a cell unfit for a ranking. */
export interface RankingLimits {
  /** Of the machine's CPU, used by processes that are not part of the measurement. */
  readonly foreignCpuShare: number;
  /** Of the machine's CPU, taken by the hypervisor. */
  readonly stealShare: number;
  /** How far the probe after a measurement may be from the one before it, as a ratio. */
  readonly probeRatio: number;
  /** Half the width of the confidence interval of the throughput, as a share of it. */
  readonly halfWidth: number;
  /** Operations that failed or have no known outcome. */
  readonly lostShare: number;
  /** Repeats that were disturbed or not steady, as a share of all. */
  readonly badRepeatShare: number;
}
