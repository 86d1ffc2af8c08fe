import type { BenchResult } from '../result/bench-result.ts';
import type { SimulatedResult } from '../simulated/simulated-result.ts';

/** What a report is made of: whatever there is of it. */
export interface ReportSource {
  readonly measured?: BenchResult;
  readonly simulated?: SimulatedResult;
  /** One row for each failure detector, scenario and interval. */
  readonly detectors?: readonly DetectorRow[];
}

/**
 * What one failure detector does under one scenario: a row of `tradeOff` of `@quorate/failure-detector`. In JSON an infinite figure is null:
 * it did not happen within the trace.
 */
export interface DetectorRow {
  readonly scenario: string;
  readonly strategy: string;
  readonly intervalMs: number;
  readonly detectionP50Ms: number | null;
  readonly detectionP99Ms: number | null;
  readonly mistakes: number;
  readonly mistakesPerHour: number;
  readonly mistakeDurationMs: number;
  /** The part of a peer's life in which it is trusted. */
  readonly accuracy: number;
  readonly messagesPerSecond: number;
}
