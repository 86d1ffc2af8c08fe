import type { Ledger, Observer } from '@quorate/simulator';

/** I-04, PrimaryIntegrity: when the quorum of ACK-E is complete, the leader's history contains everything that was committed. */
export function initialHistory(ledger: Ledger): Observer {
  const established = new Set<number>();
  return {
    drained(member, { role }) {
      if (role?.role !== 'leader' || established.has(role.epoch.round)) return;
      established.add(role.epoch.round);
      const { latest } = member;
      for (let index = (latest.snapshot?.index ?? 0) + 1; index <= ledger.committedTo; index++) {
        const agreed = ledger.committed[index];
        // What a later leader committed meanwhile is nothing that this one could have.
        if (agreed === undefined || agreed.inRound >= role.epoch.round) continue;
        if (latest.has(index) && latest.rounds[index] === agreed.epoch.round && latest.sums[index] === agreed.sum) continue;
        ledger.violate(
          'I-04',
          `member ${member.id} leads epoch ${role.epoch.round} without txn ${index} of epoch ${agreed.epoch.round}, which is committed`,
        );
        return;
      }
    },
  };
}
