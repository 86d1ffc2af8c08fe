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

/** One reading. */
export interface MetricSample {
  readonly kind: 'counter' | 'gauge';
  readonly name: string;
  readonly help: string;
  readonly value: number;
  readonly labels?: MetricLabels;
}

/** The registry behind `/metrics`. Names follow Prometheus: base units, `_total` for counters. */
export interface Metrics {
  /** One counter per set of labels; asking again returns the same one. */
  counter(name: string, help: string, labels?: MetricLabels): Counter;
  /** `bounds`: upper bounds of the buckets, rising; `+Inf` is added. */
  histogram(
    name: string,
    help: string,
    options: { readonly bounds: readonly number[]; readonly labels?: MetricLabels },
  ): Histogram;
  /** Read at every scrape: `NaN` is left out. */
  collect(read: () => Iterable<MetricSample>): void;
  /** The Prometheus text format, version 0.0.4 (`text/plain; version=0.0.4`). */
  readonly render: () => string;
}

interface Family {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly lines: string[];
}

interface OwnCounter extends Counter {
  readonly name: string;
  readonly help: string;
  readonly labels: string;
  value: number;
}

interface OwnHistogram extends Histogram {
  readonly name: string;
  readonly help: string;
  readonly labels: string;
  readonly bounds: readonly number[];
  readonly counts: number[];
  sum: number;
}

/** An empty registry. */
export function createMetrics(): Metrics {
  const counters = new Map<string, OwnCounter>();
  const histograms = new Map<string, OwnHistogram>();
  const readers: (() => Iterable<MetricSample>)[] = [];
  return {
    counter: (name, help, labels = {}) =>
      once(counters, name + labelText(labels), () => newCounter(name, help, labelText(labels))),
    histogram: (name, help, { bounds, labels = {} }) =>
      once(histograms, name + labelText(labels), () => newHistogram(name, help, { bounds, labels: labelText(labels) })),
    collect: (read) => {
      readers.push(read);
    },
    render: () => {
      const families = new Map<string, Family>();
      for (const { name, help, labels, value } of counters.values())
        add(families, { kind: 'counter', name, help }, [`${name}${labels} ${value}`]);
      for (const histogram of histograms.values()) {
        add(families, { kind: 'histogram', name: histogram.name, help: histogram.help }, histogramLines(histogram));
      }
      for (const read of readers) {
        for (const { kind, name, help, value, labels = {} } of read()) {
          if (!Number.isNaN(value)) add(families, { kind, name, help }, [`${name}${labelText(labels)} ${value}`]);
        }
      }
      return textOf(families);
    },
  };
}

function once<T>(all: Map<string, T>, key: string, make: () => T): T {
  const present = all.get(key);
  if (present !== undefined) return present;
  const made = make();
  all.set(key, made);
  return made;
}

function newCounter(name: string, help: string, labels: string): OwnCounter {
  const counter: OwnCounter = {
    name,
    help,
    labels,
    value: 0,
    add: (amount) => {
      counter.value += amount;
    },
  };
  return counter;
}

function newHistogram(
  name: string,
  help: string,
  shape: { readonly bounds: readonly number[]; readonly labels: string },
): OwnHistogram {
  const histogram: OwnHistogram = {
    name,
    help,
    labels: shape.labels,
    bounds: shape.bounds,
    counts: Array.from({ length: shape.bounds.length + 1 }, () => 0),
    sum: 0,
    observe: (value) => {
      const found = histogram.bounds.findIndex((bound) => value <= bound);
      const place = found < 0 ? histogram.bounds.length : found;
      histogram.counts[place] = (histogram.counts[place] ?? 0) + 1;
      histogram.sum += value;
    },
  };
  return histogram;
}

function histogramLines({ name, labels, bounds, counts, sum }: OwnHistogram): string[] {
  const lines: string[] = [];
  let total = 0;
  counts.forEach((count, place) => {
    total += count;
    const bound = `le="${bounds[place] ?? '+Inf'}"`;
    lines.push(`${name}_bucket${labels === '' ? `{${bound}}` : `${labels.slice(0, -1)},${bound}}`} ${total}`);
  });
  lines.push(`${name}_sum${labels} ${sum}`, `${name}_count${labels} ${total}`);
  return lines;
}

function add(
  families: Map<string, Family>,
  { kind, name, help }: Omit<Family, 'lines'> & { readonly name: string },
  lines: string[],
): void {
  once(families, name, () => ({ kind, help, lines: [] as string[] })).lines.push(...lines);
}

function textOf(families: ReadonlyMap<string, Family>): string {
  const parts: string[] = [];
  for (const [name, { kind, help, lines }] of families) {
    parts.push(`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`, `# TYPE ${name} ${kind}`, ...lines);
  }
  return `${parts.join('\n')}\n`;
}

function labelText(labels: MetricLabels): string {
  const names = Object.keys(labels).sort();
  if (names.length === 0) return '';
  return `{${names.map((name) => `${name}="${escaped(labels[name] ?? '')}"`).join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
