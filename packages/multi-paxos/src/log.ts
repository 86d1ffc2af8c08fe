import { at, compareEpochs, countWithin, invariant, lastOf, noEpoch, payloadBytes, sliceEntries } from '@quorate/interface';
import type { EntryBatch, Index } from '@quorate/interface';
import type { Ballot } from './ballot.ts';
import { carveRuns, extendRuns, nextRunFrom, runAt, trimRuns } from './ballot-runs.ts';
import type { BallotRun } from './ballot-runs.ts';

/**
 * The votes of an acceptor, as it holds them in memory: the ballot of each as runs, in which a gap is a hole, and payloads as references
 * to the batches they came in. No object per slot. From `cachedFrom` on every payload is here; below it the journal has the bytes.
 */
export interface SlotLog {
  /** Everything up to here was trimmed, and is in a snapshot; the ballot of the last vote there. */
  base: Index;
  baseBallot: Ballot;
  /** The highest slot with a vote, or the base. */
  last: Index;
  /** Rising, apart: one ballot each. */
  runs: BallotRun[];
  /** Batches `head` … are cached, rising and apart. */
  batches: EntryBatch[];
  head: number;
  cachedFrom: Index;
  /** Batches before this one are chosen and durable, and cost `evictableBytes` in all. */
  evictable: number;
  evictableBytes: number;
  /** Sizes of what was dropped from the cache but not trimmed, coarse, rising. Nothing is known below the first. */
  readonly evicted: EvictedBytes[];
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

/** A log without votes above `base`. */
export function createLog(base: Index, baseBallot: Ballot): SlotLog {
  return {
    base,
    baseBallot,
    last: base,
    runs: [],
    batches: [],
    head: 0,
    cachedFrom: base + 1,
    evictable: 0,
    evictableBytes: 0,
    evicted: [],
  };
}

/** The ballot of the vote in a slot, or of the base; undefined where there is none. */
export function ballotAt(log: Pick<SlotLog, 'base' | 'baseBallot' | 'runs'>, slot: Index): Ballot | undefined {
  if (slot === log.base) return log.baseBallot;
  return runAt(log.runs, slot)?.ballot;
}

/** Notes votes whose payloads stay in the journal. Only for recovery, in rising order, before anything is cached. */
export function noteVotes(log: SlotLog, run: BallotRun): void {
  invariant(log.batches.length === 0 && run.from > log.last, 'votes are noted in order, before any is cached');
  extendRuns(log.runs, run.from, run.to, run.ballot);
  log.last = run.to;
  log.cachedFrom = run.to + 1;
}

/** Puts votes in their slots, over those that are there. The arrays are shared; behind the last vote the cost does not depend on the number. */
export function putVotes(log: SlotLog, batch: EntryBatch): void {
  const to = lastOf(batch);
  invariant(batch.count > 0 && batch.first >= log.cachedFrom, 'only what is in memory is voted on again');
  if (batch.first > log.last) {
    log.batches.push(batch);
    extendRuns(log.runs, batch.first, to, batch.epoch);
    log.last = to;
    return;
  }
  carveBatches(log, batch, to);
  carveRuns(log.runs, { from: batch.first, to, ballot: batch.epoch });
  if (to > log.last) log.last = to;
}

function carveBatches(log: SlotLog, batch: EntryBatch, to: Index): void {
  const { batches } = log;
  const first = placeOf(log, batch.first);
  invariant(first >= log.evictable, 'what is chosen is not voted on again');
  let after = first;
  while (after < batches.length && at(batches, after).first <= to) after++;
  const pieces = [batch];
  if (after > first) {
    const left = at(batches, first);
    const right = at(batches, after - 1);
    if (left.first < batch.first) pieces.unshift(sliceEntries(left, left.first, batch.first - 1));
    if (lastOf(right) > to) pieces.push(sliceEntries(right, to + 1, lastOf(right)));
  }
  batches.splice(first, after - first, ...pieces);
}

/** Puts those votes of a batch that are of a higher ballot than what is there (P2c: of all votes in a slot the highest counts). */
export function putHigherVotes(log: SlotLog, batch: EntryBatch): void {
  let slot = batch.first;
  while (slot <= lastOf(batch)) {
    const run = runAt(log.runs, slot);
    const to = Math.min(lastOf(batch), run === undefined ? nextRunFrom(log.runs, slot) - 1 : run.to);
    if (run === undefined || compareEpochs(run.ballot, batch.epoch) < 0) putVotes(log, sliceEntries(batch, slot, to));
    slot = to + 1;
  }
}

/** Trims everything up to `slot`, which is in a snapshot. */
export function trimLog(log: SlotLog, slot: Index, ballot: Ballot): void {
  invariant(slot >= log.base, 'the base rises');
  while (log.head < log.batches.length && lastOf(at(log.batches, log.head)) <= slot) dropFirstBatch(log);
  const first = log.batches[log.head];
  if (first !== undefined && first.first <= slot) trimFirstBatch(log, first, slot);
  while (log.evicted.length > 0 && at(log.evicted, 0).to <= slot) log.evicted.shift();
  trimRuns(log.runs, slot);
  log.base = slot;
  log.baseBallot = ballot;
  log.last = Math.max(log.last, slot);
  log.cachedFrom = Math.max(log.cachedFrom, slot + 1);
}

function trimFirstBatch(log: SlotLog, first: EntryBatch, slot: Index): void {
  const kept = sliceEntries(first, slot + 1, lastOf(first));
  log.batches[log.head] = kept;
  if (log.head < log.evictable) log.evictableBytes += costOf(kept) - costOf(first);
}

/** The cached batch that holds a slot; undefined where there is no vote, or its payload is not in memory. */
export function cachedBatch(log: SlotLog, slot: Index): EntryBatch | undefined {
  if (slot < log.cachedFrom || slot > log.last) return undefined;
  const batch = log.batches[placeOf(log, slot)];
  return batch !== undefined && batch.first <= slot ? batch : undefined;
}

/** The run of votes at `from`: at most `maxBytes` of payload, but at least one. Shared bytes; undefined where it is not in memory. */
export function cachedRun(log: SlotLog, from: Index, maxBytes: number): EntryBatch | undefined {
  const batch = cachedBatch(log, from);
  if (batch === undefined) return undefined;
  if (batch.first === from && payloadBytes(batch) <= maxBytes) return batch;
  return sliceEntries(batch, from, from + countWithin(batch, from, maxBytes) - 1);
}

/** Cached votes of [from, to] over batches and holes: at most `maxBytes`, but at least one where any is there. */
export function collectVotes(log: SlotLog, from: Index, to: Index, maxBytes: number): EntryBatch[] {
  const start = placeOf(log, Math.max(from, log.cachedFrom));
  const only = log.batches[start];
  // Most turns send the newest batch: an array literal of one element is a tenth of the memory of a push onto an empty array.
  if (only?.first === from && start === log.batches.length - 1 && lastOf(only) <= to && payloadBytes(only) <= maxBytes)
    return [only];
  const result: EntryBatch[] = [];
  let left = maxBytes;
  for (let place = start; place < log.batches.length; place++) {
    const batch = at(log.batches, place);
    if (batch.first > to) break;
    const first = Math.max(from, batch.first);
    const fits = first + countWithin(batch, first, Math.max(left, 0)) - 1;
    const last = Math.min(to, fits);
    const bytes = at(batch.ends, last - batch.first) - (first === batch.first ? 0 : at(batch.ends, first - batch.first - 1));
    if (result.length > 0 && bytes > left) break;
    result.push(sliceEntries(batch, first, last));
    left -= bytes;
    if (last < lastOf(batch)) break;
  }
  return result;
}

/** Payload bytes of the cached votes in [from, to]. */
export function bytesBetween(log: SlotLog, from: Index, to: Index): number {
  let bytes = 0;
  for (let place = placeOf(log, from); place < log.batches.length; place++) {
    const batch = at(log.batches, place);
    if (batch.first > to) break;
    const low = from > batch.first ? at(batch.ends, from - batch.first - 1) : 0;
    bytes += at(batch.ends, Math.min(to, lastOf(batch)) - batch.first) - low;
  }
  return bytes;
}

/** Drops payloads of whole batches up to `upTo` while those cost more than `memoryBytes`. They can be read from the journal. */
export function evictPayloads(log: SlotLog, upTo: Index, memoryBytes: number): void {
  while (log.evictable < log.batches.length) {
    const batch = at(log.batches, log.evictable);
    if (lastOf(batch) > upTo) break;
    log.evictableBytes += costOf(batch);
    log.evictable++;
  }
  while (log.evictableBytes > memoryBytes && log.head < log.evictable) {
    const batch = at(log.batches, log.head);
    noteEvicted(log, batch);
    log.cachedFrom = lastOf(batch) + 1;
    dropFirstBatch(log);
  }
}

function costOf(batch: EntryBatch): number {
  return payloadBytes(batch) + bytesPerBatch + bytesPerEntry * batch.count;
}

function noteEvicted(log: SlotLog, batch: EntryBatch): void {
  const newest = log.evicted.at(-1);
  const bytes = payloadBytes(batch);
  if (newest === undefined || newest.bytes >= evictedGrain) log.evicted.push({ from: batch.first, to: lastOf(batch), bytes });
  else {
    newest.to = lastOf(batch);
    newest.bytes += bytes;
  }
}

function dropFirstBatch(log: SlotLog): void {
  if (log.head < log.evictable) log.evictableBytes -= costOf(at(log.batches, log.head));
  else log.evictable = log.head + 1;
  log.batches[log.head] = dropped;
  log.head++;
  if (log.head < shrinkAbove || log.head * 2 < log.batches.length) return;
  log.batches = log.batches.slice(log.head);
  log.evictable -= log.head;
  log.head = 0;
}

/** Where a tail of about `tailBytes` that ends at `slot` begins. What has an unknown size (votes of an earlier life) is not kept. */
export function tailStart(log: SlotLog, slot: Index, tailBytes: number): Index {
  let left = tailBytes;
  let start = slot + 1;
  for (let place = log.batches.length - 1; place >= log.head; place--) {
    const batch = at(log.batches, place);
    if (batch.first > slot) continue;
    const last = Math.min(slot, lastOf(batch));
    const bytes = at(batch.ends, last - batch.first);
    if (bytes > left) return firstWithin(batch, last, left);
    left -= bytes;
    start = batch.first;
  }
  for (let place = log.evicted.length - 1; place >= 0; place--) {
    const chunk = at(log.evicted, place);
    if (chunk.to > slot) continue;
    left -= chunk.bytes;
    if (left < 0) break;
    start = chunk.from;
  }
  return Math.max(start, log.base + 1);
}

function firstWithin(batch: EntryBatch, last: Index, maxBytes: number): Index {
  const end = at(batch.ends, last - batch.first);
  let low = batch.first;
  let high = last + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (end - (middle === batch.first ? 0 : at(batch.ends, middle - batch.first - 1)) <= maxBytes) high = middle;
    else low = middle + 1;
  }
  return low;
}

// The first cached batch that ends at `slot` or behind it. Cursors live near the end, so the last two are tried first.
function placeOf(log: SlotLog, slot: Index): number {
  const { batches } = log;
  let low = log.head;
  let high = batches.length;
  if (high > low && lastOf(at(batches, high - 1)) < slot) return high;
  if (high - 1 > low && lastOf(at(batches, high - 2)) < slot) return high - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (lastOf(at(batches, middle)) < slot) low = middle + 1;
    else high = middle;
  }
  return low;
}

const none = new Uint32Array(0);
const dropped: EntryBatch = { first: 0, count: 0, epoch: noEpoch, kind: 'noop', body: [], ends: none, checksums: none };
