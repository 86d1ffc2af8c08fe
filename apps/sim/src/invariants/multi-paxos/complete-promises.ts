import type { Index } from '@quorate/interface';
import type { Ledger, MemberRecord, Observer } from '@quorate/simulator';
import { compareBallots, textOf } from './ballots.ts';
import type { Ballot, TracedPhase1 } from './ballots.ts';

interface Promise1b {
  readonly votes: ReadonlyMap<Index, Ballot>;
}

/**
 * M-1, M-4, M-9 and M-14: what a leader was told by an acceptor of its phase-1 quorum holds every vote that this acceptor had cast when it
 * promised, with the ballot it was cast in, but for slots that it called chosen.
 */
export function completePromises(ledger: Ledger): Observer {
  const promises = new Map<string, Promise1b>();
  return {
    event(member, event) {
      if (event.type !== 'trace') return;
      for (const traced of event.events) {
        const { event: what, ballot } = traced as { event?: string; ballot?: Ballot };
        if (ballot === undefined) continue;
        if (what === 'promised' || what === 'candidate') promises.set(`${textOf(ballot)}/${member.id}`, promiseOf(member));
        else if (what === 'phase1') judge(traced as TracedPhase1);
      }
    },
  };

  function promiseOf({ latest, commit }: MemberRecord): Promise1b {
    const votes = new Map<Index, Ballot>();
    for (let slot = commit + 1; slot <= latest.last; slot++)
      if (latest.has(slot)) votes.set(slot, { round: latest.rounds[slot] as number, owner: latest.owners[slot] as number });
    return { votes };
  }

  function judge({ ballot, fromSlot, answers }: TracedPhase1): void {
    for (const { member, chosenUpTo, votes: told } of answers) {
      const promise = promises.get(`${textOf(ballot)}/${member}`);
      if (promise === undefined) {
        ledger.violate('I-09', `member ${member} is counted for ballot ${textOf(ballot)}, and never promised it`);
        continue;
      }
      for (const [slot, cast] of promise.votes) {
        if (slot <= chosenUpTo || slot < fromSlot) continue;
        const run = told.find(({ from, to }) => from <= slot && slot <= to);
        if (run === undefined || compareBallots(run.ballot, cast) < 0)
          ledger.violate(
            'I-04',
            `the promise of member ${member} for ballot ${textOf(ballot)} does not tell of its vote in slot ${slot} under ${textOf(cast)}`,
          );
      }
    }
  }
}
