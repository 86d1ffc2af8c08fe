import type { Observer, Scene } from '@quorate/simulator';
import { acknowledged } from './acknowledged.ts';
import { activationBarrier } from './activation-barrier.ts';
import { committedDurably } from './committed-durably.ts';
import { countedOnce } from './counted-once.ts';
import { epochsOnDisk } from './epochs-on-disk.ts';
import { initialHistory } from './initial-history.ts';
import { leadership } from './leadership.ts';
import { prefixConsistency } from './prefix-consistency.ts';
import { primaryOrder } from './primary-order.ts';
import { illegalMessages } from './illegal-messages.ts';

/** What ZAB promises and the other protocols do not, each in its own file: the forms of I-02 … I-09 for ZAB, by the names of its specification. */
export function zabInvariants({ world, cluster }: Scene): readonly Observer[] {
  const { ledger } = world;
  const { voters } = cluster.genesis;
  return [
    leadership(ledger),
    prefixConsistency(ledger),
    initialHistory(ledger),
    committedDurably(ledger, voters),
    epochsOnDisk(ledger),
    countedOnce(ledger),
    activationBarrier(ledger, voters),
    primaryOrder(ledger),
    illegalMessages(ledger),
    acknowledged(ledger),
  ];
}
