import type { LoopSettings } from '../result/cell.ts';
import type { WarmUpSettings } from '../result/bench-result.ts';
import type { WorkloadSizes } from '../workload/workload.ts';

/** Everything that a load process is told at its start. Plain JSON: it crosses a process boundary. */
export interface LoadPlan {
  readonly workload: string;
  readonly sizes: WorkloadSizes;
  readonly loop: LoopSettings;
  readonly door: DoorPlan;
  readonly warmUp: WarmUpSettings;
  /** Of each operation. After it the outcome is unknown. */
  readonly timeoutMs: number;
  readonly seed: number;
}

/** Where and how to connect. */
export type DoorPlan =
  | { readonly kind: 'native'; readonly endpoints: readonly string[] }
  /** The first endpoint only. */
  | { readonly kind: 'http'; readonly endpoints: readonly string[] }
  | {
      readonly kind: 'grpc';
      readonly endpoints: readonly string[];
      /** To all endpoints together, in turns. */
      readonly connections: number;
    };

/** What the parent asks of a load process, and what that answers; one answer for each request. */
export interface LoadRequests {
  /** Connects, writes all keys, runs the load until it has settled or time is up. The load goes on. */
  warmUp: { readonly plan: LoadPlan; readonly answer: WarmUpReport };
  /** Where the counters stand. */
  reading: { readonly plan: undefined; readonly answer: LoadReading };
  /** Measures for some seconds while the load goes on. */
  measure: { readonly plan: { readonly seconds: number }; readonly answer: LoadMeasurement };
  /** Writes down every operation from now on. */
  watch: { readonly plan: undefined; readonly answer: null };
  /** What was written down since, and stops writing. */
  trail: { readonly plan: undefined; readonly answer: LoadTrail };
  /** Sends no more, and waits for what is in flight. */
  stop: { readonly plan: undefined; readonly answer: null };
}

/** How a warm-up went. */
export interface WarmUpReport {
  readonly steady: boolean;
  readonly seconds: number;
  readonly windowsPerSecond: readonly number[];
}

/** Counters of a load process. */
export interface LoadReading {
  readonly succeeded: number;
  readonly cpuSeconds: number;
}

/** What was measured. */
export interface LoadMeasurement {
  readonly seconds: number;
  readonly intended: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly unknown: number;
  readonly windowsPerSecond: readonly number[];
  /** HdrHistograms of microseconds, V2, compressed, base 64; the second one only of an open loop. */
  readonly latency: string;
  readonly latencyFromSend: string | undefined;
  /** Only where a lock is handed over: a histogram as above, and answers to those who wait. */
  readonly handOver: { readonly commitLatency: string; readonly wakeUps: number } | undefined;
}

/** Operations one by one, by the time of their end. Milliseconds since the epoch, on the clock that the members' metrics use. */
export interface LoadTrail {
  readonly sentAtMs: readonly number[];
  readonly endedAtMs: readonly number[];
  /** 0 succeeded, 1 failed, 2 unknown. */
  readonly outcomes: readonly number[];
}
