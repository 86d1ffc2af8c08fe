import type { JournalBatch, MemberId } from '@quorate/interface';
import type { Ledger, Observer } from '@quorate/simulator';
import { compareBallots, readPromise, textOf } from './ballots.ts';
import type { Ballot, TracedPhase1 } from './ballots.ts';

const nothing: Ballot = { round: 0, owner: 0 };

/**
 * I-05, I-06 and I-09 for Multi-Paxos: the promise of an acceptor never falls, whatever lives lie between, and it votes in no ballot above it
 * (PMMC A1 and A2: ballots only rise; accept only at the current ballot). Whoever is counted in phase 1 has its promise on the disk.
 */
export function promiseKept(ledger: Ledger): Observer {
  /** As last written, and as last durable. */
  const written = new Map<MemberId, Ballot>();
  const durable = new Map<MemberId, Ballot>();
  const pending = new Map<MemberId, { readonly batch: JournalBatch; readonly ballot: Ballot }[]>();
  return {
    recovered(member, { hardState }) {
      pending.set(member.id, []);
      const found = readPromise(hardState) ?? nothing;
      const known = durable.get(member.id) ?? nothing;
      if (compareBallots(found, known) < 0 && !member.damaged && !member.wiped)
        ledger.violate('I-06', `member ${member.id} promised ${textOf(known)} durably, and comes back with ${textOf(found)}`);
      written.set(member.id, found);
      durable.set(member.id, found);
    },
    appended(member, batch) {
      const before = written.get(member.id) ?? nothing;
      const now = readPromise(batch.hardState) ?? before;
      if (compareBallots(now, before) < 0)
        ledger.violate('I-09', `the promise of member ${member.id} falls from ${textOf(before)} to ${textOf(now)}`);
      written.set(member.id, now);
      if (batch.hardState !== undefined) pending.get(member.id)?.push({ batch, ballot: now });
      for (const { epoch, first } of batch.entries)
        if (compareBallots(epoch, now) > 0)
          ledger.violate(
            'I-09',
            `member ${member.id} votes in slot ${first} under ${textOf(epoch)}, and promised only ${textOf(now)}`,
          );
    },
    durable(member) {
      const waiting = pending.get(member.id) ?? [];
      while (waiting[0] !== undefined && !member.pending.some(({ batch }) => batch === waiting[0]?.batch))
        durable.set(member.id, (waiting.shift() as { ballot: Ballot }).ballot);
    },
    event(_member, event) {
      if (event.type !== 'trace') return;
      for (const traced of event.events)
        if ((traced as { event?: string }).event === 'phase1') checkCounted(traced as TracedPhase1);
    },
  };

  function checkCounted({ ballot, answers }: TracedPhase1): void {
    for (const { member: id } of answers) {
      const { damaged, wiped } = ledger.member(id);
      const kept = durable.get(id) ?? nothing;
      if (compareBallots(kept, ballot) < 0 && !damaged && !wiped)
        ledger.violate(
          'I-05',
          `member ${id} is counted for ballot ${textOf(ballot)}, and its disk holds the promise of ${textOf(kept)} only`,
        );
    }
  }
}
