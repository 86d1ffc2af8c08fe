/**
 * The suite of state machines.
 *
 * @packageDocumentation
 */

// For users: run it against a state machine.
export type { StateMachineCapability, StateMachineSubject } from './state-machine-subject.ts';
export { stateMachineSuite } from './state-machine-suite.ts';
