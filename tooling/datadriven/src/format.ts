import { decodeConfig, decodeText, lastOf, payloadOf } from '@quorate/interface';
import type { Config, EntryBatch, EntryKind, Epoch, IndexRange, JournalBatch, MemberId, RoleChange } from '@quorate/interface';

/** An epoch: `3`, or `3.2` where a member owns it. */
export function formatEpoch(epoch: Epoch): string {
  return epoch.owner === 0 ? String(epoch.round) : `${epoch.round}.${epoch.owner}`;
}

/** What an entry carries, in a few characters. */
export function formatPayload(kind: EntryKind, payload: Uint8Array): string {
  if (kind === 'noop') return 'noop';
  const config = kind === 'config' ? decodeConfig(payload) : undefined;
  if (config !== undefined) return `{${formatConfig(config)}}`;
  const text = decodeText(payload);
  const readable = text !== undefined && /^[\x21-\x7e]{1,24}$/.test(text);
  return readable ? text : `<${payload.length} bytes>`;
}

/** One entry: `2:x@1`. */
export function formatEntry(index: number, kind: EntryKind, payload: Uint8Array, epoch: Epoch): string {
  return `${index}:${formatPayload(kind, payload)}@${formatEpoch(epoch)}`;
}

/** Entries, one after the other; the middle of a long run is left out. */
export function formatEntries(batches: readonly EntryBatch[]): string {
  return batches.map(formatBatch).join(' ');
}

function formatBatch(batch: EntryBatch): string {
  const indexes = Array.from({ length: batch.count }, (_, place) => batch.first + place);
  const shown = batch.count <= 5 ? indexes : [batch.first, lastOf(batch)];
  const texts = shown.map((index) => formatEntry(index, batch.kind, payloadOf(batch, index), batch.epoch));
  return texts.join(batch.count <= 5 ? ' ' : ' .. ');
}

/** A range: `3` or `3-5`. */
export function formatRange({ from, to }: IndexRange): string {
  return from === to ? String(from) : `${from}-${to}`;
}

/** Members: `1,2`, or `-` for none. */
export function formatMembers(members: readonly MemberId[]): string {
  return members.length === 0 ? '-' : members.join(',');
}

/** A configuration: `#1 voters 1,2,3 learners 4`, and what it is changing to. */
export function formatConfig(config: Config): string {
  const learners = config.learners.length === 0 ? '' : ` learners ${formatMembers(config.learners)}`;
  const next = config.next === undefined ? '' : ` -> ${formatConfig(config.next)}`;
  return `#${config.id} voters ${formatMembers(config.voters)}${learners}${next}`;
}

/** Who leads in which epoch, and how far that is. */
export function formatRole(self: MemberId, change: RoleChange): string {
  const epoch = formatEpoch(change.epoch);
  const follows = change.leader === undefined || change.leader === self ? '' : ` of ${change.leader}`;
  const stage = change.settled ? ', ready, settled' : change.ready ? ', ready' : '';
  return `${change.role}${follows} in ${epoch}${change.role === 'leader' ? stage : ''}`;
}

/** What a batch writes, or the commit that it notes where it writes nothing else. */
export function formatWrite({ snapshotMark, truncateFrom, entries, hardState, compactBelow, commit }: JournalBatch): string {
  const parts = [
    snapshotMark === undefined ? '' : `snapshot mark ${snapshotMark.id}`,
    truncateFrom === undefined ? '' : `truncate from ${truncateFrom}`,
    formatEntries(entries),
    hardState === undefined ? '' : 'hard state',
    compactBelow === undefined ? '' : `compact below ${compactBelow}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? `commit ${commit}` : parts.join(', ');
}
