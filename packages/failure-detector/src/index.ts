/**
 * Failure detectors behind one contract, with what compares them: traces of arrivals, a replayer, and a table of what accuracy costs.
 *
 * @packageDocumentation
 */

// For users.
export { defaultFixedTimeoutOptions, fixedTimeout } from './fixed-timeout.ts';
export type { FixedTimeoutOptions } from './fixed-timeout.ts';
