import type { Index, MemberId } from '@quorate/interface';
import type { Ledger, Observer } from '@quorate/simulator';

/** I-05 for ZAB: whatever anybody calls committed is in the durable histories of a quorum at that moment. */
export function committedDurably(ledger: Ledger, voters: readonly MemberId[]): Observer {
  let checked: Index = 0;
  const majority = Math.floor(voters.length / 2) + 1;
  return {
    committed(member, _from, to) {
      for (let index = checked + 1; index <= to; index++) {
        const agreed = ledger.committed[index];
        if (agreed === undefined) continue;
        let holders = 0;
        for (const id of voters) {
          const { durable, wiped } = ledger.member(id);
          // What it had acknowledged before its disk was taken away still counts, as nobody can know of it.
          if (wiped) holders += 1;
          else if (!durable.has(index)) holders += durable.holds(index) ? 1 : 0;
          else if (durable.rounds[index] === agreed.epoch.round && durable.sums[index] === agreed.sum) holders += 1;
        }
        if (holders < majority)
          ledger.violate(
            'I-05',
            `member ${member.id} commits txn ${index}, which is durable on ${holders} of ${voters.length} voters only`,
          );
      }
      if (to > checked) checked = to;
    },
  };
}
