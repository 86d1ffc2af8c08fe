import type { Compare, DeleteRangeRequest, PutRequest, RequestOp, TxnRequest } from '@quorate/codec-protobuf/etcd';
import { CompareResult, CompareTarget } from '@quorate/codec-protobuf/etcd';
import { compareBytes } from './compare-bytes.ts';
import type { MvccStore } from './mvcc-store.ts';
import {
  deleteResult,
  putResult,
  txnResult,
  type DeleteResult,
  type OpResult,
  type PutResult,
  type TxnResult,
} from './op-result.ts';
import { checkRevision, keyRange, range } from './range.ts';
import { Status } from './status.ts';
import type { Version } from './version.ts';

/** A txn with the branches that its compares chose, before any operation ran. */
export interface PlannedTxn {
  readonly succeeded: boolean;
  readonly operations: readonly (RequestOp | PlannedTxn)[];
}

/** The part of a put that decides what happens. `lease` is only compared with 0. */
export type PutFields = Pick<PutRequest, 'key' | 'value' | 'prevKv' | 'ignoreValue' | 'ignoreLease'> & {
  readonly lease: bigint | number;
};

/** Evaluates all compares, outer and nested, against the state before the txn. */
export function planTxn(store: MvccStore, request: TxnRequest): PlannedTxn {
  const succeeded = request.compare.every((compare) => holds(store, compare));
  const operations = succeeded ? request.success : request.failure;
  return {
    succeeded,
    operations: operations.map((operation) =>
      operation.requestTxn === undefined ? operation : planTxn(store, operation.requestTxn),
    ),
  };
}

/** Why the chosen operations cannot run; nothing has happened yet. */
export function checkPlan(store: MvccStore, plan: PlannedTxn): Status {
  // Puts before ranges, as etcd does: a client sees the same error of two.
  const puts = firstFault(plan, ({ requestPut }) => (requestPut === undefined ? Status.ok : checkPutState(store, requestPut)));
  if (puts !== Status.ok) return puts;
  return firstFault(plan, ({ requestRange }) =>
    requestRange === undefined ? Status.ok : checkRevision(store, requestRange.revision),
  );
}

/** Runs what `checkPlan` found right, in order; each operation sees what those before it did. */
export function runPlan(store: MvccStore, plan: PlannedTxn): TxnResult {
  return txnResult(
    plan.succeeded,
    plan.operations.map((operation) => ('operations' in operation ? runPlan(store, operation) : run(store, operation))),
  );
}

/** Why a put cannot be carried out in this state. */
export function checkPutState(store: MvccStore, request: PutFields): Status {
  if ((request.ignoreValue || request.ignoreLease) && store.tree.find(request.key)?.current() === undefined) {
    return Status.keyNotFound;
  }
  // No lease was ever granted, so none is found.
  return Number(request.lease) === 0 ? Status.ok : Status.leaseNotFound;
}

/** Carries out a put that was checked. */
export function put(store: MvccStore, request: PutFields): PutResult {
  const old = request.prevKv || request.ignoreValue ? store.tree.find(request.key)?.current() : undefined;
  const value = request.ignoreValue && old !== undefined ? old.value : request.value;
  const { modRevision } = store.put(request.key, value);
  return putResult(modRevision, request.prevKv ? old : undefined);
}

/** Carries out a deletion. */
export function deleteRange(store: MvccStore, request: DeleteRangeRequest): DeleteResult {
  const deleted = deleteKeys(store, request);
  return deleteResult(store.visible, deleted.length, request.prevKv ? deleted : []);
}

function deleteKeys(store: MvccStore, request: DeleteRangeRequest): readonly Version[] {
  const span = keyRange(request.key, request.rangeEnd);
  if (span !== undefined) return store.deleteRange(span);
  const history = store.tree.find(request.key);
  const current = history?.current();
  if (history === undefined || current === undefined) return [];
  store.delete(history);
  return [current];
}

function firstFault(plan: PlannedTxn, check: (operation: RequestOp) => Status): Status {
  for (const operation of plan.operations) {
    const status = 'operations' in operation ? firstFault(operation, check) : check(operation);
    if (status !== Status.ok) return status;
  }
  return Status.ok;
}

function run(store: MvccStore, operation: RequestOp): OpResult {
  if (operation.requestRange !== undefined) return range(store, operation.requestRange);
  if (operation.requestPut !== undefined) return put(store, operation.requestPut);
  if (operation.requestDeleteRange !== undefined) return deleteRange(store, operation.requestDeleteRange);
  return txnResult(false, []);
}

function holds(store: MvccStore, compare: Compare): boolean {
  const span = keyRange(compare.key, compare.rangeEnd);
  if (span === undefined) return holdsFor(store.tree.find(compare.key)?.current(), compare);
  let all = true;
  let any = false;
  store.tree.scan(span.start, span.end, (history) => {
    const current = history.current();
    if (current === undefined) return true;
    any = true;
    all = holdsFor(current, compare);
    return all;
  });
  return any ? all : holdsFor(undefined, compare);
}

function holdsFor(version: Version | undefined, compare: Compare): boolean {
  // There is no way to write "no value", so that comparing the value of a missing key is always false.
  if (version === undefined && compare.target === CompareTarget.VALUE_OF) return false;
  const order = orderOf(version, compare);
  switch (compare.result) {
    case CompareResult.EQUAL:
      return order === 0;
    case CompareResult.GREATER:
      return order > 0;
    case CompareResult.LESS:
      return order < 0;
    case CompareResult.NOT_EQUAL:
      return order !== 0;
    default:
      return true;
  }
}

function orderOf(version: Version | undefined, compare: Compare): number {
  switch (compare.target) {
    case CompareTarget.VERSION_OF:
      return (version?.version ?? 0) - (compare.version ?? 0);
    case CompareTarget.CREATE_OF:
      return (version?.createRevision ?? 0) - (compare.createRevision ?? 0);
    case CompareTarget.MOD_OF:
      return (version?.modRevision ?? 0) - (compare.modRevision ?? 0);
    case CompareTarget.VALUE_OF:
      return compareBytes(version?.value ?? noBytes, compare.value ?? noBytes);
    case CompareTarget.LEASE_OF:
      // No key has a lease yet.
      return -Number(compare.lease ?? 0n);
    default:
      return 0;
  }
}

const noBytes = new Uint8Array(0);
