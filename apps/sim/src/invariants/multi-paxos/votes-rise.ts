import type { Index, MemberId } from '@quorate/interface';
import type { Ledger, Observer } from '@quorate/simulator';
import { compareBallots, textOf } from './ballots.ts';
import type { Ballot } from './ballots.ts';

/** I-07 for Multi-Paxos: in a slot an acceptor votes again in a higher ballot only, and nothing is ever cut (PMMC A3). */
export function votesRise(ledger: Ledger): Observer {
  const votes = new Map<MemberId, Map<Index, Ballot>>();
  return {
    recovered(member, { runs }) {
      const found = new Map<Index, Ballot>();
      for (const { from, to, epoch } of runs) for (let slot = from; slot <= to; slot++) found.set(slot, epoch);
      votes.set(member.id, found);
    },
    appended(member, batch) {
      if (batch.truncateFrom !== undefined)
        ledger.violate('I-07', `member ${member.id} cuts its votes from ${batch.truncateFrom} on`);
      const known = votes.get(member.id);
      if (known === undefined) return;
      for (const { first, count, epoch } of batch.entries)
        for (let slot = first; slot < first + count; slot++) {
          const before = known.get(slot);
          if (before !== undefined && compareBallots(epoch, before) <= 0)
            ledger.violate(
              'I-07',
              `member ${member.id} votes in slot ${slot} under ${textOf(epoch)}, and voted there under ${textOf(before)} before`,
            );
          known.set(slot, epoch);
        }
    },
  };
}
