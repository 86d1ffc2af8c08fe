import type { ReplicaLimits, ReplicaQueues } from '@quorate/replica';
import type { Ledger, MemberRecord } from '../evidence/ledger.ts';

/** I-22: every queue of a member is within its limit, whenever its core has spoken. */
export function boundedMemory(ledger: Ledger, limits: ReplicaLimits): (member: MemberRecord, queues: ReplicaQueues) => void {
  return (member, queues) => {
    const check = (name: keyof ReplicaQueues, allowed: number): void => {
      const got = queues[name];
      if (got > allowed) ledger.violate('I-22', `member ${member.id}: ${name} is ${got}, allowed ${allowed}`);
    };
    check('inFlight', limits.inFlightCommands);
    check('inFlightBytes', limits.inFlightBytes);
    check('reads', limits.pendingReads);
    check('clientLinks', limits.clientLinks);
    check('gatedBytes', limits.gatedBytes);
  };
}
