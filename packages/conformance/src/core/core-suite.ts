import type { ConformanceCase } from '../conformance-case.ts';
import { catchUpCases } from './catch-up-cases.ts';
import { chaosCases } from './chaos-cases.ts';
import type { CoreCapability, CoreSubject } from './core-subject.ts';
import { durabilityCases } from './durability-cases.ts';
import { leaderCases } from './leader-cases.ts';
import { proposalCases } from './proposal-cases.ts';
import { readCases } from './read-cases.ts';
import { strangerCases } from './stranger-cases.ts';

/**
 * What a `Core` promises, whatever its protocol: groups of it in virtual time, with gates that are obeyed, disks that lose what was
 * not durable, and links that break. The rules of a member's life and of the group's one history are looked at in every turn of every
 * case.
 */
export function coreSuite<M>(subject: CoreSubject<M>): readonly ConformanceCase<CoreCapability>[] {
  const cases = [
    ...leaderCases,
    ...proposalCases,
    ...durabilityCases,
    ...readCases,
    ...catchUpCases,
    ...strangerCases,
    ...chaosCases,
  ];
  return cases.map(({ name, needs, check }) => ({
    name,
    needs,
    // A promise, as every case is: a throw becomes a rejection.
    run: async () => check(subject),
  }));
}
