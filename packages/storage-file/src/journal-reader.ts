import { at, countWithin, isFailure, payloadOf, sliceEntries } from '@quorate/interface';
import type { EntryBatch, Failure, IndexRange } from '@quorate/interface';
import { entriesBytes, readEnds, readEntries } from './batch-records.ts';
import { corrupt } from './journal-failures.ts';
import type { LogIndex, Row } from './log-index.ts';
import type { JournalContext, Segment } from './segment.ts';

/** What a read answers. */
export type ReadDone = (entries: readonly EntryBatch[] | 'compacted' | Failure) => void;

/** Records that lie this close to each other are read at once. */
const gapBytes = 65_536;
const largestRead = 1_048_576;

/** Reads entries through the index, one or two disk reads per call, each payload checked against its proposer's checksum. */
export function readEntriesOf(
  context: JournalContext,
  source: { readonly index: LogIndex; readonly segment: (generation: number) => Segment },
  request: { readonly range: IndexRange; readonly maxBytes: number },
  done: ReadDone,
): void {
  const { index } = source;
  const { range, maxBytes } = request;
  if (range.from < index.below) return done('compacted');
  const place = index.find(range.from);
  if (place === index.count) return done([]);
  const first = index.row(place);
  if (first.from > range.to) return done([]);
  const segment = source.segment(first.generation);
  segment.readers++;
  const finish: ReadDone = (result) => {
    segment.readers--;
    // Compaction may have overtaken the read: then its bytes may be another's by now.
    done(range.from < index.below ? 'compacted' : result);
  };
  if (first.payloadBytes > maxBytes && first.payloadBytes > gapBytes)
    readPart(context, { row: first, segment, range, maxBytes }, finish);
  else readRows(context, { rows: neighbours(index, place, request), segment, range, maxBytes }, finish);
}

/** The rows from `place` on that one disk read can fetch. */
function neighbours(index: LogIndex, place: number, request: { range: IndexRange; maxBytes: number }): Row[] {
  const rows = [index.row(place)];
  let { generation, payloadBytes: bytes } = at(rows, 0);
  let end = endOf(at(rows, 0));
  for (let next = place + 1; next < index.count; next++) {
    const row = index.row(next);
    bytes += row.payloadBytes;
    if (row.from > request.range.to || row.generation !== generation || bytes > request.maxBytes) break;
    if (row.head < at(rows, rows.length - 1).head || row.head > end + gapBytes || row.payload > end + gapBytes) break;
    if (endOf(row) - at(rows, 0).head > 2 * request.maxBytes + largestRead) break;
    rows.push(row);
    end = Math.max(end, endOf(row));
  }
  return rows;
}

interface RowsRead {
  readonly rows: readonly Row[];
  readonly segment: Segment;
  readonly range: IndexRange;
  readonly maxBytes: number;
}

function readRows(context: JournalContext, read: RowsRead, done: ReadDone): void {
  const { rows, segment, range, maxBytes } = read;
  const base = at(rows, 0).head;
  let end = base;
  for (const row of rows) end = Math.max(end, endOf(row));
  context.disk.read(segment.file, base, end - base, (bytes) => {
    if (isFailure(bytes)) return done(bytes);
    const result: EntryBatch[] = [];
    let left = maxBytes;
    for (const row of rows) {
      const entries = bytes.length < end - base ? undefined : parseRow(row, bytes, base);
      if (entries === undefined) return done(damagedRow(segment, row));
      const from = Math.max(row.from, range.from);
      const to = Math.min(row.to, range.to);
      const slice = sliceEntries(entries, from, to);
      const count = countWithin(slice, from, left);
      const size = at(slice.ends, count - 1);
      if (size > left && result.length > 0) break;
      left -= size;
      const part = sliceEntries(slice, from, from + count - 1);
      if (!holds(context, part)) return done(damagedRow(segment, row));
      result.push(part);
      if (count < slice.count) break;
    }
    done(result);
  });
}

/** One large record: its ends first, then only the payloads that are wanted. */
function readPart(
  context: JournalContext,
  read: { row: Row; segment: Segment; range: IndexRange; maxBytes: number },
  done: ReadDone,
): void {
  const { row, segment, range, maxBytes } = read;
  const { disk } = context;
  const headLength = entriesBytes(row.count);
  disk.read(segment.file, row.head, headLength, (head) => {
    if (isFailure(head)) return done(head);
    const placed = head.length === headLength ? parseHead(row, head, 0) : undefined;
    if (placed === undefined) return done(damagedRow(segment, row));
    const from = Math.max(row.from, range.from);
    const start = from === row.first ? 0 : at(placed.ends, from - row.first - 1);
    const count = Math.min(countWithin(placed, from, maxBytes), Math.min(row.to, range.to) - from + 1);
    const stop = at(placed.ends, from - row.first + count - 1);
    const take = (body: Uint8Array | Failure): void => {
      if (isFailure(body)) return done(body);
      const ends = placed.ends.slice(from - row.first, from - row.first + count);
      for (let i = 0; i < ends.length; i++) ends[i] = at(ends, i) - start;
      const checksums = placed.checksums.slice(from - row.first, from - row.first + count);
      const part = { first: from, count, epoch: placed.epoch, kind: placed.kind, body: [body], ends, checksums };
      done(body.length === stop - start && holds(context, part) ? [part] : damagedRow(segment, row));
    };
    if (stop === start) take(new Uint8Array(0));
    else disk.read(segment.file, row.payload + start, stop - start, take);
  });
}

function parseRow(row: Row, bytes: Uint8Array, base: number): EntryBatch | undefined {
  const placed = parseHead(row, bytes, row.head - base);
  if (placed === undefined) return undefined;
  const from = row.payload - base;
  const body = row.payloadBytes === 0 ? [] : [bytes.subarray(from, from + row.payloadBytes)];
  return { ...placed, body };
}

/** The record as the index knows it, or undefined: written and read back, both must agree. */
function parseHead(row: Row, bytes: Uint8Array, offset: number): EntryBatch | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const record = readEntries(view, offset);
  if (record === undefined || record.first !== row.first || record.count !== row.count || record.kind !== row.kind)
    return undefined;
  if (record.round !== row.round || record.owner !== row.owner || record.payloadBytes !== row.payloadBytes) return undefined;
  if (offset + entriesBytes(record.count) > bytes.length) return undefined;
  const { ends, checksums } = readEnds(view, offset, record.count);
  let before = 0;
  for (let i = 0; i < ends.length; i++) {
    const end = at(ends, i);
    if (end < before) return undefined;
    before = end;
  }
  if (before !== row.payloadBytes) return undefined;
  const epoch = { round: row.round, owner: row.owner };
  return { first: row.first, count: row.count, epoch, kind: row.kind, body: [], ends, checksums };
}

function holds(context: JournalContext, part: EntryBatch): boolean {
  for (let i = 0; i < part.count; i++)
    if (context.disk.crc32(payloadOf(part, part.first + i), 0) !== at(part.checksums, i)) return false;
  return true;
}

function damagedRow(segment: Segment, row: Row): Failure {
  const place = { path: segment.path, offset: row.head, after: row.from - 1, upTo: row.to };
  return corrupt(place, 'entries do not match their checksums');
}

function endOf(row: Row): number {
  return Math.max(row.head + entriesBytes(row.count), row.payload + row.payloadBytes);
}
