/**
 * Flags, identity, assembly by name, Node's host, signals, metrics and health of a member process.
 *
 * @packageDocumentation
 */

// For users: running a service, or embedding a member.
export { runService } from './run-service.ts';
export type { ServiceProcess } from './run-service.ts';

// For implementers of services.
export type { FlagDefinition, FlagKind, FlagValue } from './flag-table.ts';
export type { LogFields, Logger, LogLevel } from './logger.ts';
export type { ClusterMember, MemberFlags } from './member-flags.ts';
export type { Counter, Histogram, MetricLabels, Metrics } from './metrics.ts';
export type {
  Door,
  Health,
  MemberName,
  ServiceContext,
  ServiceDefaults,
  ServiceDefinition,
  StateMachineContext,
} from './service.ts';
