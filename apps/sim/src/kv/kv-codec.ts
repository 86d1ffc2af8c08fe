import {
  Compare,
  CompareResult,
  CompareTarget,
  CompactionRequest,
  DeleteRangeRequest,
  DeleteRangeResponse,
  PutRequest,
  RangeRequest,
  RangeResponse,
  RequestOp,
  TxnRequest,
  TxnResponse,
} from '@quorate/codec-protobuf/etcd';
import type { ResponseOp } from '@quorate/codec-protobuf/etcd';
import { decodeText, encodeText } from '@quorate/interface';
import { Method, replyHeadBytes, replyRevision, replyStatus, Status } from '@quorate/kv/state-machine';
import type { KvCompare, KvInput, KvOutput, KvStep, KvStepOutput } from '@quorate/linearizability';

/** A command, or a read of the state. */
export interface EncodedOperation {
  readonly body: Uint8Array;
  readonly isRead: boolean;
}

/** What the store said: the revision it named, and the answer in the words of the model. */
export interface DecodedReply {
  readonly revision: number;
  readonly output: KvOutput;
}

/** An operation of the model in etcd's words. */
export function encodeOperation(input: KvInput): EncodedOperation {
  switch (input.op) {
    case 'get':
      return { body: tagged(Method.rangeQuery, RangeRequest.encode(rangeOf(input.key))), isRead: true };
    case 'put':
      return { body: tagged(Method.put, PutRequest.encode(putOf(input.key, input.value))), isRead: false };
    case 'delete':
      return { body: tagged(Method.deleteRange, DeleteRangeRequest.encode(deleteOf(input.key))), isRead: false };
    case 'compare-and-set': {
      const compares = [{ key: input.key, is: 'equal', value: input.expected }] as const;
      const success = [{ op: 'put', key: input.key, value: input.value }] as const;
      return txnOf(compares, success, []);
    }
    default:
      return txnOf(input.compares, input.success, input.failure);
  }
}

/** A compaction up to a revision. */
export function encodeCompaction(revision: number): Uint8Array {
  return tagged(Method.compact, CompactionRequest.encode(CompactionRequest.create({ revision })));
}

/** The store's answer to an operation of the model; throws where it is none that this operation may get. */
export function decodeReply(input: KvInput, reply: Uint8Array): DecodedReply {
  const status = replyStatus(reply);
  if (status !== Status.ok) throw new TypeError(`${input.op} was answered with status ${status}`);
  return { revision: replyRevision(reply), output: outputOf(input, reply.subarray(replyHeadBytes)) };
}

function outputOf(input: KvInput, body: Uint8Array): KvOutput {
  switch (input.op) {
    case 'get':
      return { op: 'get', value: valueOf(known(RangeResponse.decode(body))) };
    case 'put':
      return { op: 'put' };
    case 'delete':
      return { op: 'delete', deleted: known(DeleteRangeResponse.decode(body)).deleted > 0 };
    case 'compare-and-set':
      return { op: 'compare-and-set', swapped: known(TxnResponse.decode(body)).succeeded };
    default: {
      const { succeeded, responses } = known(TxnResponse.decode(body));
      return { op: 'txn', succeeded, results: responses.map(stepOutput) };
    }
  }
}

function stepOutput({ responseRange, responsePut, responseDeleteRange }: ResponseOp): KvStepOutput {
  if (responseRange !== undefined) return { op: 'get', value: valueOf(responseRange) };
  if (responsePut !== undefined) return { op: 'put' };
  return { op: 'delete', deleted: known(responseDeleteRange).deleted > 0 };
}

function txnOf(compares: readonly KvCompare[], success: readonly KvStep[], failure: readonly KvStep[]): EncodedOperation {
  const request = TxnRequest.create({
    compare: compares.map(compareOf),
    success: success.map(stepOf),
    failure: failure.map(stepOf),
  });
  const isRead = [...success, ...failure].every(({ op }) => op === 'get');
  return { body: tagged(isRead ? Method.txnQuery : Method.txn, TxnRequest.encode(request)), isRead };
}

// An absent key has no value to compare with: its version is 0.
function compareOf({ key, is, value }: KvCompare): Compare {
  const result = is === 'equal' ? CompareResult.EQUAL : CompareResult.NOT_EQUAL;
  if (value === null) return Compare.create({ key: encodeText(key), result, target: CompareTarget.VERSION_OF, version: 0 });
  return Compare.create({ key: encodeText(key), result, target: CompareTarget.VALUE_OF, value: encodeText(value) });
}

function stepOf(step: KvStep): RequestOp {
  if (step.op === 'get') return RequestOp.create({ requestRange: rangeOf(step.key) });
  if (step.op === 'put') return RequestOp.create({ requestPut: putOf(step.key, step.value) });
  return RequestOp.create({ requestDeleteRange: deleteOf(step.key) });
}

function rangeOf(key: string): RangeRequest {
  return RangeRequest.create({ key: encodeText(key) });
}

function putOf(key: string, value: string): PutRequest {
  return PutRequest.create({ key: encodeText(key), value: encodeText(value) });
}

function deleteOf(key: string): DeleteRangeRequest {
  return DeleteRangeRequest.create({ key: encodeText(key) });
}

function valueOf({ kvs }: RangeResponse): string | null {
  const first = kvs[0];
  return first === undefined ? null : (decodeText(first.value) ?? null);
}

function tagged(method: number, request: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(request.length + 1);
  bytes[0] = method;
  bytes.set(request, 1);
  return bytes;
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('the store’s answer cannot be decoded');
  return value;
}
