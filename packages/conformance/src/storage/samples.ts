import { crc32, decodeText, encodeText, packPayloads, payloadOf, placeEntries } from '@quorate/interface';
import type { EntryBatch, EntryKind, Epoch, ExpectedIdentity, SnapshotMeta } from '@quorate/interface';

/** An epoch without an owner, as Raft and ZAB have them. */
export function roundOf(round: number): Epoch {
  return { round, owner: 0 };
}

/** A run of entries with these texts as payloads, one chunk each, with their checksums. */
export function sampleEntries(
  first: number,
  texts: readonly string[],
  epoch: Epoch = roundOf(1),
  kind: EntryKind = 'command',
): EntryBatch {
  const chunks = texts.map((text) => encodeText(text));
  return placeEntries(
    packPayloads(chunks, (bytes) => crc32(bytes, 0)),
    first,
    epoch,
    kind,
  );
}

/** The payloads of some entries as texts, by position. */
export function textsOf(batches: readonly EntryBatch[]): Record<number, string> {
  const found: Record<number, string> = {};
  for (const batch of batches)
    for (let i = 0; i < batch.count; i++) found[batch.first + i] = decodeText(payloadOf(batch, batch.first + i)) ?? '?';
  return found;
}

/** A snapshot of a group of one, with a field of every kind that a meta can have. */
export function sampleMeta(index: number, bytes = 0): SnapshotMeta {
  const members = [{ id: 7, name: 'n7', peerUrls: ['tcp://127.0.0.1:1'], diskId: 'd' }];
  const next = { id: 1, voters: [7, 2 ** 48 - 1], learners: [9], members };
  const configs = [{ id: 0, voters: [7], learners: [], members, next }];
  const core = Uint8Array.of(1, 2, 255);
  return {
    id: `snap-${index}`,
    index,
    epoch: roundOf(1),
    ordinal: index,
    configs,
    core,
    stateMachine: 'test',
    version: 1,
    bytes,
  };
}

/** Who the owner of the place is. */
export const sampleIdentity: ExpectedIdentity = {
  clusterId: 'c1',
  member: 42,
  name: 'n1',
  protocol: 'raft',
  formatVersion: 3,
  newDiskId: 'disk-1',
};
