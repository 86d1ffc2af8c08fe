import type { Index, MemberId } from '@quorate/interface';
import type { Ledger, Observer } from '@quorate/simulator';

interface Detail {
  readonly term: number;
  readonly peers: readonly { readonly id: MemberId; readonly match: Index }[];
}

/** Drains between two looks: a reading of a core costs more than a drain. */
const everyDrains = 64;

/** I-07 for Raft: within a leadership `matchIndex` never falls (Raft figure 2), and is never beyond what that follower's disk holds. */
export function matchIndexes(ledger: Ledger): Observer {
  const known = new Map<string, Index>();
  /** Of any leader so far: what followers of a deposed one hold is no longer its business. */
  let newestTerm = 0;
  let drains = 0;
  return {
    drained(member, { role }, status) {
      if (role?.role === 'leader' && role.epoch.round > newestTerm) newestTerm = role.epoch.round;
      if (member.role?.role !== 'leader' || ++drains % everyDrains !== 0) return;
      const { term, peers } = status().detail as Detail;
      for (const { id, match } of peers) {
        const name = `${member.id}/${member.lives}/${term}/${id}`;
        const before = known.get(name) ?? 0;
        if (match < before)
          ledger.violate(
            'I-07',
            `leader ${member.id} of term ${term} lowers the match index of ${id} from ${before} to ${match}`,
          );
        known.set(name, match);
        if (term < newestTerm) continue;
        const peer = ledger.member(id);
        const held = Math.max(peer.durable.last, peer.durable.snapshot?.index ?? 0);
        if (!peer.wiped && !peer.damaged && match > held) {
          ledger.violate(
            'I-05',
            `leader ${member.id} counts member ${id} up to ${match}, whose disk holds entries up to ${held}`,
          );
        }
      }
    },
  };
}
