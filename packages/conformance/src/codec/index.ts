/**
 * The suite of codecs.
 *
 * @packageDocumentation
 */

// For users: run it against a codec.
export type { CodecCapability, CodecSubject } from './codec-subject.ts';
export { codecSuite } from './codec-suite.ts';
