import type { Observer, Scene } from '@quorate/simulator';
import { committedDurably } from './committed-durably.ts';
import { committedTerms } from './committed-terms.ts';
import { electionSafety } from './election-safety.ts';
import { leaderCompleteness } from './leader-completeness.ts';
import { logMatching } from './log-matching.ts';
import { matchIndexes } from './match-indexes.ts';
import { oneVotePerTerm } from './one-vote-per-term.ts';

/** What Raft promises and the other protocols do not, each in its own file: the forms of I-02 … I-07 for Raft. */
export function raftInvariants({ world, cluster }: Scene): readonly Observer[] {
  const { ledger } = world;
  return [
    electionSafety(ledger),
    oneVotePerTerm(ledger),
    logMatching(ledger),
    leaderCompleteness(ledger),
    committedDurably(ledger, cluster.genesis.voters),
    committedTerms(ledger),
    matchIndexes(ledger),
  ];
}
