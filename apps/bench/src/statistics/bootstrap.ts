import type { Estimate } from '../result/cell.ts';
import type { Chance } from './chance.ts';
import { median, quantile } from './median.ts';

/** How an interval is found. */
export interface Resampling {
  readonly chance: Chance;
  readonly resamples: number;
}

/**
 * The median of the values with its 95 % confidence interval, by the percentile bootstrap (Efron, 1979): medians of samples drawn from
 * the values, as many as there are, with repetition. One value has no interval: both ends are that value. NaN of nothing.
 */
export function estimateOf(values: readonly number[], { chance, resamples }: Resampling): Estimate {
  const middle = median(values);
  if (values.length < 2) return { median: middle, low: middle, high: middle };
  const medians: number[] = [];
  const drawn: number[] = Array.from({ length: values.length }, () => 0);
  for (let sample = 0; sample < resamples; sample++) {
    for (let i = 0; i < drawn.length; i++) drawn[i] = values[Math.floor(chance() * values.length)] ?? Number.NaN;
    medians.push(median(drawn));
  }
  return { median: middle, low: quantile(medians, 0.025), high: quantile(medians, 0.975) };
}

/** Two systems in one round. */
export interface Pair {
  readonly of: number;
  readonly to: number;
}

/** The median ratio of pairs with its interval: each pair ran next to each other, so that what drifted drifted for both. */
export function ratioOf(pairs: readonly Pair[], resampling: Resampling): Estimate {
  return estimateOf(
    pairs.map(({ of, to }) => of / to),
    resampling,
  );
}
