/**
 * The runtime of one member of a Quorate cluster: drives a consensus core, a journal, transports and a state machine.
 *
 * @packageDocumentation
 */

// For users.
export { createReplica } from './replica.ts';
export type { Done, EventListener, Replica, StopOptions } from './replica.ts';
export type { ReplicaEvent } from './replica-event.ts';
export type { CallOptions, CancelSignal, ReadOptions } from './replica-facade.ts';
export { defaultReplicaLimits } from './replica-options.ts';
export type { ReplicaLimits, ReplicaOptions } from './replica-options.ts';
export type {
  LinkStatus,
  LinkTrouble,
  ReplicaCounters,
  ReplicaState,
  ReplicaQueues,
  ReplicaStatus,
  SnapshotProgress,
} from './replica-status.ts';

// For implementers of servers and tools.
export { memberName } from './member-name.ts';
