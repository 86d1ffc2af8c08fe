import type { MemberId } from '@quorate/interface';
import type { Ledger } from '../evidence/ledger.ts';
import type { Observer } from '../evidence/observer.ts';

/** I-12: members that delivered equally many commands have equal states, snapshots and restores between or not. `every`: commands between two looks. */
export function replicaEquality(ledger: Ledger, every: number, stateHash: (member: MemberId) => number): Observer {
  const hashes = new Map<number, { readonly hash: number; readonly member: MemberId }>();
  return {
    applied(member, _command, { ordinal }) {
      if (ordinal % every !== 0) return;
      const hash = stateHash(member.id);
      const before = hashes.get(ordinal);
      if (before === undefined) hashes.set(ordinal, { hash, member: member.id });
      else if (before.hash !== hash) {
        ledger.violate('I-12', `after ${ordinal} commands member ${member.id} has another state than member ${before.member}`);
      }
    },
  };
}
