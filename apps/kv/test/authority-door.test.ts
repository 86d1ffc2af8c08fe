import { PutRequest, RangeRequest, RangeResponse } from '@quorate/codec-protobuf/etcd';
import { createServer as createHttp2Server } from 'node:http2';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { authorityFilter } from '../src/etcd/authority-filter.ts';
import { FilteredSocket } from '../src/etcd/filtered-socket.ts';
import { openHttp2 } from '../src/etcd/http2-opening.ts';
import { frame, GrpcClient } from './fixtures/grpc-client.ts';
import { bytes } from './fixtures/kv-client.ts';
import { clientHello, HpackEncoder, http2Frame, RawHttp2Client } from './fixtures/raw-http2.ts';
import { openTestDoor, type TestDoor } from './fixtures/test-door.ts';

const url = 'http://127.0.0.1:2379';
const put = frame(PutRequest.encode(PutRequest.create({ key: bytes('k'), value: bytes('v') })));
const range = frame(RangeRequest.encode(RangeRequest.create({ key: bytes('k') })));

const fields = (authority: string, path: string, timeout = '1S'): [string, string][] => [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', path],
  [':authority', authority],
  ['content-type', 'application/grpc'],
  ['grpc-timeout', timeout],
];

let door: TestDoor;
let client: RawHttp2Client;

beforeEach(async () => {
  door = await openTestDoor();
  client = new RawHttp2Client(door.endpoint);
});

afterEach(async () => {
  client.socket.destroy();
  await door.door.close(performance.now() + 1000);
});

// How often the key was put, as the range on this stream tells.
const versionOn = (stream: number): number | undefined =>
  RangeResponse.decode(client.data.get(stream)?.subarray(5) ?? new Uint8Array(0))?.kvs[0]?.version;

describe('the door serves a client whose :authority is', () => {
  test.each([url, '#initially=[http://127.0.0.1:2379]', '127.0.0.1:2379', 'localhost', '[::1]:2379'])(
    '%j, where it waits for the server’s SETTINGS',
    async (authority) => {
      const encoder = new HpackEncoder();
      client.socket.write(clientHello);
      await expect.poll(() => client.settings).toBeGreaterThan(0);
      client.call(1, encoder.encode(fields(authority, '/etcdserverpb.KV/Put')), put);
      await expect.poll(() => client.ended).toEqual([1]);
      client.call(3, encoder.encode(fields(authority, '/etcdserverpb.KV/Range')), range);
      await expect.poll(() => client.ended).toEqual([1, 3]);
      expect(client.reset).toEqual([]);
      expect(versionOn(3)).toBe(1);
    },
  );

  test.each([url, '127.0.0.1:2379'])('%j, where it calls at once', async (authority) => {
    const block = new HpackEncoder().encode(fields(authority, '/etcdserverpb.KV/Put'));
    client.socket.write(Buffer.concat([clientHello, http2Frame(1, 4, 1, block), http2Frame(0, 1, 1, put)]));
    await expect.poll(() => client.ended).toEqual([1]);
    expect(client.reset).toEqual([]);
  });

  test.each([url, '127.0.0.1:2379'])('%j, where every byte comes alone', async (authority) => {
    const block = new HpackEncoder().encode(fields(authority, '/etcdserverpb.KV/Put'));
    const sent = Buffer.concat([clientHello, http2Frame(1, 4, 1, block), http2Frame(0, 1, 1, put)]);
    client.acknowledging = false;
    for (const byte of sent) {
      client.socket.write(Uint8Array.of(byte));
      await new Promise(setImmediate);
    }
    await expect.poll(() => client.settings).toBe(1);
    client.acknowledging = true;
    client.acknowledge();
    await expect.poll(() => client.ended).toEqual([1]);
    expect(client.reset).toEqual([]);
  });

  test(
    'one that is refused, over a thousand calls that evict it from the tables again and again',
    { timeout: 60_000 },
    async () => {
      const encoder = new HpackEncoder();
      client.socket.write(clientHello);
      await expect.poll(() => client.settings).toBeGreaterThan(0);
      for (let i = 0; i < 1000; i++)
        client.call(2 * i + 1, encoder.encode(fields(url, '/etcdserverpb.KV/Put', `${100_000 + i}m`)), put);
      await expect.poll(() => client.ended.length, { timeout: 30_000 }).toBe(1000);
      expect(client.reset).toEqual([]);
      expect(encoder.authorities).toBeGreaterThan(10);
      client.call(2001, encoder.encode(fields(url, '/etcdserverpb.KV/Range')), range);
      await expect.poll(() => client.ended.length).toBe(1001);
      expect(versionOn(2001)).toBe(1000);
    },
  );
});

test('a filtered connection decodes to what was encoded, through evictions', async () => {
  const seen: string[] = [];
  const http2 = createHttp2Server();
  http2.on('stream', (stream, headers) => {
    seen.push(`${headers[':authority']} ${headers[':path']} ${String(headers['grpc-timeout'])} ${headers['content-type']}`);
    stream.respond({ ':status': 200 }, { endStream: true });
  });
  const server = createServer((socket) => http2.emit('connection', new FilteredSocket(socket, authorityFilter())));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const raw = new RawHttp2Client(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  const encoder = new HpackEncoder();
  raw.socket.write(clientHello);
  for (let i = 0; i < 1000; i++) {
    raw.call(2 * i + 1, encoder.encode(fields(i % 3 === 0 ? url : '#initially', `/a/${i % 7}`, `${i}m`)), put);
    if (i % 50 === 49) await expect.poll(() => raw.ended.length).toBe(i + 1);
  }
  const letters = (i: number): string => 'a'.repeat(i % 3 === 0 ? 15 : 8);
  expect(seen).toEqual(Array.from({ length: 1000 }, (_, i) => `${letters(i)} /a/${i % 7} ${i}m application/grpc`));
  raw.socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

test('a filtered connection holds back either side that is faster than the other', async () => {
  const sent = Buffer.alloc(16 << 20, 'quorate');
  let echo: FilteredSocket | undefined;
  const inner: Socket[] = [];
  const server = createServer((socket) => {
    inner.push(socket);
    echo = new FilteredSocket(socket, () => undefined);
    echo.pipe(echo);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const slow = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const received: Buffer[] = [];
  slow.on('data', (piece) => received.push(piece));
  slow.pause();
  slow.write(sent);
  await expect.poll(() => [echo?.writableNeedDrain, inner.map((socket) => socket.isPaused())]).toEqual([true, [true]]);
  expect((inner[0]?.writableLength ?? 0) + (echo?.writableLength ?? 0)).toBeLessThan(1 << 20);
  slow.resume();
  await expect.poll(() => received.reduce((sum, piece) => sum + piece.length, 0), { timeout: 10_000 }).toBe(sent.length);
  expect(Buffer.concat(received).equals(sent)).toBe(true);
  slow.end();
  await expect.poll(() => echo?.destroyed).toBe(true);
  await new Promise((resolve) => server.close(resolve));
});

describe('which way a connection goes', () => {
  const choose = async (sent: Uint8Array, patienceMs = 10_000): Promise<{ adopted: object[]; raw: RawHttp2Client }> => {
    const adopted: object[] = [];
    const server = createServer((socket) => openHttp2(socket, { adopt: (taken) => adopted.push(taken), patienceMs }));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const raw = new RawHttp2Client(`127.0.0.1:${(server.address() as AddressInfo).port}`);
    raw.socket.write(sent);
    raw.socket.once('connect', () => server.close());
    return { adopted, raw };
  };

  test.each([
    ['127.0.0.1:2379', false],
    ['etcd-0.etcd.svc:2379', false],
    [url, true],
    ['#initially=[x]', true],
  ])('%j: past the filter is %j', async (authority, filter) => {
    const block = new HpackEncoder().encode(fields(authority, '/x'));
    const { adopted, raw } = await choose(Buffer.concat([clientHello, http2Frame(1, 4, 1, block)]));
    await expect.poll(() => adopted.length).toBe(1);
    expect(adopted[0] instanceof FilteredSocket).toBe(filter);
    raw.socket.destroy();
  });

  test('a client that pings ahead of its first call is not kept waiting', async () => {
    const { adopted, raw } = await choose(Buffer.concat([clientHello, http2Frame(6, 0, 0, Buffer.alloc(8))]));
    await expect.poll(() => adopted.length).toBe(1);
    raw.socket.destroy();
  });

  test('a client that never acknowledges is ended', async () => {
    const silent = await choose(clientHello.subarray(0, 30), 20);
    await expect.poll(() => silent.raw.closed).toBe(true);
    expect(silent.adopted).toEqual([]);
  });

  test('a client that sends more than it may before its first call is ended', async () => {
    const { adopted, raw } = await choose(
      Buffer.concat([clientHello, ...Array.from({ length: 90 }, () => http2Frame(4, 0, 0, Buffer.alloc(12_000)))]),
    );
    await expect.poll(() => raw.closed).toBe(true);
    expect(adopted).toEqual([]);
  });
});

test('a filtered connection that breaks takes nothing else along', async () => {
  const encoder = new HpackEncoder();
  client.socket.write(clientHello);
  await expect.poll(() => client.settings).toBeGreaterThan(0);
  client.call(1, encoder.encode(fields(url, '/etcdserverpb.KV/Put')), put);
  await expect.poll(() => client.ended).toEqual([1]);
  client.call(3, encoder.encode(fields(url, '/etcdserverpb.KV/Put')), put);
  client.socket.resetAndDestroy();
  const other = new GrpcClient(door.endpoint);
  expect((await other.call('/etcdserverpb.KV/Range', range.subarray(5))).code).toBe(0);
  other.close();
});

test('a door that closes ends filtered connections, and those that have not called yet', async () => {
  const waiting = new RawHttp2Client(door.endpoint);
  waiting.socket.write(clientHello);
  client.socket.write(clientHello);
  await expect.poll(() => client.settings + waiting.settings).toBe(2);
  client.call(1, new HpackEncoder().encode(fields(url, '/etcdserverpb.KV/Put')), put);
  await expect.poll(() => client.ended).toEqual([1]);
  await door.door.close(performance.now() + 5000);
  await expect.poll(() => client.closed && waiting.closed).toBe(true);
});
