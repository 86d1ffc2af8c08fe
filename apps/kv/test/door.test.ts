import {
  CompactionRequest,
  Compare,
  DeleteRangeRequest,
  DeleteRangeResponse,
  PutRequest,
  PutResponse,
  RangeRequest,
  RequestOp,
  TxnRequest,
  TxnResponse,
} from '@quorate/codec-protobuf/etcd';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { frame, type GrpcAnswer } from './fixtures/grpc-client.ts';
import { bytes, failed, KvClient, putOp } from './fixtures/kv-client.ts';
import { openTestDoor, selfId, type TestDoor } from './fixtures/test-door.ts';

const empty = new Uint8Array(0);
let door: TestDoor;
let client: KvClient;

beforeEach(async () => {
  door = await openTestDoor({ requestTimeoutMs: 300 });
  client = new KvClient(door.endpoint);
});

afterEach(async () => {
  client.close();
  await door.door.close(performance.now() + 1000);
});

describe('KV over gRPC', () => {
  test('gives the first put revision 2, and a header with both ids and the term', async () => {
    const answer = await client.put('a');
    expect(answer).toMatchObject({ code: 0, httpStatus: 200 });
    const header = { clusterId: 0xfedcba9876543210n, memberId: BigInt(selfId), revision: 2, raftTerm: 2 };
    expect(PutResponse.decode(answer.message ?? empty)).toEqual({ header, prevKv: undefined });
  });

  test.each(['__proto__', 'constructor', 'toString', '\0', '\xff\xff', '\xfe\x80'])(
    'takes %j for an ordinary key',
    async (key) => {
      expect((await client.put(key, 'x')).code).toBe(0);
      const response = await client.get(key);
      expect(response.kvs).toMatchObject([{ key: bytes(key), value: bytes('x'), version: 1, createRevision: 2 }]);
      expect((await client.get('\0', { rangeEnd: bytes('\0') })).count).toBe(1);
    },
  );

  test('deletes with the previous values and counts', async () => {
    await client.put('a', '1');
    await client.put('b', '2');
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
    for (const key of ['a', 'b', 'c']) await client.put(key, value);
    const response = await client.get('a', { rangeEnd: bytes('z') });
    expect(response.kvs.map((kv) => [kv.value.length, kv.value.every((byte) => byte === 7)])).toEqual(
      [1, 2, 3].map(() => [1_000_000, true]),
    );
    expect(response.header?.revision).toBe(4);
  });

  test('runs a txn whose nested responses carry revisions of their own', async () => {
    const compare = [Compare.create({ key: bytes('a'), target: 1, createRevision: 0 })];
    const inner = TxnRequest.create({ success: [putOp('b')] });
    const answer = await client.txn({ compare, success: [putOp('a', '1'), RequestOp.create({ requestTxn: inner })] });
    const response = TxnResponse.decode(answer.message ?? empty);
    expect(response?.succeeded).toBe(true);
    expect(response?.header?.revision).toBe(2);
    expect(response?.responses[0]?.responsePut?.header).toEqual({ clusterId: 0n, memberId: 0n, revision: 2, raftTerm: 0 });
    expect(response?.responses[1]?.responseTxn).toMatchObject({ header: { revision: 0 }, succeeded: true });
  });

  test('compacts, and refuses what is compacted or in the future', async () => {
    await client.put('a');
    await client.put('a');
    const compact = (revision: number): Promise<GrpcAnswer> =>
      client.call('/etcdserverpb.KV/Compact', CompactionRequest.encode({ revision, physical: true }));
    expect((await compact(3)).code).toBe(0);
    expect(failed(await compact(3))).toEqual([11, 'etcdserver: mvcc: required revision has been compacted']);
    expect(failed(await compact(9))).toEqual([11, 'etcdserver: mvcc: required revision is a future revision']);
    expect(failed(await client.range('a', { revision: 2 }))).toEqual([
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
    expect(failed(await client.put(''))).toEqual([3, 'etcdserver: key is not provided']);
    expect(failed(await client.range(''))).toEqual([3, 'etcdserver: key is not provided']);
    expect(failed(await client.put('a', 'v', { ignoreValue: true }))).toEqual([3, 'etcdserver: value is provided']);
    expect(failed(await client.put('a', '', { ignoreValue: true }))).toEqual([3, 'etcdserver: key not found']);
    expect(failed(await client.put('a', 'v', { ignoreLease: true, lease: 1n }))).toEqual([3, 'etcdserver: lease is provided']);
    expect(failed(await client.put('a', 'v', { lease: 2n ** 62n }))).toEqual([5, 'etcdserver: requested lease not found']);
    expect(failed(await client.range('a', { sortOrder: 9 }))).toEqual([3, 'etcdserver: invalid sort option']);
    expect((await client.get('a')).header?.revision).toBe(1);
  });

  test('refuses a txn of 129 operations, an empty operation, and a key put twice', async () => {
    const many = Array.from({ length: 129 }, (_, i) => putOp(`k${i}`));
    expect(failed(await client.txn({ success: many }))).toEqual([3, 'etcdserver: too many operations in txn request']);
    expect((await client.txn({ success: many.slice(1) })).code).toBe(0);
    expect(failed(await client.txn({ failure: [RequestOp.create()] }))).toEqual([3, 'etcdserver: key not found']);
    expect(failed(await client.txn({ success: [putOp('a'), putOp('a')] }))).toEqual([
      3,
      'etcdserver: duplicate key given in txn request',
    ]);
  });

  test('takes nine nested txns and refuses two hundred', async () => {
    const nest = (depth: number): TxnRequest =>
      TxnRequest.create({ success: depth === 0 ? [putOp('deep')] : [RequestOp.create({ requestTxn: nest(depth - 1) })] });
    expect((await client.txn(nest(9))).code).toBe(0);
    expect(failed(await client.txn(nest(200)))).toEqual([3, 'etcdserver: too many operations in txn request']);
  });

  test('refuses requests above 1.5 MiB in etcd’s words, and messages above 2 MiB in gRPC’s', async () => {
    const two = new Uint8Array(2 * 1024 * 1024 - 100);
    expect(failed(await client.put('a', two))).toEqual([3, 'etcdserver: request is too large']);
    const three = await client.put('a', new Uint8Array(3 * 1024 * 1024));
    expect(three.code).toBe(8);
    expect(three.text).toMatch(/^grpc: received message larger than max \(31457\d\d vs\. 2097152\)$/);
    expect((await client.put('a', new Uint8Array(1_500_000))).code).toBe(0);
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
    expect((await client.put('still')).code).toBe(0);
  });

  test('takes a request that comes one byte at a time', async () => {
    const whole = frame(PutRequest.encode(PutRequest.create({ key: bytes('slow'), value: bytes('motion') })));
    const pieces = Array.from(whole, (byte) => Uint8Array.of(byte));
    expect((await client.send('/etcdserverpb.KV/Put', pieces)).code).toBe(0);
    expect((await client.get('slow')).kvs[0]?.value).toEqual(bytes('motion'));
  });

  test('does not look at the authority', async () => {
    const request = RangeRequest.encode(RangeRequest.create({ key: bytes('a') }));
    expect((await client.call('/etcdserverpb.KV/Range', request, { ':authority': 'not.this.host:1' })).code).toBe(0);
  });
});
