import type { StateMachineCapability, StateMachineSubject } from './state-machine-subject.ts';

/** A case before it is given a machine. */
export interface StateMachineCase {
  readonly name: string;
  readonly needs: readonly StateMachineCapability[];
  readonly check: (subject: StateMachineSubject) => void;
}
