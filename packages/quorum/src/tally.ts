import { isQuorum, isVoter, type QuorumSystem } from './quorum-system.ts';

/** The state of a vote. */
export type TallyResult = 'pending' | 'won' | 'lost';

/** Counts yes and no answers of one vote. The first answer of a voter stands; answers of others are ignored. */
export interface Tally {
  /** Records an answer and returns the result so far. */
  record(voter: number, yes: boolean): TallyResult;
  result(): TallyResult;
  readonly yes: ReadonlySet<number>;
  readonly no: ReadonlySet<number>;
}

/** A vote that nobody has answered yet. `lost` means that no further answers can make a quorum. */
export function createTally(system: QuorumSystem): Tally {
  const yes = new Set<number>();
  const no = new Set<number>();
  const result = (): TallyResult => {
    if (isQuorum(system, (voter) => yes.has(voter))) return 'won';
    return isQuorum(system, (voter) => !no.has(voter)) ? 'pending' : 'lost';
  };
  return {
    yes,
    no,
    result,
    record(voter, answer) {
      if (isVoter(system, voter) && !yes.has(voter) && !no.has(voter)) (answer ? yes : no).add(voter);
      return result();
    },
  };
}
