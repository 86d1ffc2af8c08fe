import type { Ledger } from '../evidence/ledger.ts';
import type { Observer } from '../evidence/observer.ts';

/** I-09: an epoch belongs to one life of one member; nobody leads twice under one number. */
export function ballotSafety(ledger: Ledger): Observer {
  const leaders = new Map<string, string>();
  return {
    drained(member, effects) {
      const { role } = effects;
      if (role === undefined || role.role !== 'leader') return;
      const epoch = `${role.epoch.round}.${role.epoch.owner}`;
      const life = `member ${member.id} in its life ${member.lives}`;
      const before = leaders.get(epoch);
      if (before === undefined) leaders.set(epoch, life);
      else if (before !== life) ledger.violate('I-09', `epoch ${epoch} is led by ${life}, and was led by ${before}`);
    },
  };
}
