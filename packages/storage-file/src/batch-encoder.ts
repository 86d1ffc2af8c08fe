import { invariant, lastOf, payloadBytes } from '@quorate/interface';
import type { Crc32, EntryBatch, JournalBatch } from '@quorate/interface';
import { headerBytes, markBytes, padded, writeHeader, writeMark, zerosBehind } from './batch-format.ts';
import type { JournalOwner } from './batch-format.ts';
import {
  blobBytes,
  entriesBytes,
  recordTypes,
  stateBytes,
  truncateBytes,
  writeBlob,
  writeEntries,
  writeState,
  writeTruncate,
} from './batch-records.ts';
import type { StateRecord } from './batch-records.ts';
import { encodeMeta } from './snapshot-meta.ts';

/** What goes into one physical batch: the logical ones of one flush, merged, since all of them share one fate. */
export interface BatchContent {
  readonly batches: readonly JournalBatch[];
  readonly state: StateRecord;
  /** Said again at the start of a segment, so that the ones before it can go. */
  readonly restate: { readonly hardState: Uint8Array | undefined; readonly mark: Uint8Array | undefined } | undefined;
}

/** Where a batch goes, and what it continues. */
export interface BatchPlace {
  readonly generation: number;
  readonly sequence: number;
  readonly chain: number;
  readonly offset: number;
  /** Zeros behind the batch end here. */
  readonly segmentBytes: number;
}

/** A batch as bytes. Valid until the next call of the encoder. */
export interface EncodedBatch {
  readonly chunks: readonly Uint8Array[];
  /** Header to mark, without the zeros behind. */
  readonly bytes: number;
  readonly hash: number;
  /** Offsets in the batch of each run's record and payloads, in order. */
  readonly heads: readonly number[];
  readonly payloads: readonly number[];
}

/** An upper bound of what a logical batch adds to a physical one. */
export function sizeOf(batch: JournalBatch): number {
  let bytes = batch.truncateFrom === undefined ? 0 : truncateBytes;
  if (batch.hardState !== undefined) bytes += blobBytes(batch.hardState);
  if (batch.snapshotMark !== undefined) bytes += blobBytes(encodeMeta(batch.snapshotMark));
  for (const run of batch.entries) bytes += entriesBytes(run.count) + payloadBytes(run);
  return bytes;
}

const firstStagingBytes = 65_536;
/** Up to this size a batch is copied into one buffer: one checksum and one write cost less than many. */
const copiedBytes = 1_048_576;

/** Builds physical batches in a buffer that is kept from one to the next. */
export function createBatchEncoder(
  owner: JournalOwner,
  crc32: Crc32,
): (content: BatchContent, place: BatchPlace) => EncodedBatch {
  let staging = new Uint8Array(firstStagingBytes);
  let view = new DataView(staging.buffer);
  const resize = (bytes: number): void => {
    staging = new Uint8Array(bytes);
    view = new DataView(staging.buffer);
  };

  return (content, place) => {
    const metaBytes = measureMeta(content);
    const payload = measurePayload(content.batches);
    const bodyBytes = padded(metaBytes + payload);
    const bytes = headerBytes + bodyBytes + markBytes;
    const zeros = zerosBehind(place.offset + bytes, place.segmentBytes);
    const copied = bytes <= copiedBytes;
    const needed = copied ? bytes + zeros : headerBytes + metaBytes + 8 + markBytes + zeros;
    if (needed > staging.length) resize(powerOfTwo(needed));
    else if (staging.length > copiedBytes * 2) resize(Math.max(firstStagingBytes, powerOfTwo(needed)));

    const heads: number[] = [];
    const payloads: number[] = [];
    const lastIndex = writeMeta(view, content, { heads, payloads, payloadAt: headerBytes + metaBytes });
    const body: Uint8Array[] = [];
    let end = headerBytes + metaBytes;
    if (copied) end = copyPayloads(staging, end, content.batches);
    else for (const batch of content.batches) for (const run of batch.entries) body.push(...run.body);
    const tail = end;
    const mark = tail + (bodyBytes - metaBytes - payload);
    staging.fill(0, tail, mark);
    staging.fill(0, mark + markBytes, mark + markBytes + zeros);

    let bodyCrc = crc32(staging.subarray(headerBytes, copied ? mark : tail), 0);
    for (const chunk of body) bodyCrc = crc32(chunk, bodyCrc);
    if (!copied && mark > tail) bodyCrc = crc32(staging.subarray(tail, mark), bodyCrc);
    const { generation, sequence, chain, offset } = place;
    const { group, salt } = owner;
    const header = { group, salt, generation, sequence, bodyBytes, metaBytes, chain, bodyCrc, offset };
    const hash = writeHeader(staging, header, crc32);
    writeMark(staging.subarray(mark, mark + markBytes), { salt, generation, sequence, lastIndex, hash }, crc32);
    const stop = mark + markBytes + zeros;
    const chunks = copied ? [staging.subarray(0, stop)] : [staging.subarray(0, tail), ...body, staging.subarray(tail, stop)];
    return { chunks, bytes, hash, heads, payloads };
  };
}

function measureMeta(content: BatchContent): number {
  let bytes = stateBytes;
  const { restate } = content;
  if (restate?.hardState !== undefined) bytes += blobBytes(restate.hardState);
  if (restate?.mark !== undefined) bytes += blobBytes(restate.mark);
  for (const batch of content.batches) bytes += sizeOf(batch) - measurePayload([batch]);
  return bytes;
}

function measurePayload(batches: readonly JournalBatch[]): number {
  let bytes = 0;
  for (const batch of batches) for (const run of batch.entries) bytes += payloadBytes(run);
  return bytes;
}

interface MetaPlaces {
  readonly heads: number[];
  readonly payloads: number[];
  readonly payloadAt: number;
}

/** Writes the records behind the header and returns the highest position among their entries. */
function writeMeta(view: DataView, content: BatchContent, places: MetaPlaces): number {
  let at = headerBytes;
  writeState(view, at, content.state);
  at += stateBytes;
  const blob = (type: 2 | 3, detail: number, bytes: Uint8Array | undefined): void => {
    if (bytes === undefined) return;
    writeBlob(view, at, { type, detail, bytes });
    at += blobBytes(bytes);
  };
  blob(recordTypes.hardState, 1, content.restate?.hardState);
  blob(recordTypes.mark, 1, content.restate?.mark);
  let payload = 0;
  let lastIndex = 0;
  for (const batch of content.batches) {
    if (batch.snapshotMark !== undefined) blob(recordTypes.mark, 0, encodeMeta(batch.snapshotMark));
    if (batch.truncateFrom !== undefined) {
      writeTruncate(view, at, batch.truncateFrom);
      at += truncateBytes;
    }
    blob(recordTypes.hardState, 0, batch.hardState);
    for (const run of batch.entries) {
      places.heads.push(at);
      places.payloads.push(places.payloadAt + payload);
      writeEntries(view, at, run, payload);
      at += entriesBytes(run.count);
      payload += payloadBytes(run);
      if (lastOf(run) > lastIndex) lastIndex = lastOf(run);
    }
  }
  invariant(at === places.payloadAt, 'the records of a batch are not as long as measured');
  return lastIndex;
}

function copyPayloads(target: Uint8Array, from: number, batches: readonly JournalBatch[]): number {
  let at = from;
  for (const batch of batches) for (const run of batch.entries) at = copyRun(target, at, run);
  return at;
}

function copyRun(target: Uint8Array, from: number, run: EntryBatch): number {
  let at = from;
  for (const chunk of run.body) {
    target.set(chunk, at);
    at += chunk.length;
  }
  invariant(at - from === payloadBytes(run), 'the body of a run is not as long as its ends say');
  return at;
}

/** The least power of two that is not below. The last bits of Math.log2 differ between engines; the zeros in front of a number do not. */
function powerOfTwo(bytes: number): number {
  return 2 ** (32 - Math.clz32(bytes - 1));
}
