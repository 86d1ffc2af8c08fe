/** A distribution of latencies, from an HdrHistogram with three significant digits. */
export interface Latency {
  readonly count: number;
  readonly meanMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** For curves: rising, without empty buckets; at most a few hundred. */
  readonly buckets: readonly LatencyBucket[];
  /** The whole histogram as HdrHistogram V2, compressed, base 64, in microseconds: what its plotters read. */
  readonly hdr: string;
}

/** Latencies up to `upToMs` and above the bucket before. */
export interface LatencyBucket {
  readonly upToMs: number;
  readonly count: number;
}
