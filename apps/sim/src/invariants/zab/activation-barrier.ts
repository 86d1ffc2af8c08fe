import type { MemberId } from '@quorate/interface';
import type { Ledger, Observer } from '@quorate/simulator';

interface Sent {
  readonly kind: string;
  readonly epoch: number;
}

/** Z7 (O9): no txn of an epoch exists before a quorum has acknowledged its NEWLEADER durably. */
export function activationBarrier(ledger: Ledger, voters: readonly MemberId[]): Observer {
  const majority = Math.floor(voters.length / 2) + 1;
  /** By epoch: those that have said ACK-LD, and the leader. */
  const accepted = new Map<number, Set<MemberId>>();
  const note = (epoch: number, member: MemberId): void => {
    const members = accepted.get(epoch) ?? new Set<MemberId>();
    if (voters.includes(member)) members.add(member);
    accepted.set(epoch, members);
  };
  return {
    drained(member, { sends, role }) {
      if (role?.role === 'leader') note(role.epoch.round, member.id);
      for (const { message } of sends) {
        const { kind, epoch } = message as Sent;
        if (kind === 'ack-leader') note(epoch, member.id);
      }
    },
    appended(member, { entries }) {
      for (const { epoch, first } of entries) {
        const members = accepted.get(epoch.round)?.size ?? 0;
        if (members < majority)
          ledger.violate(
            'I-02',
            `member ${member.id} logs txn ${first} of epoch ${epoch.round}, which ${members} of ${voters.length} voters have accepted`,
          );
      }
    },
  };
}
