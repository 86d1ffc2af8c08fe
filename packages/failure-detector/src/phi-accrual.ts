import type { DetectorStrategy } from '@quorate/interface';
import { createDetector } from './detector.ts';
import type { Estimator } from './estimator.ts';
import { exponential, logarithm } from './logarithm.ts';
import { checkOptions, timeRange, windowRange } from './option-checks.ts';
import { SampleWindow } from './sample-window.ts';

/** What can be tuned in {@link phiAccrual}. */
export interface PhiAccrualOptions {
  /** φ at which a peer is suspected. Default 8: one mistake in 10^8 heartbeats if the model were true; from 0.1, up to 200. */
  readonly threshold: number;
  /**
   * What the time between heartbeats is thought to follow. `normal`: most are near the mean (Hayashibara). `exponential`: anything up to
   * many times the mean is likely, as with gossip (Cassandra); slower, errs less. Default `normal`.
   */
  readonly distribution: 'normal' | 'exponential';
  /** How many intervals are remembered. Default 1000; whole, from 1, up to 100 000. 8 bytes per peer each. */
  readonly window: number;
  /** The standard deviation is never taken for less, so that a quiet network makes no hair trigger. Default 100; above 0, up to a day. */
  readonly minStdDevMs: number;
  /** A silence that is normal beyond what the window shows: collections of garbage, a lost heartbeat. Default 0; from 0, up to a day. */
  readonly acceptablePauseMs: number;
  /** What the interval is thought to be before it is known, with a quarter of it as its deviation. Default 1000; above 0, up to a day. */
  readonly firstIntervalMs: number;
  /** How long a peer may take to its first heartbeat, where its expectation does not say otherwise. Default 5000; above 0, up to a day. */
  readonly firstTimeoutMs: number;
}

/** The values that are in force where an option is not given. */
export const defaultPhiAccrualOptions: PhiAccrualOptions = Object.freeze({
  threshold: 8,
  distribution: 'normal',
  window: 1000,
  minStdDevMs: 100,
  acceptablePauseMs: 0,
  firstIntervalMs: 1000,
  firstTimeoutMs: 5000,
});

/**
 * φ = −log10 of the probability that a living peer would be silent for so long, learned from the times between its heartbeats.
 * `suspicion` is φ. Throws `RangeError` (`E_USAGE`) on bad options.
 */
export function phiAccrual(given: Partial<PhiAccrualOptions> = {}): DetectorStrategy {
  const options = { ...defaultPhiAccrualOptions, ...given };
  const numbers = {
    threshold: { least: 0.1, most: 200 },
    window: windowRange,
    minStdDevMs: timeRange,
    acceptablePauseMs: { least: 0, most: timeRange.most },
    firstIntervalMs: timeRange,
    firstTimeoutMs: timeRange,
  };
  checkOptions('phiAccrual', options, numbers, { distribution: ['normal', 'exponential'] });
  const { threshold, distribution, firstTimeoutMs } = options;
  const model = distribution === 'normal' ? normal(threshold) : memoryless(threshold);
  const judgement = { threshold, firstTimeoutMs, estimator: () => estimatorOf(options, model) };
  return { name: nameOf(options), create: (onChange) => createDetector(judgement, onChange) };
}

function nameOf({ threshold, distribution, minStdDevMs, acceptablePauseMs }: PhiAccrualOptions): string {
  const spread = distribution === 'normal' ? `, σ ≥ ${minStdDevMs} ms` : '';
  return `phi ${threshold} ${distribution}${spread}${acceptablePauseMs > 0 ? `, pause ${acceptablePauseMs} ms` : ''}`;
}

/** φ of a silence, and the silence at which it reaches the threshold. */
interface Model {
  phi(silentMs: number, mean: number, deviation: number): number;
  limit(mean: number, deviation: number): number;
}

const ln10 = Math.LN10;

// The logistic approximation of the normal distribution, P(later) = 1 / (1 + e^x), which is off by at most 0.00014.
function normal(threshold: number): Model {
  const limit = deviations(softplusInverse(threshold * ln10));
  return {
    phi: (silentMs, mean, deviation) => softplus(logisticArgument((silentMs - mean) / deviation)) / ln10,
    limit: (mean, deviation) => mean + limit * deviation,
  };
}

// P(later) = e^(−t / mean), so that φ rises evenly.
function memoryless(threshold: number): Model {
  return {
    phi: (silentMs, mean) => Math.max(0, silentMs) / mean / ln10,
    limit: (mean) => threshold * ln10 * mean,
  };
}

function logisticArgument(y: number): number {
  return y * (1.5976 + 0.070566 * y * y);
}

/** The y whose logistic argument is x: Newton's method, from where the cubic is convex towards it. */
function deviations(x: number): number {
  let y = x / 1.5976;
  for (let round = 0; round < 100; round++) y -= (logisticArgument(y) - x) / (1.5976 + 3 * 0.070566 * y * y);
  return y;
}

/** ln(1 + e^x). */
function softplus(x: number): number {
  const tail = exponential(-Math.min(100, Math.abs(x)));
  return Math.max(0, x) + (tail < 1e-8 ? tail : logarithm(1 + tail));
}

/** The x with softplus(x) = value: ln(e^value − 1). */
function softplusInverse(value: number): number {
  return value + logarithm(1 - exponential(-value));
}

function estimatorOf(options: PhiAccrualOptions, model: Model): Estimator {
  const { minStdDevMs, acceptablePauseMs, firstIntervalMs } = options;
  const gaps = new SampleWindow(options.window);
  gaps.add(firstIntervalMs * 0.75);
  gaps.add(firstIntervalMs * 1.25);
  let last: number | undefined;
  const deviation = (): number => Math.max(minStdDevMs, Math.sqrt(gaps.variance));
  return {
    get intervalMs() {
      return gaps.mean;
    },
    beat(atMs, _sequence, counts) {
      if (counts && last !== undefined) gaps.add(atMs - last);
      last = atMs;
      return atMs + acceptablePauseMs + model.limit(gaps.mean, deviation());
    },
    level: (silentMs) => model.phi(silentMs - acceptablePauseMs, gaps.mean, deviation()),
  };
}
