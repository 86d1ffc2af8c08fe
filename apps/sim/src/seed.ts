/**
 * One seed, run without Node: for browsers, and for programs that bring their own command line.
 *
 * @packageDocumentation
 */

// For users: the protocols there are, and a run of a seed.
export { protocolNamed, protocolNames } from './protocols.ts';
export type { ProtocolUnderTest } from './protocols.ts';
export { planOf, runSeed } from './run-seed.ts';
export type { SeedReport, SeedRun } from './run-seed.ts';
