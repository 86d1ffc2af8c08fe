import { connect, type Socket } from 'node:net';
import { liveEnds, recorder, say, stillWorks, testLiveEnds, until } from '@quorate/link-testing';
import { afterEach, expect, test } from 'vitest';
import { tcpTransport } from '../src/index.ts';

const ends = liveEnds(tcpTransport);
const { start, pair } = ends;
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

testLiveEnds(tcpTransport, ends, {
  refused: /^E_UNREACHABLE: .*\(ECONNREFUSED\)\. Start the member there, or correct the address\..*127\.0\.0\.1/,
});

/** A stranger's socket on a member's port; resolves once the member closed it. */
function stranger(url: string, bytes: Uint8Array | string): { socket: Socket; gone: Promise<void> } {
  const socket = connect(Number(url.split(':').at(-1)), '127.0.0.1', () => void socket.write(bytes));
  sockets.push(socket);
  socket.on('error', () => {}).resume();
  return { socket, gone: new Promise((resolve) => socket.once('close', () => resolve())) };
}

test('carries a frame of the largest size, and frames while bulk waits', async () => {
  const [one, two] = await pair({ maxFrameBytes: 1_048_576, queueBytes: 32 * 1_048_576 });
  const link = two.seen.links.get(1) ?? 0;
  const bulk = new Uint8Array(1_048_576).fill(3);
  for (let i = 0; i < 20; i++) two.transport.send(link, 'bulk', [bulk]);
  two.transport.flush();
  expect(two.transport.queuedBytes(link)).toBeGreaterThan(1_048_576);
  say(two, 1, 'heartbeat', 'control');
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
