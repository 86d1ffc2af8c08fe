import { compareEpochs, crc32, type EntryBatch, type Epoch, type Index, type MemberId, payloadOf } from '@quorate/interface';
import { formatEpoch, formatPayload } from './format.ts';
import { sameBytes, type StoredEntry } from './log-image.ts';
import { check } from './trace-error.ts';

/** What must hold between members, whatever the protocol. Checked at every step of a trace. */
export class ClusterInvariants {
  readonly #history = new Map<Index, StoredEntry>();
  readonly #leaders = new Map<string, MemberId>();
  #acknowledged: Index = 0;

  /** State machine safety: equal entries at equal indexes. The epoch may differ: Multi-Paxos accepts a chosen value again. */
  delivered(member: MemberId, entry: StoredEntry): void {
    const { index, kind, payload } = entry;
    const known = this.#history.get(index);
    if (known === undefined) this.#history.set(index, entry);
    else
      check(
        known.kind === kind && sameBytes(known.payload, payload),
        () =>
          `${member} applies ${formatPayload(kind, payload)} at ${index}, where ${formatPayload(known.kind, known.payload)} was applied`,
      );
  }

  /** What was applied at an index, by whoever was first. */
  deliveredAt(index: Index): StoredEntry | undefined {
    return this.#history.get(index);
  }

  /** At most one member is ever ready under an epoch (protocol facts §7.3). */
  ready(member: MemberId, epoch: Epoch): void {
    const key = formatEpoch(epoch);
    const known = this.#leaders.get(key);
    check(known === undefined || known === member, () => `${member} and ${known} are both ready in ${key}`);
    this.#leaders.set(key, member);
  }

  /** A client was answered for this index. */
  acknowledge(index: Index): void {
    this.#acknowledged = Math.max(this.#acknowledged, index);
  }

  /** A linearizable read that begins now must see at least this index. */
  get readFloor(): Index {
    return this.#acknowledged;
  }
}

/** Bytes are frozen from the proposer to apply: the checksums of a run must always hold. */
export function checkRuns(who: string, batches: readonly EntryBatch[]): void {
  for (const batch of batches) {
    check(batch.count > 0 && batch.first > 0, () => `${who}: a run of ${batch.count} entries at ${batch.first}`);
    check(
      batch.ends.length === batch.count && batch.checksums.length === batch.count,
      () => `${who}: ends or checksums of the wrong length`,
    );
    check(compareEpochs(batch.epoch, { round: 0, owner: 0 }) > 0, () => `${who}: entries without an epoch`);
    for (let place = 0; place < batch.count; place++) {
      const payload = payloadOf(batch, batch.first + place);
      // A no-op is empty: its checksum says nothing.
      check(
        batch.kind === 'noop' ? payload.length === 0 : crc32(payload, 0) === batch.checksums[place],
        () => `${who}: entry ${batch.first + place} does not match its checksum`,
      );
    }
  }
}
