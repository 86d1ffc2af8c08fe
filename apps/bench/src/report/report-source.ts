import type { BenchResult } from '../result/bench-result.ts';
import type { DetectorRow } from '../result/detectors.ts';
import type { SimulatedResult } from '../simulated/simulated-result.ts';

/** What a report is made of: whatever there is of it. */
export interface ReportSource {
  readonly measured?: BenchResult;
  readonly simulated?: SimulatedResult;
  /** One row for each failure detector, scenario and interval. */
  readonly detectors?: readonly DetectorRow[];
}
