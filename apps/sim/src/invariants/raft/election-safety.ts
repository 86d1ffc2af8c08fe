import type { MemberId } from '@quorate/interface';
import type { Ledger, Observer } from '@quorate/simulator';

/** I-02, Raft figure 3, Election Safety: at most one leader can be elected in a given term. */
export function electionSafety(ledger: Ledger): Observer {
  const leaders = new Map<number, MemberId>();
  return {
    drained(member, { role }) {
      if (role?.role !== 'leader') return;
      const term = role.epoch.round;
      const before = leaders.get(term);
      if (before === undefined) leaders.set(term, member.id);
      else if (before !== member.id) ledger.violate('I-02', `term ${term} has two leaders, ${before} and ${member.id}`);
    },
  };
}
