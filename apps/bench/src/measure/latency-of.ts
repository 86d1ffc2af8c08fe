import { decodeFromCompressedBase64, encodeIntoCompressedBase64, JsHistogram } from 'hdr-histogram-js';
import { newHistogram } from '../load/recorder.ts';
import type { Latency, LatencyBucket } from '../result/latency.ts';

const bucketsPerDecade = 40;

/** Puts the histograms of all repeats together. They are what a load process encoded: microseconds, V2, compressed, base 64. */
export function latencyOf(encoded: readonly string[]): Latency {
  const all = newHistogram();
  for (const one of encoded) all.add(decodeFromCompressedBase64(one));
  const ms = (percentile: number): number => all.getValueAtPercentile(percentile) / 1000;
  const isEmpty = all.totalCount === 0;
  return {
    count: all.totalCount,
    meanMs: isEmpty ? 0 : all.mean / 1000,
    minMs: isEmpty ? 0 : all.minNonZeroValue / 1000,
    maxMs: all.maxValue / 1000,
    p50Ms: ms(50),
    p90Ms: ms(90),
    p99Ms: ms(99),
    p999Ms: ms(99.9),
    buckets: isEmpty ? [] : bucketsOf(all),
    hdr: encodeIntoCompressedBase64(all),
  };
}

/** A percentile of one histogram, milliseconds. */
export function percentileMs(encoded: string, percentile: number): number {
  return decodeFromCompressedBase64(encoded).getValueAtPercentile(percentile) / 1000;
}

function bucketsOf(histogram: unknown): readonly LatencyBucket[] {
  if (!(histogram instanceof JsHistogram)) throw new TypeError('a histogram was not built in JavaScript');
  const counts = new Map<number, number>();
  const values = histogram.recordedValuesIterator;
  values.reset();
  while (values.hasNext()) {
    const { valueIteratedTo, countAtValueIteratedTo } = values.next();
    const step = Math.ceil(Math.log10(valueIteratedTo) * bucketsPerDecade);
    counts.set(step, (counts.get(step) ?? 0) + countAtValueIteratedTo);
  }
  return [...counts].map(([step, count]) => ({ upToMs: Number((10 ** (step / bucketsPerDecade) / 1000).toPrecision(4)), count }));
}
