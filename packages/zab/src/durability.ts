import { at, invariant, lastOf, sliceEntries } from '@quorate/interface';
import type { EntryBatch, Index, WriteNumber } from '@quorate/interface';
import { appendBatch, truncateLog } from './log.ts';
import type { ZabState } from './state.ts';

/** Appends a batch to the log and to what the next write holds. */
export function appendEntries(state: ZabState, batch: EntryBatch): void {
  appendBatch(state.log, batch);
  const { unwritten } = state;
  if (unwritten.entries.length === 0) unwritten.entries = [batch];
  else unwritten.entries.push(batch);
}

/**
 * Cuts the history from `from` on, in memory now and on disk with the next write. Batches under way vouch only for what is left, so
 * that a completion of the old txns is never taken for one of those that replace them (Z-13; write numbers make it sure).
 */
export function truncateEntries(state: ZabState, from: Index): void {
  invariant(from > state.commitIndex, 'what is committed is never cut');
  truncateLog(state.log, from);
  forgetWritten(state, from);
}

/** The part of a truncation that concerns disk and bookkeeping. */
export function forgetWritten(state: ZabState, from: Index): void {
  const { unwritten } = state;
  unwritten.truncateFrom = Math.min(unwritten.truncateFrom ?? from, from);
  unwritten.entries = entriesBelow(unwritten.entries, from);
  state.durableIndex = Math.min(state.durableIndex, from - 1);
  for (const underWay of state.writesUnderWay) underWay.last = Math.min(underWay.last, from - 1);
}

function entriesBelow(entries: readonly EntryBatch[], from: Index): EntryBatch[] {
  const kept: EntryBatch[] = [];
  for (const batch of entries) {
    if (batch.first >= from) break;
    kept.push(lastOf(batch) < from ? batch : sliceEntries(batch, batch.first, from - 1));
  }
  return kept;
}

/** A write completed, and with it all before it. False where that was known. */
export function notePersisted(state: ZabState, write: WriteNumber): boolean {
  invariant(write <= state.writeNumber, 'only what was handed out completes');
  if (write <= state.persisted) return false;
  state.persisted = write;
  const { writesUnderWay } = state;
  while (writesUnderWay.length > 0 && at(writesUnderWay, 0).write <= write)
    state.durableIndex = Math.max(state.durableIndex, writesUnderWay.shift()?.last ?? 0);
  return true;
}

/** True where the disk has not completed a write for so long that this member is of no use to a quorum, least of all as its leader. */
export function diskHangs({ writesUnderWay, now, options }: ZabState): boolean {
  const oldest = writesUnderWay[0];
  return oldest !== undefined && now - oldest.since >= hungDiskTimeouts * options.electionTimeoutMs;
}

/** A write that takes this many election timeouts counts as hanging: far above what a slow disk needs. */
const hungDiskTimeouts = 5;

/** The write that makes `index` durable here; 0 where it is. The commit cursor waits for it (contracts §2). */
export function gateOf(state: ZabState, index: Index): WriteNumber {
  if (index <= state.durableIndex) return 0;
  const { writesUnderWay } = state;
  let place = 0;
  while (place < writesUnderWay.length && at(writesUnderWay, place).last < index) place++;
  invariant(place < writesUnderWay.length, 'a committed entry is durable or being written');
  return at(writesUnderWay, place).write;
}
