/**
 * Runs clusters through random faults, checks every claim, and reproduces and shrinks what fails.
 *
 * @packageDocumentation
 */

// For users: a seed of one's own program, and the protocols there are.
export { protocolNamed, protocolNames } from './protocols.ts';
export type { ProtocolUnderTest } from './protocols.ts';
export { planOf, runSeed } from './run-seed.ts';
export type { SeedReport, SeedRun } from './run-seed.ts';
export { serviceNamed, serviceNames } from './services.ts';
export type { HistoryJudgement, JudgedWorkload, ServiceUnderTest, UnknownCall } from './services.ts';
export { shrinkPlan } from './shrink/shrink-plan.ts';
export type { Shrunk, ShrinkOptions, ShrinkStep } from './shrink/shrink-plan.ts';
export { traceText } from './trace/trace-format.ts';
export { tracedRun } from './trace/traced-run.ts';
export type { TracedRun } from './trace/traced-run.ts';
export type { TraceLine } from './trace/trace-line.ts';

// For implementers: coverage, calls without an outcome, planted bugs.
export type { Mark, MarkCounts } from './coverage/coverage.ts';
export { hunt } from './plants/hunt.ts';
export type { HuntReport } from './plants/hunt.ts';
export type { Plant } from './plants/plant.ts';
export { plantedBugs } from './plants/planted-bugs.ts';
