import type { Index } from '@quorate/interface';
import type { Ledger, Observer } from '@quorate/simulator';
import { zabDetail } from './detail.ts';

/** Drains between two looks: a reading of a core costs more than a drain. */
const everyDrains = 64;

/** I-05 and I-07 for ZAB: a leader counts a follower for nothing that this one's disk does not hold, and within a link never for less than before. */
export function acknowledged(ledger: Ledger): Observer {
  let newestEpoch = 0;
  let drains = 0;
  return {
    drained(member, { role }, status) {
      if (role?.role === 'leader' && role.epoch.round > newestEpoch) newestEpoch = role.epoch.round;
      if (member.role?.role !== 'leader' || ++drains % everyDrains !== 0) return;
      const { currentEpoch, peers } = zabDetail(status());
      // What followers of a deposed leader hold is no longer its business.
      if (currentEpoch < newestEpoch) return;
      for (const { id, acked } of peers) {
        const peer = ledger.member(id);
        const held: Index = Math.max(peer.durable.last, peer.durable.snapshot?.index ?? 0);
        if (!peer.wiped && !peer.damaged && acked > held)
          ledger.violate('I-05', `leader ${member.id} counts member ${id} up to ${acked}, whose disk holds txns up to ${held}`);
      }
    },
  };
}
