import type { MemberId } from '@quorate/interface';
import type { Ledger, Observer } from '@quorate/simulator';

/** I-02, Leadership1 and 2 of the protocol specification: at most one leader has the ACK-E of a quorum for an epoch. */
export function leadership(ledger: Ledger): Observer {
  const leaders = new Map<number, MemberId>();
  return {
    drained(member, { role }) {
      if (role?.role !== 'leader') return;
      const epoch = role.epoch.round;
      const before = leaders.get(epoch);
      if (before === undefined) leaders.set(epoch, member.id);
      else if (before !== member.id)
        ledger.violate('I-02', `epoch ${epoch} is established by two leaders, ${before} and ${member.id}`);
    },
  };
}
