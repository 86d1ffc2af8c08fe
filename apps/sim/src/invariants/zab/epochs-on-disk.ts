import type { Effects, JournalBatch, MemberId } from '@quorate/interface';
import type { Ledger, MemberRecord, Observer } from '@quorate/simulator';
import { zabDetail } from './detail.ts';

interface Epochs {
  readonly accepted: number;
  readonly current: number;
}

interface Kind {
  readonly kind: string;
}

/**
 * I-06 for ZAB, over everything that a disk may hold: the accepted epoch is never below the current one nor below that of the last txn;
 * neither epoch falls; and the current one has caught up with the last txn whenever ACK-LD or an ACK leaves (Z-1, Z-2).
 */
export function epochsOnDisk(ledger: Ledger): Observer {
  const epochs = new Map<MemberId, Epochs>();
  const durable = new Map<MemberId, Epochs>();
  const pending = new Map<MemberId, { readonly batch: JournalBatch; readonly epochs: Epochs }[]>();

  const lastEpoch = (log: MemberRecord['latest']): number => {
    const { snapshot, last } = log;
    return Math.max(log.rounds[last] ?? -1, snapshot !== undefined && snapshot.index === last ? snapshot.epoch.round : 0);
  };

  const check = (member: MemberRecord, held: Epochs, log: MemberRecord['latest'], where: string): void => {
    const last = lastEpoch(log);
    if (held.accepted < held.current || held.accepted < last)
      ledger.violate(
        'I-06',
        `member ${member.id} ${where} accepted epoch ${held.accepted}, current ${held.current}, and a last txn of epoch ${last}`,
      );
  };

  const acknowledges = (effects: Effects<unknown>): boolean =>
    effects.sends.some(({ message }) => (message as Kind).kind === 'ack-leader' || (message as Kind).kind === 'ack');

  return {
    drained(member, effects, status) {
      if (member.damaged || member.wiped) return;
      const acks = acknowledges(effects);
      if (effects.write === undefined && !acks) return;
      const detail = zabDetail(status());
      const now = { accepted: detail.acceptedEpoch, current: detail.currentEpoch };
      const before = epochs.get(member.id) ?? { accepted: 0, current: 0 };
      if (now.accepted < before.accepted || now.current < before.current)
        ledger.violate('I-06', `an epoch of member ${member.id} falls: ${describe(before)}, then ${describe(now)}`);
      epochs.set(member.id, now);
      if (acks && now.current < detail.lastZxid.epoch)
        ledger.violate(
          'I-06',
          `member ${member.id} acknowledges a txn of epoch ${detail.lastZxid.epoch} in epoch ${now.current}`,
        );
      if (effects.write === undefined) return;
      const list = pending.get(member.id) ?? [];
      list.push({ batch: effects.write, epochs: now });
      pending.set(member.id, list);
    },
    durable(member) {
      const list = pending.get(member.id) ?? [];
      while (list[0] !== undefined && !member.pending.some(({ batch }) => batch === list[0]?.batch)) {
        const { epochs: held } = list.shift() as { epochs: Epochs };
        durable.set(member.id, held);
        if (list.length === 0 && member.pending.length === 0 && !member.damaged && !member.wiped)
          check(member, held, member.durable, 'has on its disk');
      }
    },
    recovered(member) {
      pending.delete(member.id);
      if (member.damaged || member.wiped) return;
      // What was under way when the process ended may be there or not; what was durable is.
      const known = durable.get(member.id);
      if (known === undefined) epochs.delete(member.id);
      else epochs.set(member.id, known);
    },
  };
}

function describe({ accepted, current }: Epochs): string {
  return `accepted ${accepted}, current ${current}`;
}
