import { majorityOf } from '../src/index.ts';

/** Every subset of `members`, by counting in binary: 2^N of them. */
export function subsetsOf(members: readonly number[]): number[][] {
  const result: number[][] = [];
  for (let mask = 0; mask < 2 ** members.length; mask++) {
    result.push(members.filter((_, place) => Math.floor(mask / 2 ** place) % 2 === 1));
  }
  return result;
}

/** More than half, said as a person would. */
export function isMajorityOf(voters: readonly number[], yes: ReadonlySet<number>): boolean {
  return 2 * voters.filter((voter) => yes.has(voter)).length > voters.length;
}

/** The index that a majority has reached: sort, and look. */
export function naiveMajorityIndex(voters: readonly number[], reached: ReadonlyMap<number, number>): number {
  if (voters.length === 0) return 0;
  const sorted = voters.map((voter) => reached.get(voter) ?? 0).sort((a, b) => b - a);
  return sorted[majorityOf(voters.length) - 1] ?? 0;
}
