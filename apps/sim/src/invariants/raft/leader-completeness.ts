import type { Ledger, Observer } from '@quorate/simulator';

/**
 * I-04, Raft figure 3, Leader Completeness: what was committed in a term is in the log of the leaders of all later terms, the moment that they
 * are elected. The term counts in which it was committed: an old entry may have been committed by a leader that is later than this one.
 */
export function leaderCompleteness(ledger: Ledger): Observer {
  const elected = new Set<number>();
  return {
    drained(member, { role }) {
      if (role?.role !== 'leader' || elected.has(role.epoch.round)) return;
      elected.add(role.epoch.round);
      const { latest } = member;
      for (let index = (latest.snapshot?.index ?? 0) + 1; index <= ledger.committedTo; index++) {
        const agreed = ledger.committed[index];
        if (agreed === undefined || agreed.inRound >= role.epoch.round) continue;
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
