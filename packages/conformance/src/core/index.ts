/**
 * The suite of cores.
 *
 * @packageDocumentation
 */

// For users: run it against a core.
export { coreManifest } from './core-subject.ts';
export type { CoreCapability, CoreSubject, ImpossibleMessage } from './core-subject.ts';
export { coreSuite } from './core-suite.ts';
