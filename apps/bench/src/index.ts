/**
 * Measures clusters of real member processes, and says what may be concluded from it.
 *
 * @packageDocumentation
 */

// For users: comparisons in virtual time, and reports of whatever was measured. All of it is pure.
export { compareSimulated } from './simulated/compare-simulated.ts';
export type { Comparison, SimulatedChoice } from './simulated/compare-simulated.ts';
export { htmlReport } from './report/html/html-report.ts';
export { markdownReport } from './report/markdown.ts';
export { reportDocument } from './report/report-document.ts';
export { terminalReport } from './report/terminal.ts';

// What result files hold, and what reports are made of.
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
export type { DetectorRow, DetectorStudy } from './result/detectors.ts';
export type { FailoverCell, FailoverTrial } from './result/failover.ts';
export type { Group, RankedCell, Ratio, RatioMetric } from './result/group.ts';
export type { HandOver, HandOverRepeat } from './result/hand-over.ts';
export type { Latency, LatencyBucket } from './result/latency.ts';
export type { Machine } from './result/machine.ts';
export type { NotMeasured, Warning } from './result/remark.ts';
export type { ReportSource } from './report/report-source.ts';
export type { ReportDocument } from './report/document.ts';
export { simulatedFormat } from './simulated/simulated-result.ts';
export type { SimulatedResult } from './simulated/simulated-result.ts';
