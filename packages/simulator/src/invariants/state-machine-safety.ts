import type { Crc32, Index } from '@quorate/interface';
import type { Ledger } from '../evidence/ledger.ts';
import type { Observer } from '../evidence/observer.ts';

/**
 * I-01: no two members deliver different commands at one index; what one commits is what all commit (Raft figure 3, State Machine Safety). The
 * epoch is no part of it: in Multi-Paxos a chosen value may be accepted again in a later one. Where it is, the protocol's own invariants say so.
 */
export function stateMachineSafety(ledger: Ledger, crc32: Crc32): Observer {
  const delivered: number[] = [];
  const check = (who: number, index: Index, sum: number): void => {
    const agreed = ledger.committed[index];
    if (agreed === undefined || agreed.sum === sum) return;
    ledger.violate(
      'I-01',
      `entry ${index}: member ${who} commits sum ${sum}; member ${agreed.member} committed sum ${agreed.sum} in round ${agreed.epoch.round}`,
    );
  };
  return {
    committed(member, from, to) {
      const { latest } = member;
      for (let index = from; index <= to; index++) {
        if (latest.has(index)) check(member.id, index, latest.sums[index] as number);
        else if (!latest.holds(index))
          ledger.violate('I-01', `member ${member.id} commits entry ${index}, which it does not hold`);
      }
    },
    applied(member, command, stamp) {
      const sum = crc32(command, command.length);
      const before = delivered[stamp.index];
      if (before === undefined) delivered[stamp.index] = sum;
      else if (before !== sum)
        ledger.violate('I-01', `member ${member.id} delivers another command at ${stamp.index} than another member`);
      if (stamp.index > member.commit)
        ledger.violate('I-01', `member ${member.id} delivers entry ${stamp.index}, but committed only ${member.commit}`);
    },
  };
}
