/** Label names and values of one series. */
export type MetricLabels = Readonly<Record<string, string>>;

/** A number that only rises. */
export interface Counter {
  add(amount: number): void;
}

/** A distribution in fixed buckets. */
export interface Histogram {
  observe(value: number): void;
}

/** The registry behind `/metrics`. Names follow Prometheus: base units, `_total` for counters. */
export interface Metrics {
  /** One counter per set of labels; asking again returns the same one. */
  counter(name: string, help: string, labels?: MetricLabels): Counter;
  /** `bounds`: upper bounds of the buckets, rising; `+Inf` is added. */
  histogram(name: string, help: string, bounds: readonly number[], labels?: MetricLabels): Histogram;
  /** Read at every scrape. `NaN` and undefined leave the series out. */
  sample(kind: 'counter' | 'gauge', name: string, help: string, read: () => number | undefined, labels?: MetricLabels): void;
  /** The Prometheus text format, version 0.0.4. */
  render(): string;
}
