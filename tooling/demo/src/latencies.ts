import { createHistogram } from 'node:perf_hooks';

/** What an operator asks about latencies; milliseconds. */
export interface LatencySummary {
  readonly count: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Records latencies in Node's HDR histogram, in microseconds. */
export interface Latencies {
  record(ms: number): void;
  summary(): LatencySummary;
}

/** An empty recorder. */
export function createLatencies(): Latencies {
  const histogram = createHistogram({ figures: 3 });
  return {
    record: (ms) => histogram.record(Math.max(1, Math.round(ms * 1000))),
    summary: () => ({
      count: histogram.count,
      p50Ms: histogram.percentile(50) / 1000,
      p90Ms: histogram.percentile(90) / 1000,
      p99Ms: histogram.percentile(99) / 1000,
      maxMs: histogram.count === 0 ? 0 : histogram.max / 1000,
    }),
  };
}
