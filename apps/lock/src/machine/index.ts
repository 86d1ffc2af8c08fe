/**
 * The replicated state of the lock service: a pure state machine, without its doors.
 *
 * @packageDocumentation
 */

// For users: embed the service in another program, or check it.
export { acquireModeOf, decodeLockReply, lockCommands, lockQueries } from './lock-commands.ts';
export type { AcquireFields, AcquireMode } from './lock-commands.ts';
export type {
  DelayEndedEvent,
  ElectionEvent,
  ForceReleasedEvent,
  GrantedEvent,
  LockEndCause,
  LockEvent,
  ReleasedEvent,
  SessionEndedEvent,
  SessionOpenedEvent,
  WaitEndedEvent,
} from './lock-event.ts';
export { lockLimits } from './lock-limits.ts';
export { lockStateMachine } from './lock-state-machine.ts';
export type { LockStateMachine } from './lock-state-machine.ts';
export { refusalOf, refusalTexts } from './refusal.ts';
export type { RefusalCode } from './refusal.ts';
