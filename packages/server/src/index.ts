/**
 * Flags, identity, assembly by name, Node's host, signals, metrics and health of a member process.
 *
 * @packageDocumentation
 */

// For users: running a service, or embedding a member in one's own program.
export { nodeHost } from './node-host.ts';
export type { NodeHost } from './node-host.ts';
export { openMember } from './open-member.ts';
export type { Member, MemberOptions } from './open-member.ts';
export { runService } from './run-service.ts';
export type { ServiceProcess } from './run-service.ts';

// For implementers of services and of other commands.
export { loadTransport } from './assembly.ts';
export type { TransportOptions } from './assembly.ts';
export { flagHelp } from './flag-help.ts';
export type { HelpTexts } from './flag-help.ts';
export type { FlagDefinition, FlagKind, FlagValue } from './flag-table.ts';
export { flagValues } from './flag-values.ts';
export type { FlagValues } from './flag-values.ts';
export { createLogger } from './logger.ts';
export type { LogFields, Logger, LoggerOptions, LogLevel } from './logger.ts';
export type { ClusterMember, MemberFlags } from './member-flags.ts';
export { createMetrics } from './metrics.ts';
export type { Counter, Histogram, MetricLabels, Metrics, MetricSample } from './metrics.ts';
export { nearest } from './nearest.ts';
export { parseFlags } from './parse-flags.ts';
export type { FlagSources, GivenFlag, GivenFlags } from './parse-flags.ts';
export type { Problem } from './problem.ts';
export type {
  Door,
  Health,
  MemberName,
  ServiceContext,
  ServiceDefaults,
  ServiceDefinition,
  StateMachineContext,
} from './service.ts';
