import type { Index, MemberId } from '@quorate/interface';
import type { Ledger, Observer } from '@quorate/simulator';

/**
 * Local and global primary order (Zab §III): along the committed history epochs never fall, and the txns of one epoch are those that its
 * leader proposed, in its order and from its first on, none left out. Integrity: nothing else is delivered.
 */
export function primaryOrder(ledger: Ledger): Observer {
  /** By epoch: what its leader proposed, by index. */
  const proposed = new Map<number, Map<Index, number>>();
  const leaders = new Map<number, MemberId>();
  let checked: Index = 0;
  return {
    drained(member, { role }) {
      if (role?.role === 'leader' && !leaders.has(role.epoch.round)) leaders.set(role.epoch.round, member.id);
    },
    appended(member, { entries }) {
      for (const run of entries) {
        const { round } = run.epoch;
        // A leader may propose and leave in one turn.
        if (leaders.get(round) !== member.id) continue;
        const known = proposed.get(round) ?? new Map<Index, number>();
        proposed.set(round, known);
        for (let index = run.first; index < run.first + run.count; index++) known.set(index, member.latest.sums[index] ?? 0);
      }
    },
    committed(_member, _from, to) {
      for (let index = checked + 1; index <= to; index++) {
        const txn = ledger.committed[index];
        if (txn === undefined) continue;
        const { round } = txn.epoch;
        const before = ledger.committed[index - 1]?.epoch.round ?? 0;
        if (before > round)
          ledger.violate(
            'I-03',
            `txn ${index} of epoch ${round} is committed behind one of epoch ${before} (global primary order)`,
          );
        const known = proposed.get(round);
        if (known?.get(index) !== txn.sum)
          ledger.violate('I-03', `txn ${index} of epoch ${round} was never proposed by its leader (Integrity)`);
        if (before !== round && known?.has(index - 1) === true)
          ledger.violate('I-03', `txn ${index} of epoch ${round} is committed without the one before it (local primary order)`);
      }
      if (to > checked) checked = to;
    },
  };
}
