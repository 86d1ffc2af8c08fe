import { at, countWithin, invariant, lastOf, payloadBytes, sliceEntries } from '@quorate/interface';
import type { EntryBatch, Index } from '@quorate/interface';
import { compareZxids, noZxid } from './zxid.ts';
import type { EpochStart, Zxid } from './zxid.ts';

/**
 * The history as this member holds it in memory: where each epoch begins, payloads as references to the batches they came in, and no
 * object per txn. Payloads are cached from `firstCached` to `lastIndex`; below that only zxids are known and the journal has the bytes.
 */
export interface ZabLog {
  /** The txn before the first one: its zxid is known, its payload is gone. 0 at the very start. */
  baseIndex: Index;
  lastIndex: Index;
  /** The epoch of the last txn; 0: there is none. */
  lastEpoch: number;
  /** Where the epochs of [baseIndex, lastIndex] begin, rising; the first may begin below the base. */
  readonly epochs: EpochStart[];
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

/** A history whose txns follow `baseIndex`; the last of `epochs` is the epoch of the txn there. */
export function createLog(baseIndex: Index, epochs: readonly EpochStart[]): ZabLog {
  return {
    baseIndex,
    lastIndex: baseIndex,
    lastEpoch: epochs.at(-1)?.epoch ?? 0,
    epochs: [...epochs],
    batches: [],
    offsets: [],
    head: 0,
    endOffset: 0,
    evicted: [],
  };
}

/** The epoch of a txn, or of the base; undefined outside of [baseIndex, lastIndex]. */
export function epochAt(log: ZabLog, index: Index): number | undefined {
  if (index > log.lastIndex || index < log.baseIndex) return undefined;
  return startAt(log, index)?.epoch ?? 0;
}

function startAt({ epochs }: ZabLog, index: Index): EpochStart | undefined {
  let place = epochs.length - 1;
  while (place >= 0 && at(epochs, place).first > index) place--;
  return epochs[place];
}

/** The zxid of the txn at `index`, which is in [baseIndex, lastIndex]. */
export function zxidAt(log: ZabLog, index: Index): Zxid {
  invariant(index >= log.baseIndex && index <= log.lastIndex, 'only a txn of this history has a zxid here');
  const start = startAt(log, index);
  return start === undefined ? noZxid : { epoch: start.epoch, counter: index - start.first + 1 };
}

/** The index of a zxid: firstIndex(epoch) + counter - 1. Undefined where this history, from its base on, has no such txn. */
export function indexOf(log: ZabLog, zxid: Zxid): Index | undefined {
  const { epoch, counter } = zxid;
  if (epoch === 0 && counter === 0) return log.baseIndex === 0 ? 0 : undefined;
  const start = log.epochs.findLast((known) => known.epoch === epoch);
  if (start === undefined || counter < 1) return undefined;
  const index = start.first + counter - 1;
  return index <= log.lastIndex && index >= log.baseIndex && startAt(log, index) === start ? index : undefined;
}

/** Where the epoch begins in this history; undefined where it has no txn of it. */
export function firstIndexOf(log: ZabLog, epoch: number): Index | undefined {
  return log.epochs.findLast((known) => known.epoch === epoch)?.first;
}

/** The index of the newest txn in [baseIndex, upTo] whose zxid is below the given one; undefined where there is none from the base on. */
export function predecessorOf(log: ZabLog, zxid: Zxid, upTo: Index): Index | undefined {
  if (compareZxids(zxidAt(log, log.baseIndex), zxid) >= 0) return undefined;
  let end = Math.min(upTo, log.lastIndex);
  for (let place = log.epochs.length - 1; place >= 0; place--) {
    const { epoch, first } = at(log.epochs, place);
    if (epoch < zxid.epoch && first <= end) return end;
    if (epoch === zxid.epoch && zxid.counter > 1 && first <= end) return Math.min(end, first + zxid.counter - 2);
    end = Math.min(end, first - 1);
  }
  return Math.max(log.baseIndex, end);
}

/** Notes the epoch of txns whose payloads stay in the journal. Only for recovery, before anything is cached. */
export function appendEpochs(log: ZabLog, to: Index, epoch: number): void {
  invariant(log.batches.length === 0, 'payloads are cached already');
  extend(log, to, epoch);
}

/** Appends one batch: the arrays are shared, the cost does not depend on the number of entries. */
export function appendBatch(log: ZabLog, batch: EntryBatch): void {
  invariant(batch.count > 0 && batch.first === log.lastIndex + 1, 'entries are appended without a gap');
  log.batches.push(batch);
  log.offsets.push(log.endOffset);
  log.endOffset += payloadBytes(batch);
  extend(log, lastOf(batch), batch.epoch.round);
}

function extend(log: ZabLog, to: Index, epoch: number): void {
  invariant(epoch >= log.lastEpoch, 'epochs never fall along the history');
  if (epoch !== log.lastEpoch) log.epochs.push({ epoch, first: log.lastIndex + 1 });
  log.lastIndex = to;
  log.lastEpoch = epoch;
}

/** Drops the txns from `from` on (TRUNC: the leader's history ends before, or goes on otherwise). */
export function truncateLog(log: ZabLog, from: Index): void {
  invariant(from > log.baseIndex && from <= log.lastIndex, 'the truncation begins inside of the log');
  invariant(from >= firstCached(log), 'only what is committed is evicted, and that is never cut');
  while (log.batches.length > log.head && at(log.batches, log.batches.length - 1).first >= from) {
    log.batches.pop();
    log.endOffset = log.offsets.pop() ?? log.endOffset;
  }
  if (log.batches.length > log.head) cutLastBatch(log, from);
  while (log.epochs.length > 0 && at(log.epochs, log.epochs.length - 1).first >= from) log.epochs.pop();
  log.lastIndex = from - 1;
  log.lastEpoch = log.epochs.at(-1)?.epoch ?? 0;
}

function cutLastBatch(log: ZabLog, from: Index): void {
  const place = log.batches.length - 1;
  const batch = at(log.batches, place);
  if (lastOf(batch) < from) return;
  const kept = sliceEntries(batch, batch.first, from - 1);
  log.batches[place] = kept;
  log.endOffset = at(log.offsets, place) + payloadBytes(kept);
}

/** Forgets everything: the history continues behind a snapshot (SNAP), whose table of epochs is given. */
export function resetLog(log: ZabLog, index: Index, epochs: readonly EpochStart[]): void {
  log.baseIndex = index;
  log.lastIndex = index;
  log.epochs.splice(0, log.epochs.length, ...epochs);
  log.lastEpoch = epochs.at(-1)?.epoch ?? 0;
  log.evicted.length = 0;
  log.batches = [];
  log.offsets = [];
  log.head = 0;
}

/** Moves the base up to `index`: txns up to it are no longer offered. */
export function compactLog(log: ZabLog, index: Index): void {
  invariant(index >= log.baseIndex && index <= log.lastIndex, 'the new base is inside of the history');
  while (log.head < log.batches.length && lastOf(at(log.batches, log.head)) <= index) dropFirstBatch(log);
  while (log.evicted.length > 0 && at(log.evicted, 0).to <= index) log.evicted.shift();
  // The epoch of the base stays: where it began says which counter the base has.
  while (log.epochs.length > 1 && at(log.epochs, 1).first <= index) log.epochs.shift();
  log.baseIndex = index;
}

/** The first index whose payload is in memory; one past the last where none is. */
export function firstCached(log: ZabLog): Index {
  return log.head < log.batches.length ? Math.max(at(log.batches, log.head).first, log.baseIndex + 1) : log.lastIndex + 1;
}

/** Payload bytes appended up to and including `index`, on the scale of `endOffset`. */
export function offsetAfter(log: ZabLog, index: Index): number {
  if (index >= log.lastIndex || log.head === log.batches.length) return log.endOffset;
  if (index < at(log.batches, log.head).first) return at(log.offsets, log.head);
  const place = placeOf(log, index);
  const batch = at(log.batches, place);
  return at(log.offsets, place) + at(batch.ends, index - batch.first);
}

/** The cached batch that holds `index`; undefined where the payload is not in memory. */
export function cachedBatch(log: ZabLog, index: Index): EntryBatch | undefined {
  return index < firstCached(log) || index > log.lastIndex ? undefined : at(log.batches, placeOf(log, index));
}

/** The run of entries at `from`: at most `maxBytes` of payload, but at least one entry. Shared bytes; undefined where it is not in memory. */
export function cachedRun(log: ZabLog, from: Index, maxBytes: number): EntryBatch | undefined {
  const batch = cachedBatch(log, from);
  if (batch === undefined) return undefined;
  if (batch.first === from && payloadBytes(batch) <= maxBytes) return batch;
  return sliceEntries(batch, from, from + countWithin(batch, from, maxBytes) - 1);
}

/** Cached txns of [from, to], over batch boundaries: at most `maxBytes`, but at least one where any is cached. */
export function collectEntries(log: ZabLog, from: Index, to: Index, maxBytes: number): EntryBatch[] {
  const result: EntryBatch[] = [];
  if (from < firstCached(log) || from > to) return result;
  let left = maxBytes;
  let next = from;
  for (let place = placeOf(log, from); place < log.batches.length && next <= to; place++) {
    const whole = at(log.batches, place);
    const batch = lastOf(whole) <= to ? whole : sliceEntries(whole, whole.first, to);
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
export function evictPayloads(log: ZabLog, upTo: Index, memoryBytes: number): void {
  while (log.head < log.batches.length) {
    const batch = at(log.batches, log.head);
    if (lastOf(batch) > upTo) return;
    const overhead = bytesPerEntry * (upTo - batch.first + 1) + bytesPerBatch * (log.batches.length - log.head);
    if (offsetAfter(log, upTo) - at(log.offsets, log.head) + overhead <= memoryBytes) return;
    noteEvicted(log, batch);
    dropFirstBatch(log);
  }
}

function noteEvicted(log: ZabLog, batch: EntryBatch): void {
  const newest = log.evicted.at(-1);
  const bytes = payloadBytes(batch);
  if (newest === undefined || newest.bytes >= evictedGrain) log.evicted.push({ from: batch.first, to: lastOf(batch), bytes });
  else {
    newest.to = lastOf(batch);
    newest.bytes += bytes;
  }
}

function dropFirstBatch(log: ZabLog): void {
  log.batches[log.head] = dropped;
  log.head++;
  if (log.head < shrinkAbove || log.head * 2 < log.batches.length) return;
  log.batches = log.batches.slice(log.head);
  log.offsets = log.offsets.slice(log.head);
  log.head = 0;
}

/** Where a tail of about `tailBytes` that ends at `index` begins. What has an unknown size (entries of an earlier life) is not kept. */
export function tailStart(log: ZabLog, index: Index, tailBytes: number): Index {
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

function firstWithin(log: ZabLog, index: Index, maxBytes: number): Index {
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

// The batch that holds `index`, which must be cached. Cursors live near the end, so the last two are tried first.
function placeOf(log: ZabLog, index: Index): number {
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
