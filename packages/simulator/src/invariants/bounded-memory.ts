import type { ReplicaLimits, ReplicaStatus } from '@quorate/replica';
import type { Ledger, MemberRecord } from '../evidence/ledger.ts';

/** I-22: every queue of a member is within its limit. `slack`: what one turn may add before the limit is looked at. */
export function boundedMemory(ledger: Ledger, limits: ReplicaLimits): (member: MemberRecord, status: ReplicaStatus) => void {
  return (member, status) => {
    const { queues, links } = status;
    const check = (name: string, got: number, allowed: number): void => {
      if (got > allowed) ledger.violate('I-22', `member ${member.id}: ${name} is ${got}, allowed ${allowed}`);
    };
    check('inFlight', queues.inFlight, limits.inFlightCommands);
    check('inFlightBytes', queues.inFlightBytes, limits.inFlightBytes);
    check('reads', queues.reads, limits.pendingReads);
    check('links of clients', links.filter(({ kind }) => kind === 'client').length, limits.clientLinks);
    for (const link of links) check(`gated bytes for ${link.peer}`, link.gatedBytes, limits.gatedBytes);
  };
}
