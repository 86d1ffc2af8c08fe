/**
 * Golden traces: a command language in which a cluster of cores tells what it does, one interpreter for every protocol.
 *
 * @packageDocumentation
 */

export { runGolden, runTrace } from './golden.ts';
export type { GoldenOptions } from './golden.ts';
export type { KindFactory } from './interpreter.ts';
export type { Observation, ObservedEntry, ObservedMessage } from './observation.ts';
export { seededRandom } from './random.ts';
export { Story } from './story.ts';
export type { UnderWay } from './story.ts';
export { TraceError } from './trace-error.ts';
export type { TraceOptions } from './trace-options.ts';
