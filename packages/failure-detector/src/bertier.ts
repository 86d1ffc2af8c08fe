import type { DetectorStrategy } from '@quorate/interface';
import { ArrivalEstimate } from './arrival-estimate.ts';
import { createDetector } from './detector.ts';
import type { Estimator } from './estimator.ts';
import { checkOptions, timeRange, windowRange } from './option-checks.ts';

/** What can be tuned in {@link bertier}. */
export interface BertierOptions {
  /** η, how often a peer sends. Default 100; above 0, up to a day. It must be what peers really do: everything is computed from it. */
  readonly intervalMs: number;
  /** How many arrivals the estimate remembers. Default 1000; whole, from 1, up to 100 000. 8 bytes per peer each. */
  readonly window: number;
  /** β, the weight of the estimated delay in the margin. Default 1; from 0, up to 100. */
  readonly delayWeight: number;
  /** φ, the weight of the estimated variation in the margin. Default 4; above 0, up to 100. Lower, it suspects sooner and errs more. */
  readonly variationWeight: number;
  /** γ, how much one arrival changes the estimates. Default 0.1; above 0, up to 1. Higher, it forgets a burst sooner. */
  readonly gain: number;
  /** The margin after the first heartbeat, from where it adapts. Default 200; above 0, up to a day. */
  readonly firstMarginMs: number;
  /** How long a peer may take to its first heartbeat, where its expectation does not say otherwise. Default 5000; above 0, up to a day. */
  readonly firstTimeoutMs: number;
}

/** The values that are in force where an option is not given. */
export const defaultBertierOptions: BertierOptions = Object.freeze({
  intervalMs: 100,
  window: 1000,
  delayWeight: 1,
  variationWeight: 4,
  gain: 0.1,
  firstMarginMs: 200,
  firstTimeoutMs: 5000,
});

/**
 * Chen's estimate of the next arrival with a margin that adapts as TCP's retransmission timeout does (Jacobson 1988), by Bertier, Marin and
 * Sens (Implementation and performance evaluation of an adaptable failure detector, DSN 2002): α = β · delay + φ · var, where every
 * heartbeat moves both estimates by γ of its error. The paper takes β = 1, φ = 4 and γ = 0.1, which are the defaults. It suspects soonest of
 * all and errs most: a lost heartbeat is nearly always a mistake. `suspicion` is the part of the allowed silence that is over; the threshold
 * is 1. The strategy's name is `bertier β/φ/γ`. Throws `RangeError` (`E_USAGE`) on bad options.
 */
export function bertier(given: Partial<BertierOptions> = {}): DetectorStrategy {
  const options = { ...defaultBertierOptions, ...given };
  checkOptions('bertier', options, {
    intervalMs: timeRange,
    window: windowRange,
    delayWeight: { least: 0, most: 100 },
    variationWeight: { least: 0, open: true, most: 100 },
    gain: { least: 0, open: true, most: 1 },
    firstMarginMs: timeRange,
    firstTimeoutMs: timeRange,
  });
  const judgement = { threshold: 1, firstTimeoutMs: options.firstTimeoutMs, estimator: () => estimatorOf(options) };
  return {
    name: `bertier ${options.delayWeight}/${options.variationWeight}/${options.gain}`,
    create: (onChange) => createDetector(judgement, onChange),
  };
}

/**
 * Bertier, Marin, Sens 2002, §4, in the paper's order: error = A − EA − delay; delay += γ · error; var += γ · (|error| − var);
 * α = β · delay + φ · var.
 */
function estimatorOf(options: BertierOptions): Estimator {
  const { intervalMs, delayWeight, variationWeight, gain } = options;
  const estimate = new ArrivalEstimate(intervalMs, options.window);
  let delay = 0;
  let variation = options.firstMarginMs / variationWeight;
  const learn = (place: number, atMs: number): void => {
    const expected = estimate.expected(place);
    if (expected === undefined || !estimate.isNewer(place)) return;
    const error = atMs - expected - delay;
    delay += gain * error;
    variation += gain * (Math.abs(error) - variation);
  };
  return {
    intervalMs,
    beat(atMs, sequence, counts) {
      const place = estimate.placeOf(atMs, sequence);
      if (counts) learn(place, atMs);
      return estimate.arrived(place, atMs, counts) + delayWeight * delay + variationWeight * variation;
    },
    level: (silentMs, allowedMs) => silentMs / allowedMs,
  };
}
