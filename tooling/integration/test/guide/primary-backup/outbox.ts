import type { Effects, EntryBatch, Index, LinkId, WriteNumber } from '@quorate/interface';
import type { PrimaryBackupMessage } from './messages.ts';

type Taken<K extends keyof Effects<PrimaryBackupMessage>> = Effects<PrimaryBackupMessage>[K] extends readonly (infer T)[]
  ? T[]
  : never;

/** What one turn wants done. */
export class Outbox {
  sends: Taken<'sends'> = [];
  closes: Taken<'closes'> = [];
  fetches: Taken<'fetches'> = [];
  appended: Taken<'appended'> = [];
  rejected: Taken<'rejected'> = [];
  reads: Taken<'reads'> = [];
  snapshots: Taken<'snapshots'> = [];

  /** All in one lane: the order of what is said is a part of its meaning. */
  send(link: LinkId, gate: WriteNumber, message: PrimaryBackupMessage, entries: readonly EntryBatch[] = []): void {
    this.sends.push({ links: [link], lane: 'log', gate, message, entries });
  }

  /** What was gathered, which now belongs to the effects of this turn. */
  takeAll(): Pick<
    Effects<PrimaryBackupMessage>,
    'sends' | 'closes' | 'fetches' | 'appended' | 'rejected' | 'reads' | 'snapshots'
  > {
    const { sends, closes, fetches, appended, rejected, reads, snapshots } = this;
    Object.assign(this, new Outbox());
    return { sends, closes, fetches, appended, rejected, reads, snapshots };
  }

  answer(context: number, index: Index | undefined): void {
    this.reads.push({ context, index, method: 'read-index', validUntil: Number.POSITIVE_INFINITY });
  }
}
