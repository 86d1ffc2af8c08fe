import { checkOptions, timeRange } from './option-checks.ts';

/** What can be tuned in {@link stallMeter}. */
export interface StallMeterOptions {
  /** How often the host ticks. Default 100; above 0, up to a day. A stall is measured from the tick before it, so it may seem longer by this. */
  readonly tickMs: number;
  /** How late a tick may be before that counts as a stall. Default 50; above 0, up to a day. Above what timers of the host are late by. */
  readonly toleranceMs: number;
}

/** The values that are in force where an option is not given. */
export const defaultStallMeterOptions: StallMeterOptions = Object.freeze({ tickMs: 100, toleranceMs: 50 });

/** A time in which this process did nothing, on its host's monotonic clock. */
export interface Stall {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Tells stalls of the own process from the lateness of its ticks. */
export interface StallMeter {
  /** Call it every `tickMs`. Answers the stall that a late tick ends: pass it to `stalled` of every detector before anything else. */
  tick(nowMs: number): Stall | undefined;
}

/**
 * Local health: a process that was stopped, collected garbage or ran a long loop has heard nobody, and must blame nobody. Throws
 * `RangeError` (`E_USAGE`) on bad options.
 */
export function stallMeter(given: Partial<StallMeterOptions> = {}): StallMeter {
  const options = { ...defaultStallMeterOptions, ...given };
  checkOptions('stallMeter', options, { tickMs: timeRange, toleranceMs: timeRange });
  const limitMs = options.tickMs + options.toleranceMs;
  let last: number | undefined;
  return {
    tick(nowMs) {
      const fromMs = last;
      last = nowMs;
      return fromMs === undefined || nowMs - fromMs <= limitMs ? undefined : { fromMs, untilMs: nowMs };
    },
  };
}
