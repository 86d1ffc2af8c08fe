/**
 * Measures clusters of real member processes, and says what may be concluded from it.
 *
 * @packageDocumentation
 */

// For users: what a result file holds.
export { resultFormat } from './result/bench-result.ts';
export type { BenchResult, RankingLimits, RunSettings, WarmUpSettings } from './result/bench-result.ts';
export type { Calibration, CodecCalibration, LoopbackCalibration, SyncCalibration } from './result/calibration.ts';
export type {
  Cell,
  CommitCost,
  Disturbance,
  Estimate,
  LoopSettings,
  OperationCounts,
  ProcessCpu,
  Repeat,
  SystemUnderTest,
  Verdict,
  VerdictReason,
  WorkloadSettings,
} from './result/cell.ts';
export type { CheckPerf } from './result/check-perf.ts';
export type { FailoverCell, FailoverTrial } from './result/failover.ts';
export type { Group, RankedCell, Ratio, RatioMetric } from './result/group.ts';
export type { Latency, LatencyBucket } from './result/latency.ts';
export type { Machine } from './result/machine.ts';
export type { NotMeasured, Warning } from './result/remark.ts';
