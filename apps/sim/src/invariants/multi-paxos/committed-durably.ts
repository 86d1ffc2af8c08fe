import type { Index, MemberId } from '@quorate/interface';
import type { Ledger, Observer } from '@quorate/simulator';

/**
 * I-05 for Multi-Paxos: the value of a slot that anybody calls committed is on the disks of a phase-2 quorum at that moment, slot by slot. The
 * ballots there may differ: whoever accepted the value again under a later one holds it all the same.
 */
export function committedDurably(ledger: Ledger, voters: readonly MemberId[], q2: number): Observer {
  let checked: Index = 0;
  return {
    committed(member, _from, to) {
      for (let slot = checked + 1; slot <= to; slot++) {
        const agreed = ledger.committed[slot];
        if (agreed === undefined) continue;
        let holders = 0;
        for (const id of voters) {
          const { durable, wiped } = ledger.member(id);
          // What it had accepted before its disk was taken away still counts, as nobody can know of it.
          if (wiped) holders += 1;
          else if (!durable.has(slot)) holders += durable.holds(slot) ? 1 : 0;
          else if (durable.sums[slot] === agreed.sum) holders += 1;
        }
        if (holders < q2)
          ledger.violate(
            'I-05',
            `member ${member.id} commits slot ${slot}, whose value is durable on ${holders} of ${voters.length} acceptors only, not on ${q2}`,
          );
      }
      if (to > checked) checked = to;
    },
  };
}
