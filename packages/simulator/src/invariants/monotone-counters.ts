import type { Ledger } from '../evidence/ledger.ts';
import type { Observer } from '../evidence/observer.ts';

/** I-07, the form of all protocols: within a life the commit cursor never falls, and every command is delivered once, in order, with a rising ordinal (commands of the replica itself take ordinals that a state machine never sees). */
export function monotoneCounters(ledger: Ledger): Observer {
  return {
    drained(member, effects) {
      if (effects.commit.index < member.commit && effects.diverged === undefined) {
        ledger.violate('I-07', `member ${member.id}: the commit cursor falls from ${member.commit} to ${effects.commit.index}`);
      }
    },
    applied(member, _command, { index, ordinal }) {
      if (member.applied < 0) return;
      if (index <= member.applied) ledger.violate('I-07', `member ${member.id} delivers ${index} after ${member.applied}`);
      if (member.applied > 0 && ordinal <= member.ordinal) {
        ledger.violate('I-07', `member ${member.id} gives entry ${index} the ordinal ${ordinal}, after ${member.ordinal}`);
      }
    },
  };
}
