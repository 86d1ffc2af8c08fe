import {
  CompareResult,
  CompareTarget,
  DeleteRangeRequest,
  DeleteRangeResponse,
  Compare,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  RequestOp,
  StatusRequest,
  StatusResponse,
  TxnRequest,
  TxnResponse,
} from '@quorate/codec-protobuf/etcd';
import { createUnaryCaller, EtcdError } from './unary-call.ts';

/** One member of a cluster as an etcd client sees it. Keys and values are text. Every call rejects with an {@link EtcdError}. */
export interface EtcdConnection {
  /** Resolves with the key's mod revision. */
  put(key: string, value: string, timeoutMs: number): Promise<number>;
  /** Puts only where the key's mod revision is the given one; 0: where it is absent. */
  putIfUnchanged(
    key: string,
    value: string,
    options: CompareAndPut,
  ): Promise<{ readonly succeeded: boolean; readonly revision: number }>;
  get(key: string, options: ReadOptions): Promise<string | undefined>;
  getPrefix(
    prefix: string,
    options: ReadOptions,
  ): Promise<{ readonly kvs: ReadonlyMap<string, string>; readonly revision: number }>;
  delete(key: string, timeoutMs: number): Promise<void>;
  status(timeoutMs: number): Promise<{ readonly memberId: bigint; readonly leader: bigint; readonly raftTerm: number }>;
  close(): void;
}

/** How to read. */
export interface ReadOptions {
  /** From the member's own copy, without asking a quorum. */
  readonly serializable: boolean;
  readonly timeoutMs: number;
}

/** What a compare-and-put expects. */
export interface CompareAndPut {
  readonly modRevision: number;
  readonly timeoutMs: number;
}

/** A connection to the client URL of one member; made at the first call, and made again when it was lost. */
export function connectEtcd(url: string): EtcdConnection {
  const caller = createUnaryCaller(url);
  const range = async (request: RangeRequest, timeoutMs: number): Promise<RangeResponse> =>
    present(RangeResponse.decode(await caller.call('/etcdserverpb.KV/Range', RangeRequest.encode(request), timeoutMs)));
  return {
    async put(key, value, timeoutMs) {
      const request = PutRequest.encode(PutRequest.create({ key: bytes(key), value: bytes(value) }));
      const response = present(PutResponse.decode(await caller.call('/etcdserverpb.KV/Put', request, timeoutMs)));
      return present(response.header).revision;
    },
    async putIfUnchanged(key, value, { modRevision, timeoutMs }) {
      const compare = Compare.create({ result: CompareResult.EQUAL, target: CompareTarget.MOD_OF, key: bytes(key), modRevision });
      const requestPut = PutRequest.create({ key: bytes(key), value: bytes(value) });
      const request = TxnRequest.create({ compare: [compare], success: [RequestOp.create({ requestPut })] });
      const answer = await caller.call('/etcdserverpb.KV/Txn', TxnRequest.encode(request), timeoutMs);
      const response = present(TxnResponse.decode(answer));
      return { succeeded: response.succeeded, revision: present(response.header).revision };
    },
    async get(key, { serializable, timeoutMs }) {
      const response = await range(RangeRequest.create({ key: bytes(key), serializable }), timeoutMs);
      const [kv] = response.kvs;
      return kv === undefined ? undefined : text(kv.value);
    },
    async getPrefix(prefix, { serializable, timeoutMs }) {
      const response = await range(
        RangeRequest.create({ key: bytes(prefix), rangeEnd: endOfPrefix(prefix), serializable }),
        timeoutMs,
      );
      const kvs = new Map(response.kvs.map((kv) => [text(kv.key), text(kv.value)]));
      return { kvs, revision: present(response.header).revision };
    },
    async delete(key, timeoutMs) {
      const request = DeleteRangeRequest.encode(DeleteRangeRequest.create({ key: bytes(key) }));
      present(DeleteRangeResponse.decode(await caller.call('/etcdserverpb.KV/DeleteRange', request, timeoutMs)));
    },
    async status(timeoutMs) {
      const request = StatusRequest.encode(StatusRequest.create());
      const response = present(StatusResponse.decode(await caller.call('/etcdserverpb.Maintenance/Status', request, timeoutMs)));
      return { memberId: present(response.header).memberId, leader: response.leader, raftTerm: response.raftTerm };
    },
    close: () => caller.close(),
  };
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new EtcdError(13, 'the answer is malformed');
  return value;
}

function bytes(value: string): Uint8Array {
  return Buffer.from(value, 'utf8');
}

function text(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8');
}

/** The first key behind all keys with the prefix, which ends in ASCII here. */
function endOfPrefix(prefix: string): Uint8Array {
  const end = Buffer.from(prefix, 'utf8');
  const last = end.length - 1;
  end[last] = (end[last] ?? 0) + 1;
  return end;
}
