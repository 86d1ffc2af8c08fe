import type { MemberId } from '@quorate/interface';
import type { Ledger, Observer } from '@quorate/simulator';

interface AckEpoch {
  readonly kind: string;
  readonly epoch: number;
  readonly counts: boolean;
}

/** A member's ACK-E for an epoch counts once, whatever lives lie between: else two leaders could have the same epoch (Z3). */
export function countedOnce(ledger: Ledger): Observer {
  const given = new Map<MemberId, Map<number, string>>();
  return {
    drained(member, { sends }) {
      for (const { message, gate } of sends) {
        const { kind, epoch, counts } = message as AckEpoch;
        if (kind !== 'ack-epoch' || !counts) continue;
        const epochs = given.get(member.id) ?? new Map<number, string>();
        given.set(member.id, epochs);
        const life = `${member.lives}`;
        const before = epochs.get(epoch);
        // An acceptance whose write never ended left with its process: the gate was closed, and nobody heard of it.
        if (before === life) ledger.violate('I-09', `member ${member.id} has its ACK-E of epoch ${epoch} counted twice`);
        if (gate === 0) ledger.violate('I-09', `member ${member.id} acknowledges epoch ${epoch} before it is durable`);
        epochs.set(epoch, life);
      }
    },
  };
}
