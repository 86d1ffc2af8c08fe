import type { Index, MemberId } from '@quorate/interface';
import type { Ledger, MemberRecord, Observer } from '@quorate/simulator';

/**
 * I-03, PrefixConsistency: histories with an equal zxid are equal up to it. With the index as the length of the history, a zxid is
 * (epoch, index), and each txn's hash covers everything before it, so that one comparison sees the whole prefix.
 */
export function prefixConsistency(ledger: Ledger): Observer {
  /** By epoch, then by index. */
  const prefixes = new Map<number, Map<Index, number>>();
  const chains = new Map<MemberId, number[]>();

  const chainOf = (member: MemberRecord): number[] => {
    let chain = chains.get(member.id);
    if (chain === undefined) chains.set(member.id, (chain = [0]));
    return chain;
  };

  const extend = (member: MemberRecord, from: Index, to: Index): void => {
    const { latest } = member;
    const chain = chainOf(member);
    for (let index = from; index <= to; index++) {
      const before = chain[index - 1];
      const epoch = latest.rounds[index] ?? -1;
      if (epoch < 0) return ledger.violate('I-03', `member ${member.id} has a gap in its history at ${index}`);
      if (before === undefined) {
        // What a snapshot stands for may be unknown here: nobody that is watched ever appended it.
        if (index - 1 !== latest.snapshot?.index) ledger.violate('I-03', `member ${member.id} logs ${index} behind a gap`);
        continue;
      }
      const hash = fold(fold(before, epoch), latest.sums[index] ?? 0);
      chain[index] = hash;
      let known = prefixes.get(epoch);
      if (known === undefined) prefixes.set(epoch, (known = new Map()));
      const other = known.get(index);
      if (other === undefined) known.set(index, hash);
      else if (other !== hash)
        ledger.violate('I-03', `member ${member.id}: txn ${index} of epoch ${epoch} stands behind another prefix than elsewhere`);
    }
  };

  const adopt = (member: MemberRecord): void => {
    const { snapshot } = member.latest;
    if (snapshot === undefined) return;
    const chain = chainOf(member);
    const known = prefixes.get(snapshot.epoch.round)?.get(snapshot.index);
    if (known === undefined || chain[snapshot.index] === known) return;
    chain.length = snapshot.index;
    chain[snapshot.index] = known;
  };

  return {
    recovered(member) {
      chains.delete(member.id);
      adopt(member);
      const { latest } = member;
      const base = latest.snapshot?.index ?? 0;
      const first = latest.rounds.findIndex((epoch, index) => index > base && epoch >= 0);
      if (first === base + 1) extend(member, first, latest.last);
    },
    appended(member, batch) {
      const chain = chainOf(member);
      if (batch.truncateFrom !== undefined && batch.truncateFrom < chain.length) chain.length = batch.truncateFrom;
      if (batch.snapshotMark !== undefined) adopt(member);
      for (const run of batch.entries) if (run.count > 0) extend(member, run.first, run.first + run.count - 1);
    },
  };
}

function fold(hash: number, value: number): number {
  let mixed = Math.imul(hash ^ (value | 0), 0x9e37_79b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15) ^ Math.floor(value / 0x1_0000_0000), 0x85eb_ca6b);
  return mixed ^ (mixed >>> 13);
}
