import { at } from '@quorate/interface';
import type { Version } from './version.ts';
import { bytesFieldBytes, numberFieldBytes, putFieldHead, putNumberField, varintBytes } from './wire.ts';

/** What one operation answers, ready to be encoded as etcd's response without its header. */
export type OpResult = RangeResult | PutResult | DeleteResult | TxnResult;

/** Answers a range. */
export interface RangeResult {
  readonly kind: 'range';
  readonly versions: readonly Version[];
  readonly keysOnly: boolean;
  readonly more: boolean;
  readonly count: number;
  /** The revision in the header where this is part of a txn's answer. */
  readonly revision: number;
  /** Encoded length, without header. */
  readonly bytes: number;
}

/** Answers a put. */
export interface PutResult {
  readonly kind: 'put';
  readonly previous: Version | undefined;
  readonly revision: number;
  readonly bytes: number;
}

/** Answers a deletion. `previous` is empty unless it was asked for. */
export interface DeleteResult {
  readonly kind: 'delete';
  readonly deleted: number;
  readonly previous: readonly Version[];
  readonly revision: number;
  readonly bytes: number;
}

/** Answers a txn. */
export interface TxnResult {
  readonly kind: 'txn';
  readonly succeeded: boolean;
  readonly results: readonly OpResult[];
  readonly bytes: number;
}

export function rangeResult(fields: Omit<RangeResult, 'kind' | 'bytes'>): RangeResult {
  const { versions, keysOnly, more, count, revision } = fields;
  const flags = (more ? 2 : 0) + numberFieldBytes(count);
  return { kind: 'range', versions, keysOnly, more, count, revision, bytes: recordsBytes(versions, keysOnly) + flags };
}

export function putResult(revision: number, previous: Version | undefined): PutResult {
  return { kind: 'put', previous, revision, bytes: previous === undefined ? 0 : bytesFieldBytes(previous.recordBytes) };
}

export function deleteResult(revision: number, deleted: number, previous: readonly Version[]): DeleteResult {
  return { kind: 'delete', deleted, previous, revision, bytes: numberFieldBytes(deleted) + recordsBytes(previous, false) };
}

export function txnResult(succeeded: boolean, results: readonly OpResult[]): TxnResult {
  let bytes = succeeded ? 2 : 0;
  for (const result of results) bytes += bytesFieldBytes(bytesFieldBytes(nestedBytes(result)));
  return { kind: 'txn', succeeded, results, bytes };
}

/** Writes a result of `result.bytes` bytes and returns where it ends. */
export function putResultBody(target: Uint8Array, offset: number, result: OpResult): number {
  switch (result.kind) {
    case 'range':
      return putRangeBody(target, offset, result);
    case 'put':
      return result.previous === undefined ? offset : putRecord(target, offset, { tag: 0x12, version: result.previous });
    case 'delete': {
      let end = putNumberField(target, offset, 0x10, result.deleted);
      for (const version of result.previous) end = putRecord(target, end, { tag: 0x1a, version });
      return end;
    }
    default:
      return putTxnBody(target, offset, result);
  }
}

function putRangeBody(target: Uint8Array, offset: number, result: RangeResult): number {
  let end = offset;
  const { versions } = result;
  for (let i = 0; i < versions.length; i++) {
    const version = at(versions, i);
    const length = result.keysOnly ? version.keyOnlyBytes : version.recordBytes;
    end = putFieldHead(target, end, 0x12, length);
    version.copyRecord(target, end, length);
    end += length;
  }
  if (result.more) end = putNumberField(target, end, 0x18, 1);
  return putNumberField(target, end, 0x20, result.count);
}

function putTxnBody(target: Uint8Array, offset: number, result: TxnResult): number {
  let end = result.succeeded ? putNumberField(target, offset, 0x10, 1) : offset;
  for (const inner of result.results) {
    const length = nestedBytes(inner);
    end = putFieldHead(target, end, 0x1a, bytesFieldBytes(length));
    end = putFieldHead(target, end, responseTags[inner.kind], length);
    const revision = inner.kind === 'txn' ? 0 : inner.revision;
    end = putFieldHead(target, end, 0x0a, numberFieldBytes(revision));
    end = putNumberField(target, end, 0x18, revision);
    end = putResultBody(target, end, inner);
  }
  return end;
}

function putRecord(target: Uint8Array, offset: number, field: { readonly tag: number; readonly version: Version }): number {
  const { version } = field;
  const { recordBytes } = version;
  const start = putFieldHead(target, offset, field.tag, recordBytes);
  version.copyRecord(target, start, recordBytes);
  return start + recordBytes;
}

// Within a txn every response has a header that holds the revision only, and a nested txn's holds nothing, as etcd writes them.
function nestedBytes(result: OpResult): number {
  const revision = result.kind === 'txn' ? 0 : result.revision;
  return bytesFieldBytes(numberFieldBytes(revision)) + result.bytes;
}

/** The fields of ResponseOp's oneof. */
const responseTags: Readonly<Record<OpResult['kind'], number>> = { range: 0x0a, put: 0x12, delete: 0x1a, txn: 0x22 };

function recordsBytes(versions: readonly Version[], keysOnly: boolean): number {
  let bytes = 0;
  for (let i = 0; i < versions.length; i++) {
    const version = at(versions, i);
    const length = keysOnly ? version.keyOnlyBytes : version.recordBytes;
    bytes += 1 + varintBytes(length) + length;
  }
  return bytes;
}
