/**
 * The replicated state of the key-value store: a pure state machine, without its doors.
 *
 * @packageDocumentation
 */

// For users: embed the store in another program, or check it.
export { kvStateMachine } from './kv-state-machine.ts';
export type { KvStateMachine } from './kv-state-machine.ts';
export type { KvEvent } from './version.ts';

// For implementers of doors.
export { memberAttributesCommand } from './member-attributes.ts';
export { Method } from './method.ts';
export type { MemberAttributes } from './mvcc-store.ts';
export { replyHeadBytes, replyRevision, replyStatus } from './reply.ts';
export { Status } from './status.ts';
