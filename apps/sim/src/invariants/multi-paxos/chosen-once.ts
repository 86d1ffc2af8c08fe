import type { Index } from '@quorate/interface';
import { sumOf } from '@quorate/simulator';
import type { Ledger, MemberRecord, Observer } from '@quorate/simulator';

/** Paxos Made Simple, P2 in its plainest form: whatever anybody calls chosen in a slot, also out of order, is what everybody calls chosen there. */
export function chosenOnce(ledger: Ledger): Observer {
  const chosen: { readonly sum: number; readonly member: number }[] = [];
  return {
    drained(member, effects) {
      if (effects.chosen.length === 0) return;
      // What is chosen in the turn of its write is appended after this.
      const fresh = new Map<Index, number>();
      for (const run of effects.write?.entries ?? [])
        for (let place = 0; place < run.count; place++)
          fresh.set(run.first + place, sumOf(run.checksums[place] as number, run.kind));
      for (const { from, to } of effects.chosen) for (let slot = from; slot <= to; slot++) check(member, slot, fresh.get(slot));
    },
  };

  function check(member: MemberRecord, slot: Index, fresh: number | undefined): void {
    const { latest } = member;
    const sum = fresh ?? (latest.has(slot) ? latest.sums[slot] : undefined);
    if (sum === undefined) {
      if (!latest.holds(slot) && !member.damaged)
        ledger.violate('I-01', `member ${member.id} calls slot ${slot} chosen, and does not hold it`);
      return;
    }
    const before = chosen[slot];
    if (before === undefined) chosen[slot] = { sum, member: member.id };
    else if (before.sum !== sum)
      ledger.violate('I-01', `slot ${slot} is chosen with one value on member ${before.member} and with another on ${member.id}`);
  }
}
