import type { Observer, Scene } from '@quorate/simulator';
import { chosenOnce } from './chosen-once.ts';
import { committedDurably } from './committed-durably.ts';
import { completePromises } from './complete-promises.ts';
import { promiseKept } from './promise-kept.ts';
import { safeProposals } from './safe-proposals.ts';
import { votesRise } from './votes-rise.ts';

/** What Multi-Paxos promises and the other protocols do not, each in its own file: the forms of I-01 … I-09 for it. `q2`: how many acceptors choose. */
export function multiPaxosInvariants({ world, cluster }: Scene, q2: number): readonly Observer[] {
  const { ledger } = world;
  return [
    promiseKept(ledger),
    votesRise(ledger),
    safeProposals(ledger),
    completePromises(ledger),
    chosenOnce(ledger),
    committedDurably(ledger, cluster.genesis.voters, q2),
  ];
}
