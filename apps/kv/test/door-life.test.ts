import {
  HealthCheckResponse,
  MemberListRequest,
  MemberListResponse,
  PutRequest,
  RangeRequest,
  RequestOp,
  StatusResponse,
} from '@quorate/codec-protobuf/etcd';
import { ConsensusError, encodeText } from '@quorate/interface';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { frame, GrpcClient } from './fixtures/grpc-client.ts';
import { bytes, failed, KvClient } from './fixtures/kv-client.ts';
import { nodeRpcServer } from '../src/etcd/node-rpc-server.ts';
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

describe('without a leader', () => {
  test('a write waits until one is found', async () => {
    door.replica.leading = false;
    const answer = client.put('a');
    await expect.poll(() => door.replica['waiting'].length).toBe(1);
    door.replica.leading = true;
    expect((await answer).code).toBe(0);
  });

  test('a request ends with etcd’s timeout, or with the client’s own deadline', async () => {
    door.replica.leading = false;
    expect(failed(await client.put('a'))).toEqual([14, 'etcdserver: request timed out']);
    const request = RangeRequest.encode(RangeRequest.create({ key: bytes('a') }));
    const answer = await client.call('/etcdserverpb.KV/Range', request, { 'grpc-timeout': '50m' });
    expect(failed(answer)).toEqual([4, 'context deadline exceeded']);
    expect((await client.get('a', { serializable: true })).count).toBe(0);
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
    expect((await client.txn({ success: [range(true)] })).code).toBe(0);
    expect((await client.txn({ success: [range(true), range(false)] })).code).toBe(14);
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
  expect(failed(await client.put('a'))).toEqual([expected, text]);
});

describe('the services beside KV', () => {
  test('Status tells sizes, leader and indexes', async () => {
    await client.put('a', 'x'.repeat(100));
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
    expect((await client.get('a')).header?.revision).toBe(1);
  });

  test('health answers SERVING for the whole server', async () => {
    const answer = await client.call('/grpc.health.v1.Health/Check', empty);
    expect(HealthCheckResponse.decode(answer.message ?? empty)).toEqual({ status: 1 });
    const other = await client.call('/grpc.health.v1.Health/Check', Uint8Array.of(0x0a, 1, 0x78));
    expect(failed(other)).toEqual([5, 'unknown service']);
  });

  test('every call is observed once, with its code', async () => {
    await client.put('a');
    await client.put('');
    await client.send('/etcdserverpb.KV/Put', []);
    const puts = door.observed.filter((call) => call.path.endsWith('/Put')).map((call) => call.code);
    expect(puts).toEqual([0, 3, 13]);
  });
});

test('many calls on one connection are each answered with their own', async () => {
  const answers = await Promise.all(
    Array.from({ length: 300 }, async (_, i) => {
      await client.put(`k${i}`, `v${i}`);
      return client.get(`k${i}`);
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
  expect((await client.put('here')).code).toBe(0);
});

test('closing answers the calls that run, and takes no more', async () => {
  door.replica.leading = false;
  const running = client.put('a');
  await expect.poll(() => door.replica['waiting'].length).toBe(1);
  const closed = door.door.close(performance.now() + 5000);
  door.replica.leading = true;
  expect((await running).code).toBe(0);
  await closed;
  const late = new GrpcClient(door.endpoint);
  expect((await late.call('/etcdserverpb.KV/Put', empty)).code).toBe(-1);
  late.close();
});

test('requests that never end cannot fill the memory', async () => {
  const server = nodeRpcServer({
    host: door.host,
    limits: { maxMessageBytes: 1000, maxConcurrentCalls: 10, maxIncompleteBytes: 250 },
  });
  server.start((calls) => server.complete(calls));
  const port = createServer((socket) => server.adopt(socket));
  await new Promise<void>((resolve) => {
    port.listen(0, '127.0.0.1', resolve);
  });
  const other = new GrpcClient(`127.0.0.1:${(port.address() as AddressInfo).port}`);
  const slow = [1, 2, 3].map(() => other.open('/etcdserverpb.KV/Put', [frame(new Uint8Array(100), 0, 900)]));
  expect(failed(await Promise.race(slow.map((each) => each.answer)))).toEqual([8, 'etcdserver: too many requests']);
  for (const each of slow) each.end();
  const codes = await Promise.all(slow.map(async (each) => (await each.answer).code));
  expect(codes.toSorted((x, y) => x - y)).toEqual([8, 13, 13]);
  other.close();
  server.destroy();
  port.close();
});
