import type { Ledger } from '../evidence/ledger.ts';
import type { Observer } from '../evidence/observer.ts';

/** I-05 at a member itself: it applies, and so answers, nothing that its own disk does not hold (the gate of the commit cursor). */
export function appliedDurably(ledger: Ledger): Observer {
  return {
    applied(member, _command, { index }) {
      if (member.durable.holds(index) || member.damaged || member.wiped) return;
      ledger.violate(
        'I-05',
        `member ${member.id} applies entry ${index}, and its disk holds entries up to ${member.durable.last}`,
      );
    },
  };
}
