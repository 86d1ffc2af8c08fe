import type { MemberId } from '@quorate/interface';
import type { Ledger } from '../evidence/ledger.ts';
import type { Observer } from '../evidence/observer.ts';

/** I-12: members that delivered the same entries have equal states, snapshots and restores between or not. `every`: entries between two looks. */
export function replicaEquality(ledger: Ledger, every: number, stateHash: (member: MemberId) => number): Observer {
  const hashes = new Map<number, { readonly hash: number; readonly member: MemberId }>();
  return {
    applied(member, _command, { index }) {
      if (index % every !== 0) return;
      const hash = stateHash(member.id);
      const before = hashes.get(index);
      if (before === undefined) hashes.set(index, { hash, member: member.id });
      else if (before.hash !== hash) {
        ledger.violate('I-12', `after entry ${index} member ${member.id} has another state than member ${before.member}`);
      }
    },
  };
}
