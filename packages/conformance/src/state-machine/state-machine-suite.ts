import type { ConformanceCase } from '../conformance-case.ts';
import { applyCases } from './apply-cases.ts';
import { snapshotCases } from './snapshot-cases.ts';
import type { StateMachineCapability, StateMachineSubject } from './state-machine-subject.ts';

/** What a `StateMachine` promises: determinism, and snapshots that are the state. */
export function stateMachineSuite(subject: StateMachineSubject): readonly ConformanceCase<StateMachineCapability>[] {
  return [...applyCases, ...snapshotCases].map(({ name, needs, check }) => ({
    name,
    needs,
    // A promise, as every case is: a throw becomes a rejection.
    run: async () => check(subject),
  }));
}
