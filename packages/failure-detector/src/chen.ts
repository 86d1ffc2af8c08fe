import type { DetectorStrategy } from '@quorate/interface';
import { ArrivalEstimate } from './arrival-estimate.ts';
import { createDetector } from './detector.ts';
import type { Estimator } from './estimator.ts';
import { checkOptions, timeRange, windowRange } from './option-checks.ts';

/** What can be tuned in {@link chen}. */
export interface ChenOptions {
  /** η, how often a peer sends. Default 100; above 0, up to a day. It must be what peers really do: everything is computed from it. */
  readonly intervalMs: number;
  /**
   * α, how late a heartbeat may be. Default 200; above 0, up to a day. Two lost heartbeats need 2 η, and where peers do not number theirs
   * η more. The paper computes it from the detection time and the mistakes that are wanted.
   */
  readonly marginMs: number;
  /** How many arrivals the estimate remembers. Default 1000; whole, from 1, up to 100 000. 8 bytes per peer each. */
  readonly window: number;
  /** How long a peer may take to its first heartbeat, where its expectation does not say otherwise. Default 5000; above 0, up to a day. */
  readonly firstTimeoutMs: number;
}

/** The values that are in force where an option is not given. */
export const defaultChenOptions: ChenOptions = Object.freeze({
  intervalMs: 100,
  marginMs: 200,
  window: 1000,
  firstTimeoutMs: 5000,
});

/**
 * NFD-E: heartbeat k + 1 is overdue a constant margin after its expected arrival, however late heartbeat k was. One that comes after the
 * next is overdue restores no trust. `suspicion` is the part of the allowed silence that is over; the threshold is 1. Throws `RangeError`
 * (`E_USAGE`) on bad options.
 */
export function chen(given: Partial<ChenOptions> = {}): DetectorStrategy {
  const options = { ...defaultChenOptions, ...given };
  checkOptions('chen', options, {
    intervalMs: timeRange,
    marginMs: timeRange,
    window: windowRange,
    firstTimeoutMs: timeRange,
  });
  const { intervalMs, marginMs, window, firstTimeoutMs } = options;
  const estimator = (): Estimator => {
    const estimate = new ArrivalEstimate(intervalMs, window);
    return {
      intervalMs,
      beat: (atMs, sequence, counts) => estimate.arrived(estimate.placeOf(atMs, sequence), atMs, counts) + marginMs,
      level: (silentMs, allowedMs) => silentMs / allowedMs,
    };
  };
  const judgement = { threshold: 1, firstTimeoutMs, estimator };
  return { name: `chen ${marginMs} ms`, create: (onChange) => createDetector(judgement, onChange) };
}
