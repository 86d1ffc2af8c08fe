import type { Index } from '@quorate/interface';
import { sumOf } from '@quorate/simulator';
import type { Ledger, Observer } from '@quorate/simulator';
import { compareBallots, textOf } from './ballots.ts';
import type { Ballot, TracedPhase1 } from './ballots.ts';

const noopSum = sumOf(0, 'noop');

/**
 * I-03 and I-04 for Multi-Paxos, Paxos Made Simple P2c: what a leader proposes in a slot is the vote of the highest ballot in the answers of its
 * phase-1 quorum, or the slot was free; it never proposes at or below a slot that one of them called chosen; free slots below a vote
 * become no-ops. And P1b: it proposes nothing at all before that quorum answered.
 */
export function safeProposals(ledger: Ledger): Observer {
  /** Every value that was ever voted for, by ballot and slot: one each (I-03). */
  const values = new Map<string, Map<Index, number>>();
  const phases = new Map<string, { readonly u: Index; readonly votes: ReadonlyMap<Index, Ballot>; readonly last: Index }>();
  return {
    appended(member, batch) {
      for (const { first, count, epoch, kind, checksums } of batch.entries) {
        const ballot = textOf(epoch);
        let known = values.get(ballot);
        if (known === undefined) values.set(ballot, (known = new Map()));
        for (let place = 0; place < count; place++) known.set(first + place, sumOf(checksums[place] as number, kind));
        const phase = phases.get(ballot);
        if (epoch.owner === member.id && phase !== undefined)
          for (let slot = first; slot < first + count; slot++) check(epoch, slot, phase);
      }
    },
    event(_member, event) {
      if (event.type !== 'trace') return;
      for (const traced of event.events) if ((traced as { event?: string }).event === 'phase1') begin(traced as TracedPhase1);
    },
  };

  function begin({ ballot, answers }: TracedPhase1): void {
    const votes = new Map<Index, Ballot>();
    let u = 0;
    let last = 0;
    for (const answer of answers) {
      u = Math.max(u, answer.chosenUpTo);
      for (const run of answer.votes)
        for (let slot = run.from; slot <= run.to; slot++) {
          const known = votes.get(slot);
          if (known === undefined || compareBallots(known, run.ballot) < 0) votes.set(slot, run.ballot);
          last = Math.max(last, slot);
        }
    }
    const phase = { u, votes, last };
    phases.set(textOf(ballot), phase);
    // The write of this turn came before its trace.
    for (const slot of values.get(textOf(ballot))?.keys() ?? []) check(ballot, slot, phase);
  }

  function check(ballot: Ballot, slot: Index, { u, votes, last }: NonNullable<ReturnType<typeof phases.get>>): void {
    const who = `the owner of ballot ${textOf(ballot)}`;
    if (slot <= u) {
      ledger.violate('I-04', `${who} proposes in slot ${slot}, and its phase-1 quorum called everything up to ${u} chosen`);
      return;
    }
    const sum = values.get(textOf(ballot))?.get(slot);
    const vote = votes.get(slot);
    const expected = vote === undefined ? (slot <= last ? noopSum : sum) : values.get(textOf(vote))?.get(slot);
    if (expected !== undefined && sum !== expected)
      ledger.violate(
        'I-03',
        `${who} proposes in slot ${slot} another value than ${vote === undefined ? 'a no-op' : `that of ballot ${textOf(vote)}`}, which its phase-1 quorum told of`,
      );
  }
}
