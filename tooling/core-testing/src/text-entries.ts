import { encodeText, noops, packPayloads, payloadOf, placeEntries } from '@quorate/interface';
import type { Config, CoreLimits, EntryBatch, Epoch, Index, ProposalRun } from '@quorate/interface';

/** Limits that no small test reaches. */
export const generousLimits: CoreLimits = {
  uncommittedBytes: 1 << 20,
  windowBytes: 1 << 20,
  windowMessages: 64,
  memoryBytes: 1 << 20,
  messageBytes: 1 << 16,
  tailBytes: 1 << 16,
};

/** A configuration of members `n1`, `n2`, …, as a cluster is started with. */
export function genesisOf(voters: readonly number[], learners: readonly number[] = []): Config {
  const members = [...voters, ...learners].map((id) => ({ id, name: `n${id}`, peerUrls: [], diskId: '' }));
  return { id: 0, voters, learners, members };
}

/** Commands to propose as one run; the first has the number `firstId`. */
export function textRun(firstId: number, commands: readonly string[]): ProposalRun {
  const payloads = packPayloads(
    commands.map((command) => encodeText(command)),
    sumOfText,
  );
  return { ...payloads, firstId };
}

/** A command in the log. */
export function textEntry(index: Index, epoch: Epoch, text: string): EntryBatch {
  return placeEntries(packPayloads([encodeText(text)], sumOfText), index, epoch, 'command');
}

/** A no-op in the log. */
export function noopEntry(index: Index, epoch: Epoch): EntryBatch {
  return noops(index, 1, epoch);
}

/** The kind and the text of an entry, for comparisons. */
export function keyOf(entry: EntryBatch, index: Index): string {
  return `${entry.kind} ${textAt(entry, index)}`;
}

/** The text of an entry; empty for a no-op. */
export function textAt(entry: EntryBatch, index: Index): string {
  return entry.kind === 'noop' ? '' : new TextDecoder().decode(payloadOf(entry, index));
}

// A checksum that tells short texts apart.
function sumOfText(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => (sum * 31 + byte) >>> 0, 7);
}
