import type { DetectorStrategy } from '@quorate/interface';
import { createDetector } from './detector.ts';
import type { Estimator } from './estimator.ts';
import { checkOptions, timeRange } from './option-checks.ts';

/** What can be tuned in {@link fixedTimeout}. */
export interface FixedTimeoutOptions {
  /**
   * How long a peer may be silent, where its expectation does not say otherwise. Default 1000; above 0, up to a day. At least three
   * intervals and the longest delay: below two, one lost heartbeat makes a suspect.
   */
  readonly timeoutMs: number;
}

/** The values that are in force where an option is not given. */
export const defaultFixedTimeoutOptions: FixedTimeoutOptions = Object.freeze({ timeoutMs: 1000 });

/**
 * Suspects whoever is silent for a timeout, its own (`expect`) or the common one. Remembers nothing else, so that it suits many thousands
 * of sessions. `suspicion` is the part of the timeout that is over; the threshold is 1. Throws `RangeError` (`E_USAGE`) on bad options.
 */
export function fixedTimeout(given: Partial<FixedTimeoutOptions> = {}): DetectorStrategy {
  const options = { ...defaultFixedTimeoutOptions, ...given };
  checkOptions('fixedTimeout', options, { timeoutMs: timeRange });
  const judgement = { threshold: 1, firstTimeoutMs: options.timeoutMs, estimator: timeoutOf };
  return {
    name: `fixed ${options.timeoutMs} ms`,
    create: (onChange) => createDetector(judgement, onChange),
  };
}

function timeoutOf(timeoutMs: number): Estimator {
  return {
    beat: (atMs) => atMs + timeoutMs,
    intervalMs: timeoutMs,
    level: (silentMs, allowedMs) => silentMs / allowedMs,
  };
}
