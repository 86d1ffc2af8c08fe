import {
  Compare,
  CompactionRequest,
  DeleteRangeRequest,
  DeleteRangeResponse,
  HealthCheckResponse,
  MemberListRequest,
  MemberListResponse,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  RequestOp,
  StatusResponse,
  TxnRequest,
  TxnResponse,
} from '@quorate/codec-protobuf/etcd';
import { ConsensusError, encodeText } from '@quorate/interface';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { frame, GrpcClient, type GrpcAnswer } from './fixtures/grpc-client.ts';
import { openTestDoor, selfId, type TestDoor } from './fixtures/test-door.ts';

const empty = new Uint8Array(0);
let door: TestDoor;
let client: GrpcClient;

beforeEach(async () => {
  door = await openTestDoor({ requestTimeoutMs: 300 });
  client = new GrpcClient(door.endpoint);
});

afterEach(async () => {
  client.close();
  await door.door.close(performance.now() + 1000);
});

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function put(key: string, value: Uint8Array | string = 'v', more: Partial<PutRequest> = {}): Promise<GrpcAnswer> {
  const request = { key: bytes(key), value: typeof value === 'string' ? bytes(value) : value, ...more };
  return client.call('/etcdserverpb.KV/Put', PutRequest.encode(PutRequest.create(request)));
}

async function get(key: string, more: Partial<RangeRequest> = {}): Promise<RangeResponse> {
  const answer = await rangeAnswer(key, more);
  const response = answer.message === undefined ? undefined : RangeResponse.decode(answer.message);
  if (response === undefined) throw new Error(`no range: ${answer.code} ${answer.text}`);
  return response;
}

function rangeAnswer(key: string, more: Partial<RangeRequest> = {}): Promise<GrpcAnswer> {
  return client.call('/etcdserverpb.KV/Range', RangeRequest.encode(RangeRequest.create({ key: bytes(key), ...more })));
}

function txn(request: Partial<TxnRequest>): Promise<GrpcAnswer> {
  return client.call('/etcdserverpb.KV/Txn', TxnRequest.encode(TxnRequest.create(request)));
}

function putOp(key: string, value = ''): RequestOp {
  return RequestOp.create({ requestPut: PutRequest.create({ key: bytes(key), value: bytes(value) }) });
}

function failed(answer: GrpcAnswer): readonly [number, string] {
  return [answer.code, answer.text];
}

describe('KV over gRPC', () => {
  test('gives the first put revision 2, and a header with both ids and the term', async () => {
    const answer = await put('a');
    expect(answer).toMatchObject({ code: 0, httpStatus: 200 });
    const header = { clusterId: 0xfedcba9876543210n, memberId: BigInt(selfId), revision: 2, raftTerm: 2 };
    expect(PutResponse.decode(answer.message ?? empty)).toEqual({ header, prevKv: undefined });
  });

  test.each(['__proto__', 'constructor', 'toString', '\0', '\xff\xff', '\xfe\x80'])(
    'takes %j for an ordinary key',
    async (key) => {
      expect((await put(key, 'x')).code).toBe(0);
      const response = await get(key);
      expect(response.kvs).toMatchObject([{ key: bytes(key), value: bytes('x'), version: 1, createRevision: 2 }]);
      expect((await get('\0', { rangeEnd: bytes('\0') })).count).toBe(1);
    },
  );

  test('deletes with the previous values and counts', async () => {
    await put('a', '1');
    await put('b', '2');
    const request = DeleteRangeRequest.create({ key: bytes('a'), rangeEnd: bytes('c'), prevKv: true });
    const answer = await client.call('/etcdserverpb.KV/DeleteRange', DeleteRangeRequest.encode(request));
    const response = DeleteRangeResponse.decode(answer.message ?? empty);
    expect(response).toMatchObject({
      header: { revision: 4 },
      deleted: 2,
      prevKvs: [{ value: bytes('1') }, { value: bytes('2') }],
    });
  });

  test('answers a range of several MiB, which leaves in more than one write', async () => {
    const value = new Uint8Array(1_000_000).fill(7);
    for (const key of ['a', 'b', 'c']) await put(key, value);
    const response = await get('a', { rangeEnd: bytes('z') });
    expect(response.kvs.map((kv) => [kv.value.length, kv.value.every((byte) => byte === 7)])).toEqual(
      [1, 2, 3].map(() => [1_000_000, true]),
    );
    expect(response.header?.revision).toBe(4);
  });

  test('runs a txn whose nested responses carry revisions of their own', async () => {
    const compare = [Compare.create({ key: bytes('a'), target: 1, createRevision: 0 })];
    const inner = TxnRequest.create({ success: [putOp('b')] });
    const answer = await txn({ compare, success: [putOp('a', '1'), RequestOp.create({ requestTxn: inner })] });
    const response = TxnResponse.decode(answer.message ?? empty);
    expect(response?.succeeded).toBe(true);
    expect(response?.header?.revision).toBe(2);
    expect(response?.responses[0]?.responsePut?.header).toEqual({ clusterId: 0n, memberId: 0n, revision: 2, raftTerm: 0 });
    expect(response?.responses[1]?.responseTxn).toMatchObject({ header: { revision: 0 }, succeeded: true });
  });

  test('compacts, and refuses what is compacted or in the future', async () => {
    await put('a');
    await put('a');
    const compact = (revision: number): Promise<GrpcAnswer> =>
      client.call('/etcdserverpb.KV/Compact', CompactionRequest.encode({ revision, physical: true }));
    expect((await compact(3)).code).toBe(0);
    expect(failed(await compact(3))).toEqual([11, 'etcdserver: mvcc: required revision has been compacted']);
    expect(failed(await compact(9))).toEqual([11, 'etcdserver: mvcc: required revision is a future revision']);
    expect(failed(await rangeAnswer('a', { revision: 2 }))).toEqual([
      11,
      'etcdserver: mvcc: required revision has been compacted',
    ]);
    const future = RangeRequest.encode(RangeRequest.create({ key: bytes('a') }));
    // 2^62, beyond what a double can count.
    const beyond = Uint8Array.from([...future, 0x20, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40]);
    const answer = await client.call('/etcdserverpb.KV/Range', beyond);
    expect(failed(answer)).toEqual([11, 'etcdserver: mvcc: required revision is a future revision']);
  });
});

describe('bad requests', () => {
  test('refuses what etcd refuses, in its words', async () => {
    expect(failed(await put(''))).toEqual([3, 'etcdserver: key is not provided']);
    expect(failed(await rangeAnswer(''))).toEqual([3, 'etcdserver: key is not provided']);
    expect(failed(await put('a', 'v', { ignoreValue: true }))).toEqual([3, 'etcdserver: value is provided']);
    expect(failed(await put('a', '', { ignoreValue: true }))).toEqual([3, 'etcdserver: key not found']);
    expect(failed(await put('a', 'v', { ignoreLease: true, lease: 1n }))).toEqual([3, 'etcdserver: lease is provided']);
    expect(failed(await put('a', 'v', { lease: 2n ** 62n }))).toEqual([5, 'etcdserver: requested lease not found']);
    expect(failed(await rangeAnswer('a', { sortOrder: 9 }))).toEqual([3, 'etcdserver: invalid sort option']);
    expect((await get('a')).header?.revision).toBe(1);
  });

  test('refuses a txn of 129 operations, an empty operation, and a key put twice', async () => {
    const many = Array.from({ length: 129 }, (_, i) => putOp(`k${i}`));
    expect(failed(await txn({ success: many }))).toEqual([3, 'etcdserver: too many operations in txn request']);
    expect((await txn({ success: many.slice(1) })).code).toBe(0);
    expect(failed(await txn({ failure: [RequestOp.create()] }))).toEqual([3, 'etcdserver: key not found']);
    expect(failed(await txn({ success: [putOp('a'), putOp('a')] }))).toEqual([
      3,
      'etcdserver: duplicate key given in txn request',
    ]);
  });

  test('takes nine nested txns and refuses two hundred', async () => {
    const nest = (depth: number): TxnRequest =>
      TxnRequest.create({ success: depth === 0 ? [putOp('deep')] : [RequestOp.create({ requestTxn: nest(depth - 1) })] });
    expect((await txn(nest(9))).code).toBe(0);
    expect(failed(await txn(nest(200)))).toEqual([3, 'etcdserver: too many operations in txn request']);
  });

  test('refuses requests above 1.5 MiB in etcd’s words, and messages above 2 MiB in gRPC’s', async () => {
    const two = new Uint8Array(2 * 1024 * 1024 - 100);
    expect(failed(await put('a', two))).toEqual([3, 'etcdserver: request is too large']);
    const three = await put('a', new Uint8Array(3 * 1024 * 1024));
    expect(three.code).toBe(8);
    expect(three.text).toMatch(/^grpc: received message larger than max \(31457\d\d vs\. 2097152\)$/);
    expect((await put('a', new Uint8Array(1_500_000))).code).toBe(0);
  });

  test('answers unknown methods and services as grpc-go does', async () => {
    expect(failed(await client.call('/etcdserverpb.KV/Nope', empty))).toEqual([
      12,
      'unknown method Nope for service etcdserverpb.KV',
    ]);
    expect(failed(await client.call('/x.Y/Z', empty))).toEqual([12, 'unknown service x.Y']);
    expect(failed(await client.call('/', empty))).toEqual([12, 'malformed method name: "/"']);
    expect((await client.call('/etcdserverpb.KV/Put', empty, { 'content-type': 'text/plain' })).httpStatus).toBe(415);
  });

  test('survives malformed frames and messages', async () => {
    const path = '/etcdserverpb.KV/Put';
    expect(failed(await client.send(path, []))).toEqual([13, 'unexpected EOF']);
    expect(failed(await client.send(path, [Uint8Array.of(0, 0, 0)]))).toEqual([13, 'unexpected EOF']);
    expect(failed(await client.send(path, [frame(bytes('short'), 0, 100)]))).toEqual([13, 'unexpected EOF']);
    expect((await client.send(path, [frame(empty, 0, 0xffff_ffff)])).code).toBe(8);
    expect((await client.send(path, [frame(bytes('x'), 1)])).code).toBe(13);
    expect((await client.send(path, [frame(bytes('x'), 1)], { 'grpc-encoding': 'gzip' })).code).toBe(12);
    expect((await client.send(path, [frame(bytes('x'), 7)])).code).toBe(13);
    for (const method of ['Put', 'Range', 'DeleteRange', 'Txn', 'Compact']) {
      const answer = await client.call(`/etcdserverpb.KV/${method}`, Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f));
      expect(answer.code, method).toBe(13);
      expect(answer.text).toMatch(/^grpc: error unmarshalling request/);
    }
    expect((await put('still')).code).toBe(0);
  });

  test('takes a request that comes one byte at a time', async () => {
    const whole = frame(PutRequest.encode(PutRequest.create({ key: bytes('slow'), value: bytes('motion') })));
    const pieces = Array.from(whole, (byte) => Uint8Array.of(byte));
    expect((await client.send('/etcdserverpb.KV/Put', pieces)).code).toBe(0);
    expect((await get('slow')).kvs[0]?.value).toEqual(bytes('motion'));
  });

  test('does not look at the authority', async () => {
    const request = RangeRequest.encode(RangeRequest.create({ key: bytes('a') }));
    expect((await client.call('/etcdserverpb.KV/Range', request, { ':authority': 'not.this.host:1' })).code).toBe(0);
  });
});

describe('without a leader', () => {
  test('a write waits until one is found', async () => {
    door.replica.leading = false;
    const answer = put('a');
    await expect.poll(() => door.replica['waiting'].length).toBe(1);
    door.replica.leading = true;
    expect((await answer).code).toBe(0);
  });

  test('a request ends with etcd’s timeout, or with the client’s own deadline', async () => {
    door.replica.leading = false;
    expect(failed(await put('a'))).toEqual([14, 'etcdserver: request timed out']);
    const request = RangeRequest.encode(RangeRequest.create({ key: bytes('a') }));
    const answer = await client.call('/etcdserverpb.KV/Range', request, { 'grpc-timeout': '50m' });
    expect(failed(answer)).toEqual([4, 'context deadline exceeded']);
    expect((await get('a', { serializable: true })).count).toBe(0);
  });

  test('a client that requires a leader is told at once', async () => {
    door.replica.leading = false;
    const request = RangeRequest.encode(RangeRequest.create({ key: bytes('a') }));
    const answer = await client.call('/etcdserverpb.KV/Range', request, { hasleader: 'true' });
    expect(failed(answer)).toEqual([14, 'etcdserver: no leader']);
  });

  test('a read-only txn of serializable ranges is local, any other one waits', async () => {
    door.replica.leading = false;
    const range = (serializable: boolean): RequestOp =>
      RequestOp.create({ requestRange: RangeRequest.create({ key: bytes('a'), serializable }) });
    expect((await txn({ success: [range(true)] })).code).toBe(0);
    expect((await txn({ success: [range(true), range(false)] })).code).toBe(14);
  });
});

test.each([
  ['E_OVERLOADED', 8, 'etcdserver: too many requests'],
  ['E_TOO_LARGE', 3, 'etcdserver: request is too large'],
  ['E_LINK_LOST', 14, 'etcdserver: request timed out, possibly due to connection lost'],
  ['E_NOT_LEADER', 14, 'etcdserver: request timed out, possibly due to previous leader failure'],
  ['E_STOPPED', 14, 'etcdserver: server stopped'],
] as const)('answers %s with code %i', async (code, expected, text) => {
  door.replica.failure = new ConsensusError(code, 'made up', 'unknown');
  expect(failed(await put('a'))).toEqual([expected, text]);
});

describe('the other services', () => {
  test('Status tells sizes, leader and indexes', async () => {
    await put('a', 'x'.repeat(100));
    const answer = await client.call('/etcdserverpb.Maintenance/Status', empty);
    const response = StatusResponse.decode(answer.message ?? empty);
    expect(response).toMatchObject({ version: '3.5.17', leader: BigInt(selfId), raftTerm: 2, errors: [] });
    expect(response?.header?.revision).toBe(2);
    expect(response?.dbSize).toBeGreaterThan(100);
    expect(response?.raftAppliedIndex).toBeGreaterThan(0);
  });

  test('Alarm lists none, and raising one is refused', async () => {
    expect((await client.call('/etcdserverpb.Maintenance/Alarm', empty)).code).toBe(0);
    expect((await client.call('/etcdserverpb.Maintenance/Alarm', Uint8Array.of(8, 1))).code).toBe(12);
  });

  test.each([true, false])('MemberList (linearizable %s) shows what members published, and no revision', async (linearizable) => {
    const answer = await client.call('/etcdserverpb.Cluster/MemberList', MemberListRequest.encode({ linearizable }));
    const response = MemberListResponse.decode(answer.message ?? empty);
    expect(response?.header?.revision).toBe(0);
    const member = { ID: BigInt(selfId), name: 'n1', peerURLs: ['tcp://127.0.0.1:2380'], clientURLs: door.door.urls };
    expect(response?.members).toMatchObject([member]);
    expect((await get('a')).header?.revision).toBe(1);
  });

  test('health answers SERVING for the whole server', async () => {
    const answer = await client.call('/grpc.health.v1.Health/Check', empty);
    expect(HealthCheckResponse.decode(answer.message ?? empty)).toEqual({ status: 1 });
    const other = await client.call('/grpc.health.v1.Health/Check', Uint8Array.of(0x0a, 1, 0x78));
    expect(failed(other)).toEqual([5, 'unknown service']);
  });

  test('every call is observed once, with its code', async () => {
    await put('a');
    await put('');
    const puts = door.observed.filter((call) => call.path.endsWith('/Put')).map((call) => call.code);
    expect(puts).toEqual([0, 3]);
  });
});

test('many calls on one connection are each answered with their own', async () => {
  const answers = await Promise.all(
    Array.from({ length: 300 }, async (_, i) => {
      await put(`k${i}`, `v${i}`);
      return get(`k${i}`);
    }),
  );
  expect(answers.map((answer) => answer.kvs[0]?.value)).toEqual(answers.map((_, i) => encodeText(`v${i}`)));
  expect(answers.every((answer) => answer.count === 1)).toBe(true);
});

test('a client that goes away in mid-call harms nobody', async () => {
  door.replica.leading = false;
  const other = new GrpcClient(door.endpoint);
  const lost = other.call('/etcdserverpb.KV/Put', PutRequest.encode(PutRequest.create({ key: bytes('gone') })));
  await expect.poll(() => door.replica['waiting'].length).toBe(1);
  other.close();
  await lost;
  door.replica.leading = true;
  expect((await put('here')).code).toBe(0);
});

test('closing answers the calls that run, and takes no more', async () => {
  door.replica.leading = false;
  const running = put('a');
  await expect.poll(() => door.replica['waiting'].length).toBe(1);
  const closed = door.door.close(performance.now() + 5000);
  door.replica.leading = true;
  expect((await running).code).toBe(0);
  await closed;
  const late = new GrpcClient(door.endpoint);
  expect((await late.call('/etcdserverpb.KV/Put', empty)).code).toBe(-1);
  late.close();
});
