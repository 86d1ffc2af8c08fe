import type { Ledger, Observer } from '@quorate/simulator';

/** I-01 for Raft: what is committed at an index is of one term on all members (Raft §5.3: an entry keeps its term). */
export function committedTerms(ledger: Ledger): Observer {
  return {
    committed(member, from, to) {
      const { latest } = member;
      for (let index = from; index <= to; index++) {
        const agreed = ledger.committed[index];
        if (agreed === undefined || !latest.has(index) || latest.rounds[index] === agreed.epoch.round) continue;
        ledger.violate(
          'I-01',
          `entry ${index}: member ${member.id} commits it with term ${latest.rounds[index]}, member ${agreed.member} committed it with term ${agreed.epoch.round}`,
        );
      }
    },
  };
}
