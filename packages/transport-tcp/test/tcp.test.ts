import { connect, createServer, type Socket } from 'node:net';
import { encodeText, type Lane, type LinkId } from '@quorate/interface';
import { afterEach, expect, test, vi } from 'vitest';
import { tcpTransport, type TcpOptions, type TcpTransport } from '../src/index.ts';
import { recorder, type Recorder } from './member.ts';

const opened: TcpTransport[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(opened.splice(0).map((transport) => new Promise<void>((resolve) => transport.close(resolve))));
});

const until = (condition: () => boolean): Promise<void> =>
  vi.waitFor(
    () => {
      if (!condition()) throw new Error('not yet');
    },
    { timeout: 5_000, interval: 2 },
  );

interface End {
  readonly transport: TcpTransport;
  readonly seen: Recorder;
  readonly url: string;
}

async function start(seen: Recorder, options: Partial<TcpOptions> = { listen: ['tcp://127.0.0.1:0'] }): Promise<End> {
  const transport = tcpTransport(options);
  opened.push(transport);
  await new Promise<void>((resolve, reject) =>
    transport.start(seen, (failure) => (failure ? reject(new Error(failure.text)) : resolve())),
  );
  return { transport, seen, url: transport.addresses[0] ?? '' };
}

async function pair(options: Partial<TcpOptions> = {}): Promise<readonly [End, End]> {
  const one = await start(recorder(1), { listen: ['tcp://127.0.0.1:0'], ...options });
  const two = await start(recorder(2), { listen: ['tcp://127.0.0.1:0'], ...options });
  two.transport.setPeers([{ id: 1, urls: [one.url] }]);
  await until(() => one.seen.links.has(2) && two.seen.links.has(1));
  return [one, two];
}

const linkTo = (end: End, peer: number): LinkId => end.seen.links.get(peer) ?? 0;

function say(end: End, peer: number, text: string, lane: Lane = 'log'): boolean {
  return end.transport.send(linkTo(end, peer), lane, [encodeText(text)]);
}

/** A stranger's socket on a member's port; resolves once the member closed it. */
function stranger(url: string, bytes: Uint8Array | string): { socket: Socket; gone: Promise<void> } {
  const socket = connect(Number(url.split(':').at(-1)), '127.0.0.1', () => void socket.write(bytes));
  sockets.push(socket);
  socket.on('error', () => {}).resume();
  return { socket, gone: new Promise((resolve) => socket.once('close', () => resolve())) };
}

async function stillWorks(one: End, two: End): Promise<void> {
  const before = one.seen.frames.length;
  expect(say(two, 1, 'still here')).toBe(true);
  two.transport.flush();
  await until(() => one.seen.frames.length === before + 1);
}

test('carries a frame of the largest size, and frames while bulk waits', async () => {
  const [one, two] = await pair({ maxFrameBytes: 1_048_576, queueBytes: 32 * 1_048_576 });
  const bulk = new Uint8Array(1_048_576).fill(3);
  for (let i = 0; i < 20; i++) two.transport.send(linkTo(two, 1), 'bulk', [bulk]);
  two.transport.flush();
  expect(two.transport.queuedBytes(linkTo(two, 1))).toBeGreaterThan(1_048_576);
  say(two, 1, 'heartbeat', 'control');
  two.transport.flush();
  await until(() => one.seen.frames.length === 21);
  expect(one.seen.calls.indexOf('frame heartbeat')).toBeLessThan(20);
  expect(one.seen.frames.filter((frame) => frame.length === bulk.length)).toHaveLength(20);
});

test('listens on IPv6', async () => {
  const one = await start(recorder(1), { listen: ['tcp://[::1]:0'] });
  expect(one.url).toMatch(/^tcp:\/\/\[::1\]:\d+$/);
  const two = await start(recorder(2), { listen: [] });
  two.transport.setPeers([{ id: 1, urls: [one.url] }]);
  await until(() => one.seen.links.has(2));
});

test('says which address is taken, and leaves no other port open', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const transport = tcpTransport({ listen: ['tcp://127.0.0.1:0', `tcp://127.0.0.1:${port}`] });
  const failure = await new Promise((resolve) => transport.start(recorder(1), resolve));
  expect(failure).toMatchObject({ code: 'E_ADDRESS_IN_USE', text: expect.stringContaining(`tcp://127.0.0.1:${port}`) as string });
  expect(transport.addresses).toEqual([]);
  await new Promise<void>((resolve) => void server.close(() => resolve()));
});

test('rejects options that are out of range, all of them at once', () => {
  const options = { listen: ['http://x', 'tcp://host:70000'], idleMs: 0, maxFrameBytes: Number.NaN };
  expect(() => tcpTransport(options)).toThrow(/E_USAGE.*http:\/\/x.*tcp:\/\/host:70000.*maxFrameBytes.*idleMs/);
});

test('names a peer that cannot be reached, once, and links up as soon as it listens', async () => {
  const probe = await start(recorder(9));
  const { url } = probe;
  await new Promise<void>((resolve) => probe.transport.close(resolve));
  const two = await start(recorder(2), { listen: [], reconnectMinMs: 1, reconnectMaxMs: 5 });
  two.transport.setPeers([{ id: 1, urls: [url] }]);
  await until(() => two.seen.troubles.length > 0);
  const one = await start(recorder(1), { listen: [url] });
  await until(() => one.seen.links.has(2));
  expect(two.seen.troubles).toEqual([
    expect.stringMatching(
      /^E_UNREACHABLE: .*\(ECONNREFUSED\)\. Start the member there, or correct the address\..*127\.0\.0\.1/,
    ) as string,
  ]);
});

test('tells a refused peer why, at both ends', async () => {
  const one = await start(recorder(1, { refuse: () => 'E_CLUSTER_ID: another cluster' }));
  const two = await start(recorder(2), { listen: [] });
  two.transport.setPeers([{ id: 1, urls: [one.url] }]);
  await until(() => one.seen.troubles.length > 0 && two.seen.troubles.length > 0);
  expect(one.seen.troubles[0]).toMatch(/^E_CLUSTER_ID: another cluster/);
  expect(two.seen.troubles[0]).toMatch(/^E_CLUSTER_ID: another cluster \(refused by the other end\)/);
  expect([...one.seen.calls, ...two.seen.calls]).toEqual([]);
});

test('does not take one member for another', async () => {
  const one = await start(recorder(1));
  const two = await start(recorder(2), { listen: [] });
  two.transport.setPeers([{ id: 3, urls: [one.url] }]);
  await until(() => two.seen.troubles.length > 0);
  expect(two.seen.troubles[0]).toMatch(/^E_PEER_ID: .*got=1, allowed=3/);
});

const header = (bytes: readonly number[]): Uint8Array => Uint8Array.from([0x51, 0x72, 1, 4, ...bytes]);

test.each([
  ['an HTTP request (B-01)', 'GET / HTTP/1.1\r\n\r\n', /^E_PROTO_MAGIC: .*HTTP/],
  ['an HTTP/2 preface (B-01)', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', /^E_PROTO_MAGIC: .*HTTP/],
  ['a TLS hello (B-01)', Uint8Array.of(0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3), /^E_PROTO_MAGIC: .*TLS/],
  ['random bytes', Uint8Array.of(9, 8, 7, 6, 5), /^E_PROTO_MAGIC: .*got=09 08 07 06/],
  ['a frame of length 0 (B-03)', header([0, 0, 0, 0, 0, 0, 0, 0]), /^E_FRAME_SIZE: .*got=0, allowed=1 to 65536\)\. Check/],
  ['a frame of length 2^31 (B-03)', header([0, 0, 0, 128, 0, 0, 0, 0]), /^E_FRAME_SIZE: .*got=2147483648/],
  ['a frame of length 2^32 − 1 (B-03)', header([255, 255, 255, 255, 0, 0, 0, 0]), /^E_FRAME_SIZE: .*got=4294967295/],
  ['a wrong checksum (B-05)', header([1, 0, 0, 0, 0, 0, 0, 0, 65]), /^E_FRAME_CRC/],
  ['a wire version of the future', Uint8Array.of(0x51, 0x72, 2, 4, 0, 0), /^E_VERSION: .*got=2, allowed=1/],
])('closes a connection that sends %s, names it, and goes on', async (_name, bytes, expected) => {
  const [one, two] = await pair();
  await stranger(one.url, bytes).gone;
  await until(() => one.seen.troubles.length === 1);
  expect(one.seen.troubles[0]).toMatch(expected);
  await stillWorks(one, two);
});

test('names a connection that ends within a frame (B-04)', async () => {
  const [one, two] = await pair();
  const { socket } = stranger(one.url, header([9, 0, 0, 0, 0, 0, 0, 0, 1]));
  socket.once('connect', () => void socket.end());
  await until(() => one.seen.troubles.length === 1);
  expect(one.seen.troubles[0]).toMatch(/^E_FRAME_EOF: .*got=13, announced=21/);
  await stillWorks(one, two);
});

test('gives silent connections a deadline, and admits members meanwhile (B-08)', async () => {
  const one = await start(recorder(1), { listen: ['tcp://127.0.0.1:0'], connectTimeoutMs: 300, maxInbound: 50 });
  const silent = Array.from({ length: 60 }, () => stranger(one.url, ''));
  const two = await start(recorder(2), { listen: [] });
  two.transport.setPeers([{ id: 1, urls: [one.url] }]);
  await until(() => one.seen.links.has(2));
  await Promise.all(silent.map(({ gone }) => gone));
  await stillWorks(one, two);
  expect(one.seen.troubles.some((text) => text.startsWith('E_TOO_MANY_CONNECTIONS'))).toBe(true);
  expect(one.seen.troubles.some((text) => /^E_HANDSHAKE_TIMEOUT: .+\. Check that a member/u.test(text))).toBe(true);
});
