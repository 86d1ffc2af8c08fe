/**
 * Suites as data for cores, transports, storages, codecs and state machines: each under a subpath of its own, such as
 * `@quorate/conformance/transport`. This entry holds what they share.
 *
 * @packageDocumentation
 */

// For users: run a suite against an implementation.
export type { ConformanceCase, Manifest } from './conformance-case.ts';
export { ConformanceFailure } from './conformance-failure.ts';
export { plan } from './plan.ts';
export type { PlannedCase } from './plan.ts';
