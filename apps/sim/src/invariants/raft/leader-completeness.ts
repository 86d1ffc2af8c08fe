import type { Ledger, Observer } from '@quorate/simulator';

/** I-04, Raft figure 3, Leader Completeness: what was committed is in the log of every later leader, the moment that it is elected. */
export function leaderCompleteness(ledger: Ledger): Observer {
  const elected = new Set<number>();
  return {
    drained(member, { role }) {
      if (role?.role !== 'leader' || elected.has(role.epoch.round)) return;
      elected.add(role.epoch.round);
      const { latest } = member;
      for (let index = (latest.snapshot?.index ?? 0) + 1; index <= ledger.committedTo; index++) {
        const agreed = ledger.committed[index];
        if (agreed === undefined || agreed.epoch.round > role.epoch.round) continue;
        if (latest.has(index) && latest.rounds[index] === agreed.epoch.round && latest.sums[index] === agreed.sum) continue;
        ledger.violate(
          'I-04',
          `member ${member.id} leads term ${role.epoch.round} without entry ${index} of term ${agreed.epoch.round}, which is committed`,
        );
        return;
      }
    },
  };
}
