import { at, invariant, InvariantViolation } from './invariant.ts';
import type { Epoch, Index } from './vocabulary.ts';

/** What an entry carries: a client's command, nothing, or a configuration (see `encodeConfig`). */
export type EntryKind = 'command' | 'noop' | 'config';

/**
 * Payloads side by side: encoded once, and then shared as the same frozen bytes by journal, every peer and apply.
 * Nobody writes into `body`, `ends` or `checksums` after they were handed over.
 */
export interface Payloads {
  readonly count: number;
  /** The payloads, concatenated over the chunks. A payload never straddles two chunks; a chunk may hold many. */
  readonly body: readonly Uint8Array[];
  /** End offset of each payload in the concatenation of `body`; `count` long, never falling. */
  readonly ends: Uint32Array;
  /** CRC-32 of each payload, computed once by its proposer and checked end to end. */
  readonly checksums: Uint32Array;
}

/** A run of consecutive entries of one kind and one epoch, ONE command per entry. No-ops have empty payloads. */
export interface EntryBatch extends Payloads {
  readonly first: Index;
  readonly epoch: Epoch;
  readonly kind: EntryKind;
}

const none = new Uint32Array(0);

/** Puts payloads at their place in the log. The arrays are shared, not copied. */
export function placeEntries(payloads: Payloads, first: Index, epoch: Epoch, kind: EntryKind): EntryBatch {
  return { first, count: payloads.count, epoch, kind, body: payloads.body, ends: payloads.ends, checksums: payloads.checksums };
}

/** The payloads of one chunk each, with the checksums given. */
export function packPayloads(chunks: readonly Uint8Array[], checksum: (bytes: Uint8Array) => number): Payloads {
  const ends = new Uint32Array(chunks.length);
  const checksums = new Uint32Array(chunks.length);
  let end = 0;
  for (let i = 0; i < chunks.length; i++) {
    const chunk = at(chunks, i);
    end += chunk.length;
    ends[i] = end;
    checksums[i] = checksum(chunk);
  }
  return { count: chunks.length, body: chunks, ends, checksums };
}

/** A run of `count` no-ops. */
export function noops(first: Index, count: number, epoch: Epoch): EntryBatch {
  const zeros = count === 0 ? none : new Uint32Array(count);
  return { first, count, epoch, kind: 'noop', body: [], ends: zeros, checksums: zeros };
}

/** The last index of a run that is not empty. */
export function lastOf(batch: EntryBatch): Index {
  return batch.first + batch.count - 1;
}

/** The number of payload bytes. */
export function payloadBytes(payloads: Payloads): number {
  return payloads.count === 0 ? 0 : at(payloads.ends, payloads.count - 1);
}

/** The payload of the entry at `index`: a view, shared with everyone else. */
export function payloadOf(batch: EntryBatch, index: Index): Uint8Array {
  const place = index - batch.first;
  invariant(place >= 0 && place < batch.count, 'no such entry in the run');
  const end = at(batch.ends, place);
  let start = place === 0 ? 0 : at(batch.ends, place - 1);
  const length = end - start;
  if (length === 0) return emptyBytes;
  for (const chunk of batch.body) {
    if (start < chunk.length) {
      invariant(start + length <= chunk.length, 'a payload straddles two chunks');
      return start === 0 && length === chunk.length ? chunk : chunk.subarray(start, start + length);
    }
    start -= chunk.length;
  }
  throw new InvariantViolation('the ends of a run go beyond its body');
}

/** The entries `from` … `to` of a run. Bodies are shared, the offsets are copied; the whole run returns itself. */
export function sliceEntries(batch: EntryBatch, from: Index, to: Index): EntryBatch {
  const start = from - batch.first;
  const stop = to - batch.first + 1;
  invariant(start >= 0 && stop <= batch.count && start < stop, 'the slice is outside of the run');
  if (start === 0 && stop === batch.count) return batch;
  const base = start === 0 ? 0 : at(batch.ends, start - 1);
  const ends = batch.ends.slice(start, stop);
  for (let i = 0; i < ends.length; i++) ends[i] = at(ends, i) - base;
  const body = sliceBody(batch.body, base, base + at(ends, ends.length - 1));
  return {
    first: from,
    count: stop - start,
    epoch: batch.epoch,
    kind: batch.kind,
    body,
    ends,
    checksums: batch.checksums.subarray(start, stop),
  };
}

/** How many entries from `from` on fit into `maxBytes`: at least one, so that a large entry still moves. */
export function countWithin(batch: EntryBatch, from: Index, maxBytes: number): number {
  const start = from - batch.first;
  invariant(start >= 0 && start < batch.count, 'no such entry in the run');
  const base = start === 0 ? 0 : at(batch.ends, start - 1);
  let low = start;
  let high = batch.count - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (at(batch.ends, middle) - base <= maxBytes) low = middle;
    else high = middle - 1;
  }
  return low - start + 1;
}

const emptyBytes = new Uint8Array(0);

function sliceBody(body: readonly Uint8Array[], from: number, to: number): readonly Uint8Array[] {
  const result: Uint8Array[] = [];
  let offset = 0;
  for (const chunk of body) {
    const start = Math.max(from - offset, 0);
    const stop = Math.min(to - offset, chunk.length);
    if (start < stop) result.push(start === 0 && stop === chunk.length ? chunk : chunk.subarray(start, stop));
    offset += chunk.length;
    if (offset >= to) break;
  }
  return result;
}
