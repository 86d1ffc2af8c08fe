import type { EntryBatch, Index, SnapshotMeta } from '@quorate/interface';

/** What members say to each other. `round`: the primary's incarnation, so that nothing of an earlier life is taken for this one's. */
export type PrimaryBackupMessage =
  /** Backup to primary, first on every link: it durably holds everything up to `last`. */
  | { readonly kind: 'join'; readonly last: Index }
  /** Primary to backup: the entries from `first` on, none to say hello or what is committed. */
  | { readonly kind: 'append'; readonly round: number; readonly first: Index; readonly commit: Index }
  /** Backup to primary: everything up to `last` is on its disk. */
  | { readonly kind: 'held'; readonly last: Index }
  /** Primary to backup: the entries are gone, this snapshot holds them. */
  | { readonly kind: 'offer'; readonly round: number; readonly meta: SnapshotMeta }
  /** Backup to primary: where may these reads look? And the answer. */
  | { readonly kind: 'ask'; readonly context: number }
  | { readonly kind: 'point'; readonly context: number; readonly settled: boolean; readonly index: Index };

/** Whether a correct member can have sent it: whatever comes off a wire is looked at before it is believed. */
export function isWellFormed(message: PrimaryBackupMessage, entries: readonly EntryBatch[]): boolean {
  if (message.kind !== 'append' && entries.length > 0) return false;
  switch (message.kind) {
    case 'join':
    case 'held':
      return isIndex(message.last);
    case 'append':
      return (
        isRound(message.round) &&
        message.first >= 1 &&
        isIndex(message.first) &&
        isIndex(message.commit) &&
        follow(entries, message.first)
      );
    case 'offer':
      return isRound(message.round) && isIndex(message.meta.index) && message.meta.index > 0 && isRound(message.meta.epoch.round);
    case 'ask':
      return isIndex(message.context);
    case 'point':
      return isIndex(message.context) && isIndex(message.index);
    default:
      return false;
  }
}

export function describeMessage(message: PrimaryBackupMessage): string {
  switch (message.kind) {
    case 'append':
      return `append round=${message.round} first=${message.first} commit=${message.commit}`;
    case 'offer':
      return `offer round=${message.round} snapshot=${message.meta.id} index=${message.meta.index}`;
    case 'ask':
      return `ask context=${message.context}`;
    case 'point':
      return `point context=${message.context} index=${message.index} settled=${message.settled}`;
    default:
      return `${message.kind} last=${message.last}`;
  }
}

function isIndex(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value < 2 ** 50;
}

function isRound(value: number): boolean {
  return isIndex(value) && value >= 1;
}

/** Runs that a journal could take, one behind the other. */
function follow(entries: readonly EntryBatch[], first: Index): boolean {
  let next = first;
  for (const { first: start, count, ends, checksums, body, epoch, kind } of entries) {
    if (start !== next || !isIndex(count) || count < 1 || ends.length !== count || checksums.length !== count) return false;
    if (!isRound(epoch.round) || epoch.owner !== 0 || kind !== 'command') return false;
    for (let i = 1; i < count; i++) if ((ends[i] ?? 0) < (ends[i - 1] ?? 0)) return false;
    if (body.reduce((sum, chunk) => sum + chunk.length, 0) !== ends[count - 1]) return false;
    next += count;
  }
  return isIndex(next);
}
