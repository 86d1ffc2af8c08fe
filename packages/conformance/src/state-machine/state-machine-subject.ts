import type { StateMachine } from '@quorate/interface';

/** `prepare`: the machine prepares commands on the leader. `events`: its commands emit some. */
export type StateMachineCapability = 'prepare' | 'events';

/** A state machine with what the suite cannot know: its commands and queries. */
export interface StateMachineSubject {
  /** A machine that has applied nothing. */
  readonly create: () => StateMachine;
  /** At least twenty commands that do something, of every kind; applied in this order. Those that change old state count most. */
  readonly commands: readonly Uint8Array[];
  /** Queries that together show the whole state. */
  readonly queries: readonly Uint8Array[];
  /** Bytes that are no commands. The suite adds empty, random and damaged ones. */
  readonly malformed: readonly Uint8Array[];
  /** An event as plain data, where it is more than that: what its subscribers see of it. */
  readonly eventData?: (event: object) => object;
}
