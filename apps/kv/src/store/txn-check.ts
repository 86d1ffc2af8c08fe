import type { DeleteRangeRequest, PutRequest, RequestOp, TxnRequest } from '@quorate/codec-protobuf/etcd';
import { compareBytes } from './compare-bytes.ts';
import { checkRange } from './range.ts';
import { Status } from './status.ts';

/** etcd's `--max-txn-ops`: in each list of a txn; nested ones share what the longest list of the outer one leaves. */
export const maxTxnOperations = 128;

// etcd has no such limit, and its check of a txn whose nested lists multiply can take seconds.
const maxOperationsInAll = 2048;

/** What is wrong with a txn before any state is looked at. */
export function checkTxn(request: TxnRequest): Status {
  const status = checkShape(request, maxTxnOperations);
  if (status !== Status.ok) return status;
  if (countOperations(request) > maxOperationsInAll) return Status.tooManyOperations;
  for (const operations of [request.success, request.failure]) {
    if (touched(operations) === undefined) return Status.duplicateKey;
  }
  return Status.ok;
}

/** What is wrong with a put before any state is looked at. */
export function checkPut(request: Pick<PutRequest, 'key' | 'value' | 'lease' | 'ignoreValue' | 'ignoreLease'>): Status {
  if (request.key.length === 0) return Status.keyEmpty;
  if (request.ignoreValue && request.value.length > 0) return Status.valueProvided;
  return request.ignoreLease && request.lease !== 0n ? Status.leaseProvided : Status.ok;
}

/** True where no operation of a txn can change anything. A nested txn counts as one that can, as in etcd. */
export function isReadOnly(request: TxnRequest): boolean {
  return request.success.every(isRange) && request.failure.every(isRange);
}

/** True where every operation is content with what this member has applied. */
export function isSerializable(request: TxnRequest): boolean {
  const local = (operation: RequestOp): boolean => operation.requestRange?.serializable === true;
  return request.success.every(local) && request.failure.every(local);
}

function isRange(operation: RequestOp): boolean {
  return operation.requestRange !== undefined;
}

function checkShape(request: TxnRequest, budget: number): Status {
  const longest = Math.max(request.compare.length, request.success.length, request.failure.length);
  if (longest > budget) return Status.tooManyOperations;
  if (request.compare.some((compare) => compare.key.length === 0)) return Status.keyEmpty;
  for (const operations of [request.success, request.failure]) {
    for (const operation of operations) {
      const status = checkOperation(operation, budget - longest);
      if (status !== Status.ok) return status;
    }
  }
  return Status.ok;
}

function checkOperation(operation: RequestOp, budget: number): Status {
  if (operation.requestRange !== undefined) return checkRange(operation.requestRange);
  if (operation.requestPut !== undefined) return checkPut(operation.requestPut);
  if (operation.requestDeleteRange !== undefined) {
    return operation.requestDeleteRange.key.length === 0 ? Status.keyEmpty : Status.ok;
  }
  return operation.requestTxn === undefined ? Status.keyNotFound : checkShape(operation.requestTxn, budget);
}

function countOperations(request: TxnRequest): number {
  let count = 0;
  for (const operations of [request.success, request.failure]) {
    for (const { requestTxn } of operations) count += requestTxn === undefined ? 1 : 1 + countOperations(requestTxn);
  }
  return count;
}

/** The keys that a list of operations puts, and the ranges that it deletes. */
interface Touched {
  readonly puts: Uint8Array[];
  readonly deletes: DeleteRangeRequest[];
}

// A key may be put once, and not be deleted in the same txn; only the two branches of one nested txn may put the same key,
// because one of them runs. Undefined: that rule is broken. There are few operations (2 048 at most), so pairs are compared.
function touched(operations: readonly RequestOp[]): Touched | undefined {
  const all: Touched = { puts: [], deletes: [] };
  for (const { requestDeleteRange } of operations) if (requestDeleteRange !== undefined) all.deletes.push(requestDeleteRange);
  for (const { requestTxn } of operations) {
    if (requestTxn !== undefined && !touchNested(all, requestTxn)) return undefined;
  }
  for (const { requestPut } of operations) {
    if (requestPut !== undefined && !touchPut(all, requestPut.key)) return undefined;
  }
  return all;
}

function touchNested(all: Touched, request: TxnRequest): boolean {
  const success = touched(request.success);
  const failure = touched(request.failure);
  if (success === undefined || failure === undefined) return false;
  for (const key of success.puts) if (!touchPut(all, key)) return false;
  for (const key of failure.puts) if (!includes(success.puts, key) && !touchPut(all, key)) return false;
  all.deletes.push(...success.deletes, ...failure.deletes);
  return true;
}

function touchPut(all: Touched, key: Uint8Array): boolean {
  if (includes(all.puts, key) || all.deletes.some((range) => deletes(range, key))) return false;
  all.puts.push(key);
  return true;
}

function includes(keys: readonly Uint8Array[], key: Uint8Array): boolean {
  return keys.some((other) => compareBytes(other, key) === 0);
}

// etcd takes the range end literally here: a deletion up to the end of the keyspace (`\0`) only clashes with a put of its first key.
function deletes(range: DeleteRangeRequest, key: Uint8Array): boolean {
  const order = compareBytes(range.key, key);
  return order === 0 || (order < 0 && compareBytes(key, range.rangeEnd) < 0);
}
