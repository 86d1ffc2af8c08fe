import { invariant } from '@quorate/interface';
import type { KeyHistory } from './key-history.ts';
import { noChunk, type RecordArena, type RecordChunk } from './record-arena.ts';
import { bytesFieldBytes, copyBytes, numberFieldBytes, putBytesField, putFieldHead, putNumberField } from './wire.ts';

const noBytes = new Uint8Array(0);

/** One change of one key, as subscribers of the store see it. Byte arrays are the store's: never write into them. */
export interface KvEvent {
  readonly type: 'put' | 'delete';
  readonly key: Uint8Array;
  /** Empty for a delete. */
  readonly value: Uint8Array;
  /** 0 for a delete. */
  readonly createRevision: number;
  /** The revision of this change. */
  readonly modRevision: number;
  /** Changes since the key was created, this one included; 0 for a delete. */
  readonly version: number;
  /** The place of this change within its revision. */
  readonly sub: number;
  /** The event that this one replaced, if the key existed; also undefined once that is compacted. */
  previous(): KvEvent | undefined;
}

/**
 * One version of one key, kept as the bytes of its `mvccpb.KeyValue`, so that a range copies it and encodes nothing.
 * A deletion is a version with `version` 0 and no bytes.
 */
export class Version implements KvEvent {
  readonly owner: KeyHistory;
  readonly modRevision: number;
  readonly sub: number;
  readonly createRevision: number;
  readonly version: number;
  /** Where its record lies: `recordBytes` bytes at `start`. The value field of the encoded KeyValue comes last. */
  chunk: RecordChunk;
  start: number;
  readonly recordBytes: number;
  readonly valueBytes: number;
  /** False once a compaction made it obsolete. */
  kept = true;

  /** Writes the record into the arena; `value` is copied. */
  constructor(arena: RecordArena, owner: KeyHistory, place: Place, value: Uint8Array) {
    const { modRevision, sub, createRevision, version } = place;
    this.owner = owner;
    this.modRevision = modRevision;
    this.sub = sub;
    this.createRevision = createRevision;
    this.version = version;
    this.valueBytes = value.length;
    this.recordBytes = version === 0 ? 0 : recordBytesOf(owner.key, place, value);
    this.chunk = this.recordBytes === 0 ? noChunk : arena.roomFor(this.recordBytes);
    this.start = this.chunk.used;
    if (this.recordBytes > 0) writeRecord(this.chunk.bytes, this.start, { key: owner.key, place, value });
    arena.admit(this);
  }

  get type(): 'put' | 'delete' {
    return this.version === 0 ? 'delete' : 'put';
  }

  get key(): Uint8Array {
    return this.owner.key;
  }

  /** A view of the record. */
  get value(): Uint8Array {
    const end = this.start + this.recordBytes;
    return this.valueBytes === 0 ? noBytes : this.chunk.bytes.subarray(end - this.valueBytes, end);
  }

  /** How much of the record comes before the value field: what a `keys_only` range copies. */
  get keyOnlyBytes(): number {
    return this.valueBytes === 0 ? this.recordBytes : this.recordBytes - bytesFieldBytes(this.valueBytes);
  }

  /** The key at the start of the record: a view that outlives it. A deletion has no record, and is never the oldest version of a key. */
  recordKey(): Uint8Array {
    invariant(this.recordBytes > 0, 'the oldest version of a key has a record');
    const { length } = this.owner.key;
    const start = this.start + bytesFieldBytes(length) - length;
    return this.chunk.bytes.subarray(start, start + length);
  }

  /** Its record lies elsewhere from now on. */
  moveTo(chunk: RecordChunk, start: number): void {
    this.chunk = chunk;
    this.start = start;
    this.owner.moved(this);
  }

  /** Copies the first `bytes` of its record. */
  copyRecord(target: Uint8Array, offset: number, bytes: number): void {
    copyBytes(target, offset, this.chunk.bytes.subarray(this.start, this.start + bytes));
  }

  previous(): Version | undefined {
    return this.owner.before(this);
  }
}

/** Where a version stands among all others. */
export interface Place {
  readonly modRevision: number;
  readonly sub: number;
  readonly createRevision: number;
  readonly version: number;
}

function recordBytesOf(key: Uint8Array, place: Place, value: Uint8Array): number {
  const numbers = numberFieldBytes(place.createRevision) + numberFieldBytes(place.modRevision) + numberFieldBytes(place.version);
  return bytesFieldBytes(key.length) + numbers + (value.length === 0 ? 0 : bytesFieldBytes(value.length));
}

function writeRecord(
  target: Uint8Array,
  offset: number,
  { key, place, value }: { readonly key: Uint8Array; readonly place: Place; readonly value: Uint8Array },
): void {
  let end = putBytesField(target, offset, 0x0a, key);
  end = putNumberField(target, end, 0x10, place.createRevision);
  end = putNumberField(target, end, 0x18, place.modRevision);
  end = putNumberField(target, end, 0x20, place.version);
  if (value.length > 0) copyBytes(target, putFieldHead(target, end, 0x2a, value.length), value);
}
