import type { JournalBatch, MemberId } from '@quorate/interface';
import type { Ledger, Observer } from '@quorate/simulator';

interface Vote {
  readonly term: number;
  readonly votedFor: MemberId;
}

/** I-06 and I-09 for Raft: a member's term never falls, whatever lives lie between, and it votes once in a term (Raft §5.2). */
export function oneVotePerTerm(ledger: Ledger): Observer {
  const votes = new Map<MemberId, Vote>();
  const pending = new Map<MemberId, { readonly write: JournalBatch; readonly vote: Vote }>();
  return {
    drained(member, effects, status) {
      if (effects.write?.hardState === undefined || member.damaged || member.wiped) return;
      const { term, votedFor } = status().detail as Vote;
      const before = votes.get(member.id);
      // What was not durable when its process ended was never said to anybody, and may be forgotten.
      if (before !== undefined && before.term === term && before.votedFor !== 0 && before.votedFor !== votedFor) {
        ledger.violate('I-09', `member ${member.id} votes for ${votedFor} in term ${term}, and voted for ${before.votedFor}`);
      }
      if (before !== undefined && term < before.term)
        ledger.violate('I-06', `the term of member ${member.id} falls from ${before.term} to ${term}`);
      pending.set(member.id, { write: effects.write, vote: { term, votedFor } });
    },
    durable(member) {
      const waiting = pending.get(member.id);
      if (waiting === undefined || member.pending.some(({ batch }) => batch === waiting.write)) return;
      votes.set(member.id, waiting.vote);
    },
    recovered(member) {
      pending.delete(member.id);
    },
  };
}
