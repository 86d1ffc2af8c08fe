import type { EntryBatch, EntryKind, Index } from '@quorate/interface';
import { padded } from './batch-format.ts';
import { getU64, setU64 } from './u64.ts';

// A record is a head of 8 bytes (type u8, detail u8, zero u16, bytes of the whole record u32) and its fields, padded to 8.
export const recordTypes = { state: 1, hardState: 2, mark: 3, truncate: 4, entries: 5 } as const;

const kinds: readonly EntryKind[] = ['command', 'noop', 'config'];

export const stateBytes = 40;
export const truncateBytes = 16;
const entriesHeadBytes = 56;

/** The part of every batch that replaces what came before. */
export interface StateRecord {
  readonly commit: Index;
  /** The lowest position that is kept; 1: nothing was compacted. */
  readonly below: Index;
  /** Segments of lower generations are no longer needed. */
  readonly firstGeneration: number;
  /** Bytes written since the newest snapshot mark, before this batch. */
  readonly grownBytes: number;
}

/** Where an entry record lies and what it holds, without payloads. */
export interface EntriesRecord {
  readonly first: Index;
  readonly count: number;
  readonly round: number;
  readonly owner: number;
  readonly kind: EntryKind;
  /** Offset of the record, and of its payloads from the beginning of the payloads of its batch. */
  readonly at: number;
  readonly payload: number;
  readonly payloadBytes: number;
}

/** Takes the records of one batch, in order. False: impossible content. */
export interface RecordVisitor {
  state(record: StateRecord): void;
  hardState(bytes: Uint8Array): void;
  /** `restated`: said again at the start of a segment, not new. */
  mark(json: Uint8Array, restated: boolean): boolean;
  truncate(from: Index): void;
  entries(record: EntriesRecord): void;
}

export function entriesBytes(count: number): number {
  return entriesHeadBytes + 8 * count;
}

export function blobBytes(bytes: Uint8Array): number {
  return 16 + padded(bytes.length);
}

export function writeState(view: DataView, at: number, record: StateRecord): void {
  writeHead(view, at, { type: recordTypes.state, detail: 0, bytes: stateBytes });
  setU64(view, at + 8, record.commit);
  setU64(view, at + 16, record.below);
  setU64(view, at + 24, record.firstGeneration);
  setU64(view, at + 32, record.grownBytes);
}

export function writeBlob(view: DataView, at: number, record: { type: 2 | 3; detail: number; bytes: Uint8Array }): void {
  const { type, detail, bytes } = record;
  writeHead(view, at, { type, detail, bytes: blobBytes(bytes) });
  view.setUint32(at + 8, bytes.length, true);
  view.setUint32(at + 12, 0, true);
  const target = new Uint8Array(view.buffer, view.byteOffset + at + 16, padded(bytes.length));
  target.fill(0, bytes.length);
  target.set(bytes);
}

export function writeTruncate(view: DataView, at: number, from: Index): void {
  writeHead(view, at, { type: recordTypes.truncate, detail: 0, bytes: truncateBytes });
  setU64(view, at + 8, from);
}

/** Writes an entry record; its payloads begin at `payload` of the payloads of the batch. */
export function writeEntries(view: DataView, at: number, run: EntryBatch, payload: number): void {
  const { count, ends, checksums } = run;
  writeHead(view, at, { type: recordTypes.entries, detail: kinds.indexOf(run.kind), bytes: entriesBytes(count) });
  setU64(view, at + 8, run.first);
  setU64(view, at + 16, run.epoch.round);
  setU64(view, at + 24, run.epoch.owner);
  view.setUint32(at + 32, count, true);
  view.setUint32(at + 36, count === 0 ? 0 : (ends[count - 1] as number), true);
  setU64(view, at + 40, payload);
  setU64(view, at + 48, 0);
  let place = at + entriesHeadBytes;
  for (let i = 0; i < count; i++, place += 8) {
    view.setUint32(place, ends[i] as number, true);
    view.setUint32(place + 4, checksums[i] as number, true);
  }
}

/** Walks the records of a batch; false where they are impossible although their checksum holds. */
export function visitRecords(meta: Uint8Array, payloadBytes: number, visitor: RecordVisitor): boolean {
  const view = new DataView(meta.buffer, meta.byteOffset, meta.length);
  let at = 0;
  while (at + 8 <= meta.length) {
    const bytes = view.getUint32(at + 4, true);
    if (bytes < 16 || bytes % 8 !== 0 || at + bytes > meta.length) return false;
    if (!visitRecord(view, { at, bytes, payloadBytes }, visitor)) return false;
    at += bytes;
  }
  return at === meta.length;
}

function visitRecord(
  view: DataView,
  place: { at: number; bytes: number; payloadBytes: number },
  visitor: RecordVisitor,
): boolean {
  const { at, bytes, payloadBytes } = place;
  switch (view.getUint8(at)) {
    case recordTypes.state: {
      if (bytes !== stateBytes) return false;
      const commit = getU64(view, at + 8);
      const below = getU64(view, at + 16);
      const firstGeneration = getU64(view, at + 24);
      const grownBytes = getU64(view, at + 32);
      if (!areSafe(commit, below, firstGeneration) || !Number.isSafeInteger(grownBytes)) return false;
      visitor.state({ commit, below, firstGeneration, grownBytes });
      return true;
    }
    case recordTypes.hardState: {
      const blob = readBlob(view, at, bytes);
      if (blob !== undefined) visitor.hardState(blob.slice());
      return blob !== undefined;
    }
    case recordTypes.mark: {
      const blob = readBlob(view, at, bytes);
      return blob !== undefined && visitor.mark(blob, view.getUint8(at + 1) === 1);
    }
    case recordTypes.truncate:
      if (bytes !== truncateBytes || !Number.isSafeInteger(getU64(view, at + 8))) return false;
      visitor.truncate(getU64(view, at + 8));
      return true;
    case recordTypes.entries: {
      const record = readEntries(view, at);
      if (record === undefined || entriesBytes(record.count) !== bytes) return false;
      if (record.payload + record.payloadBytes > payloadBytes) return false;
      visitor.entries(record);
      return true;
    }
    default:
      return false;
  }
}

/** The head of the entry record at `at`; undefined where there is none. */
export function readEntries(view: DataView, at: number): EntriesRecord | undefined {
  if (at + entriesHeadBytes > view.byteLength || view.getUint8(at) !== recordTypes.entries) return undefined;
  const kind = kinds[view.getUint8(at + 1)];
  const first = getU64(view, at + 8);
  const round = getU64(view, at + 16);
  const owner = getU64(view, at + 24);
  const payload = getU64(view, at + 40);
  if (kind === undefined || first < 1 || !areSafe(first, round, owner) || !Number.isSafeInteger(payload)) return undefined;
  const count = view.getUint32(at + 32, true);
  return { first, count, round, owner, kind, at, payload, payloadBytes: view.getUint32(at + 36, true) };
}

/** End offsets and checksums of the entry record at `at`. */
export function readEnds(view: DataView, at: number, count: number): { ends: Uint32Array; checksums: Uint32Array } {
  const ends = new Uint32Array(count);
  const checksums = new Uint32Array(count);
  let place = at + entriesHeadBytes;
  for (let i = 0; i < count; i++, place += 8) {
    ends[i] = view.getUint32(place, true);
    checksums[i] = view.getUint32(place + 4, true);
  }
  return { ends, checksums };
}

function areSafe(a: number, b: number, c: number): boolean {
  return Number.isSafeInteger(a) && Number.isSafeInteger(b) && Number.isSafeInteger(c);
}

function readBlob(view: DataView, at: number, bytes: number): Uint8Array | undefined {
  const length = view.getUint32(at + 8, true);
  return 16 + padded(length) === bytes ? new Uint8Array(view.buffer, view.byteOffset + at + 16, length) : undefined;
}

function writeHead(view: DataView, at: number, head: { type: number; detail: number; bytes: number }): void {
  view.setUint8(at, head.type);
  view.setUint8(at + 1, head.detail);
  view.setUint16(at + 2, 0, true);
  view.setUint32(at + 4, head.bytes, true);
}
