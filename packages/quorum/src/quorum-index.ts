import type { QuorumSystem } from './quorum-system.ts';

// One scratch for all calls: they run to completion, and the result is a number. Insertion sort into it is several times faster than spread and sort.
let scratch = new Float64Array(16);

/**
 * The highest index that a quorum has reached, given each voter's own; 0 where there is no voter.
 * In a joint configuration the lower of both halves: the rule of Raft §5.3 and thesis §4.3.
 */
export function quorumIndex(system: QuorumSystem, reached: (voter: number) => number): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const { voters, size } of system.halves) {
    if (size < 1 || size > voters.length) return 0;
    if (voters.length > scratch.length) scratch = new Float64Array(voters.length * 2);
    for (let i = 0; i < voters.length; i++) insertDescending(i, reached(voters[i] as number));
    lowest = Math.min(lowest, scratch[size - 1] as number);
  }
  return lowest === Number.POSITIVE_INFINITY ? 0 : lowest;
}

function insertDescending(count: number, value: number): void {
  let place = count;
  while (place > 0 && (scratch[place - 1] as number) < value) {
    scratch[place] = scratch[place - 1] as number;
    place--;
  }
  scratch[place] = value;
}
