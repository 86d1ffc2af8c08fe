import type { KeyHistory } from './key-history.ts';
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
  /** The encoded KeyValue; its value field comes last. */
  readonly record: Uint8Array;
  readonly valueBytes: number;

  constructor(owner: KeyHistory, place: Place, value: Uint8Array) {
    this.owner = owner;
    this.modRevision = place.modRevision;
    this.sub = place.sub;
    this.createRevision = place.createRevision;
    this.version = place.version;
    this.valueBytes = value.length;
    this.record = place.version === 0 ? noBytes : encodeRecord(owner.key, place, value);
  }

  get type(): 'put' | 'delete' {
    return this.version === 0 ? 'delete' : 'put';
  }

  get key(): Uint8Array {
    return this.owner.key;
  }

  /** A view of the record. */
  get value(): Uint8Array {
    return this.valueBytes === 0 ? noBytes : this.record.subarray(this.record.length - this.valueBytes);
  }

  /** How much of the record comes before the value field: what a `keys_only` range copies. */
  get keyOnlyBytes(): number {
    return this.valueBytes === 0 ? this.record.length : this.record.length - bytesFieldBytes(this.valueBytes);
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

function encodeRecord(key: Uint8Array, place: Place, value: Uint8Array): Uint8Array {
  const numbers = numberFieldBytes(place.createRevision) + numberFieldBytes(place.modRevision) + numberFieldBytes(place.version);
  const valueField = value.length === 0 ? 0 : bytesFieldBytes(value.length);
  const record = new Uint8Array(bytesFieldBytes(key.length) + numbers + valueField);
  let end = putBytesField(record, 0, 0x0a, key);
  end = putNumberField(record, end, 0x10, place.createRevision);
  end = putNumberField(record, end, 0x18, place.modRevision);
  end = putNumberField(record, end, 0x20, place.version);
  if (value.length > 0) copyBytes(record, putFieldHead(record, end, 0x2a, value.length), value);
  return record;
}
