import { at, countWithin, invariant, lastOf, payloadBytes, sliceEntries } from '@quorate/interface';
import type { EntryBatch, Index } from '@quorate/interface';

/**
 * The log as this member holds it in memory: terms as runs, payloads as references to the batches they came in, and no object per
 * entry. Payloads are cached from `firstCached` to `lastIndex`; below that only terms are known and the journal has the bytes.
 */
export interface RaftLog {
  /** The entry before the first one: its term is known, its payload is gone (Raft §7, "last included"). 0 and 0 at the very start. */
  baseIndex: Index;
  baseTerm: number;
  lastIndex: Index;
  lastTerm: number;
  /** Terms of (baseIndex, lastIndex], rising: each run ends before the next begins. */
  readonly runs: TermRun[];
  /** Batches `head` … are cached, contiguous, and end at `lastIndex`; those before `head` were dropped. */
  batches: EntryBatch[];
  /** For each batch: payload bytes appended before it. Never falls along the array. */
  offsets: number[];
  head: number;
  /** Payload bytes appended in all: the offset after the last batch. */
  endOffset: number;
  /** Sizes of what was dropped from the cache but not compacted, coarse, rising. Nothing is known below the first. */
  readonly evicted: EvictedBytes[];
}

interface TermRun {
  readonly from: Index;
  readonly term: number;
}

interface EvictedBytes {
  readonly from: Index;
  to: Index;
  bytes: number;
}

// What the objects around payloads cost, roughly: without it, a log of empty entries would be free and grow for ever.
const bytesPerBatch = 160;
const bytesPerEntry = 16;
const evictedGrain = 65_536;
const shrinkAbove = 1024;

/** A log whose entries follow (`baseIndex`, `baseTerm`). */
export function createLog(baseIndex: Index, baseTerm: number): RaftLog {
  return {
    baseIndex,
    baseTerm,
    lastIndex: baseIndex,
    lastTerm: baseTerm,
    runs: [],
    batches: [],
    offsets: [],
    head: 0,
    endOffset: 0,
    evicted: [],
  };
}

/** The term of an entry, or of the base; undefined outside of [baseIndex, lastIndex]. */
export function termAt(log: RaftLog, index: Index): number | undefined {
  if (index === log.lastIndex) return log.lastTerm;
  if (index > log.lastIndex || index < log.baseIndex) return undefined;
  if (index === log.baseIndex) return log.baseTerm;
  const { runs } = log;
  let place = runs.length - 1;
  while (at(runs, place).from > index) place--;
  return at(runs, place).term;
}

/** Raft §5.3, the consistency check: is there an entry (or base) with that index and term? */
export function hasEntry(log: RaftLog, index: Index, term: number): boolean {
  return termAt(log, index) === term;
}

/** Notes the terms of entries whose payloads stay in the journal. Only for recovery, before anything is cached. */
export function appendTerms(log: RaftLog, to: Index, term: number): void {
  invariant(log.batches.length === 0, 'payloads are cached already');
  extend(log, to, term);
}

/** Appends one batch: the arrays are shared, the cost does not depend on the number of entries. */
export function appendBatch(log: RaftLog, batch: EntryBatch): void {
  invariant(batch.count > 0 && batch.first === log.lastIndex + 1, 'entries are appended without a gap');
  log.batches.push(batch);
  log.offsets.push(log.endOffset);
  log.endOffset += payloadBytes(batch);
  extend(log, lastOf(batch), batch.epoch.round);
}

function extend(log: RaftLog, to: Index, term: number): void {
  invariant(term >= log.lastTerm, 'terms never fall along the log');
  if (log.runs.length === 0 || term !== log.lastTerm) log.runs.push({ from: log.lastIndex + 1, term });
  log.lastIndex = to;
  log.lastTerm = term;
}

/** Drops the entries from `from` on (Raft §5.3: they conflict with the leader's). */
export function truncateLog(log: RaftLog, from: Index): void {
  invariant(from > log.baseIndex && from <= log.lastIndex, 'the truncation begins inside of the log');
  invariant(from >= firstCached(log), 'only what is committed is evicted, and that is never cut');
  while (log.batches.length > log.head && at(log.batches, log.batches.length - 1).first >= from) {
    log.batches.pop();
    log.endOffset = log.offsets.pop() ?? log.endOffset;
  }
  if (log.batches.length > log.head) cutLastBatch(log, from);
  const term = termAt(log, from - 1);
  invariant(term !== undefined, 'the entry before a truncation is known');
  while (log.runs.length > 0 && at(log.runs, log.runs.length - 1).from >= from) log.runs.pop();
  log.lastIndex = from - 1;
  log.lastTerm = term;
}

function cutLastBatch(log: RaftLog, from: Index): void {
  const place = log.batches.length - 1;
  const batch = at(log.batches, place);
  if (lastOf(batch) < from) return;
  const kept = sliceEntries(batch, batch.first, from - 1);
  log.batches[place] = kept;
  log.endOffset = at(log.offsets, place) + payloadBytes(kept);
}

/** Forgets everything: the log continues behind a snapshot (Raft §7). */
export function resetLog(log: RaftLog, index: Index, term: number): void {
  log.baseIndex = index;
  log.baseTerm = term;
  log.lastIndex = index;
  log.lastTerm = term;
  log.runs.length = 0;
  log.evicted.length = 0;
  log.batches = [];
  log.offsets = [];
  log.head = 0;
}

/** Moves the base up to `index`: entries up to it are no longer offered. */
export function compactLog(log: RaftLog, index: Index): void {
  const term = termAt(log, index);
  invariant(term !== undefined && index >= log.baseIndex, 'the new base is inside of the log');
  while (log.head < log.batches.length && lastOf(at(log.batches, log.head)) <= index) dropFirstBatch(log);
  while (log.evicted.length > 0 && at(log.evicted, 0).to <= index) log.evicted.shift();
  while (log.runs.length > 1 && at(log.runs, 1).from <= index + 1) log.runs.shift();
  if (log.lastIndex === index) log.runs.length = 0;
  log.baseIndex = index;
  log.baseTerm = term;
}

/** The first index whose payload is in memory; one past the last where none is. */
export function firstCached(log: RaftLog): Index {
  return log.head < log.batches.length ? Math.max(at(log.batches, log.head).first, log.baseIndex + 1) : log.lastIndex + 1;
}

/** Payload bytes appended up to and including `index`, on the scale of `endOffset`. */
export function offsetAfter(log: RaftLog, index: Index): number {
  if (index >= log.lastIndex || log.head === log.batches.length) return log.endOffset;
  if (index < at(log.batches, log.head).first) return at(log.offsets, log.head);
  const place = placeOf(log, index);
  const batch = at(log.batches, place);
  return at(log.offsets, place) + at(batch.ends, index - batch.first);
}

/** The cached batch that holds `index`; undefined where the payload is not in memory. */
export function cachedBatch(log: RaftLog, index: Index): EntryBatch | undefined {
  return index < firstCached(log) || index > log.lastIndex ? undefined : at(log.batches, placeOf(log, index));
}

/** The run of entries at `from`: at most `maxBytes` of payload, but at least one entry. Shared bytes; undefined where it is not in memory. */
export function cachedRun(log: RaftLog, from: Index, maxBytes: number): EntryBatch | undefined {
  const batch = cachedBatch(log, from);
  if (batch === undefined) return undefined;
  if (batch.first === from && payloadBytes(batch) <= maxBytes) return batch;
  return sliceEntries(batch, from, from + countWithin(batch, from, maxBytes) - 1);
}

/** Cached entries from `from` on, over batch boundaries: at most `maxBytes`, but at least one entry where any is cached. */
export function collectEntries(log: RaftLog, from: Index, maxBytes: number): EntryBatch[] {
  const result: EntryBatch[] = [];
  if (from < firstCached(log) || from > log.lastIndex) return result;
  let left = maxBytes;
  let next = from;
  for (let place = placeOf(log, from); place < log.batches.length; place++) {
    const batch = at(log.batches, place);
    const skipped = next === batch.first ? 0 : at(batch.ends, next - batch.first - 1);
    const bytes = payloadBytes(batch) - skipped;
    if (bytes <= left) {
      result.push(next === batch.first ? batch : sliceEntries(batch, next, lastOf(batch)));
      left -= bytes;
      next = lastOf(batch) + 1;
      continue;
    }
    const first = at(batch.ends, next - batch.first) - skipped;
    if (first <= left || result.length === 0) result.push(sliceEntries(batch, next, next + countWithin(batch, next, left) - 1));
    break;
  }
  return result;
}

/** Drops payloads of whole batches up to `upTo` while those up to it cost more than `memoryBytes`. They can be read from the journal. */
export function evictPayloads(log: RaftLog, upTo: Index, memoryBytes: number): void {
  while (log.head < log.batches.length) {
    const batch = at(log.batches, log.head);
    if (lastOf(batch) > upTo) return;
    const overhead = bytesPerEntry * (upTo - batch.first + 1) + bytesPerBatch * (log.batches.length - log.head);
    if (offsetAfter(log, upTo) - at(log.offsets, log.head) + overhead <= memoryBytes) return;
    noteEvicted(log, batch);
    dropFirstBatch(log);
  }
}

function noteEvicted(log: RaftLog, batch: EntryBatch): void {
  const newest = log.evicted.at(-1);
  const bytes = payloadBytes(batch);
  if (newest === undefined || newest.bytes >= evictedGrain) log.evicted.push({ from: batch.first, to: lastOf(batch), bytes });
  else {
    newest.to = lastOf(batch);
    newest.bytes += bytes;
  }
}

function dropFirstBatch(log: RaftLog): void {
  log.batches[log.head] = dropped;
  log.head++;
  if (log.head < shrinkAbove || log.head * 2 < log.batches.length) return;
  log.batches = log.batches.slice(log.head);
  log.offsets = log.offsets.slice(log.head);
  log.head = 0;
}

/** Where a tail of about `tailBytes` that ends at `index` begins. What has an unknown size (entries of an earlier life) is not kept. */
export function tailStart(log: RaftLog, index: Index, tailBytes: number): Index {
  const cached = firstCached(log);
  let left = tailBytes;
  if (index >= cached) {
    const cut = firstWithin(log, index, left);
    if (cut > cached) return cut;
    left -= offsetAfter(log, index) - offsetAfter(log, cached - 1);
  }
  let start = Math.min(cached, index + 1);
  for (let i = log.evicted.length - 1; i >= 0; i--) {
    const chunk = at(log.evicted, i);
    if (chunk.to > index) continue;
    left -= chunk.bytes;
    if (left < 0) break;
    start = chunk.from;
  }
  return Math.max(start, log.baseIndex + 1);
}

function firstWithin(log: RaftLog, index: Index, maxBytes: number): Index {
  const end = offsetAfter(log, index);
  let low = firstCached(log);
  let high = index + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (end - offsetAfter(log, middle - 1) <= maxBytes) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The newest index in [floor, from] whose term is at most `term`; `floor` where there is none. Both sides of log back-up skip whole terms with it. */
export function newestWithTermAtMost(log: RaftLog, from: Index, term: number, floor: Index): Index {
  const start = Math.min(from, log.lastIndex);
  if (start <= floor) return floor;
  let to = log.lastIndex;
  for (let place = log.runs.length - 1; place >= 0; place--) {
    const run = at(log.runs, place);
    if (run.term <= term && run.from <= start) return Math.max(floor, Math.min(to, start));
    to = run.from - 1;
  }
  return Math.max(floor, Math.min(log.baseIndex, start));
}

/** The first index from the base to the last of both where the log's term differs from the batch's; undefined where they agree. */
export function firstConflict(log: RaftLog, batch: EntryBatch): Index | undefined {
  const to = Math.min(lastOf(batch), log.lastIndex);
  let index = Math.max(batch.first, log.baseIndex);
  while (index <= to) {
    if (termAt(log, index) !== batch.epoch.round) return index;
    const after = log.runs.find((run) => run.from > index);
    if (after === undefined) return undefined;
    index = after.from;
  }
  return undefined;
}

// The batch that holds `index`, which must be cached. Cursors live near the end, so the last two are tried first.
function placeOf(log: RaftLog, index: Index): number {
  const { batches } = log;
  let high = batches.length - 1;
  if (at(batches, high).first <= index) return high;
  let low = log.head;
  high--;
  if (at(batches, high).first <= index) return high;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (at(batches, middle).first <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}

const none = new Uint32Array(0);
const dropped: EntryBatch = {
  first: 0,
  count: 0,
  epoch: { round: 0, owner: 0 },
  kind: 'noop',
  body: [],
  ends: none,
  checksums: none,
};
