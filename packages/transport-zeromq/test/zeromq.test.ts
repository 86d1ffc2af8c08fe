import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { crc32, encodeText } from '@quorate/interface';
import { liveEnds, recorder, say, stillWorks, testLiveEnds, until } from '@quorate/link-testing';
import { frameKinds, type FrameKind } from '@quorate/links';
import { afterEach, expect, test } from 'vitest';
import { Dealer } from 'zeromq';
import { zeromqTransport } from '../src/index.ts';
import { layOut } from '../src/message.ts';

const tools = { crc32, allocate: (bytes: number): Uint8Array => new Uint8Array(bytes) };
const ends = liveEnds(zeromqTransport);
const { start, pair } = ends;
const sockets: Socket[] = [];
const dealers: Dealer[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const dealer of dealers.splice(0)) dealer.close();
});

testLiveEnds(zeromqTransport, ends, {
  refused: /^E_UNREACHABLE: no connection \(refused.*Start the member there, or correct the address\..*127\.0\.0\.1/,
});

/** A stranger's plain TCP connection; resolves once the member closed it. */
function plainStranger(url: string, bytes: Uint8Array | string): { gone: Promise<void> } {
  const socket = connect(Number(url.split(':').at(-1)), '127.0.0.1', () => void socket.write(bytes));
  sockets.push(socket);
  socket.on('error', () => {}).resume();
  return { gone: new Promise((resolve) => void socket.once('close', () => resolve())) };
}

test.each([
  ['to the end that dialled', 0],
  ['to the end that listens', 1],
])('carries frames of the largest size, and frames while bulk waits, %s', async (_name, place) => {
  const pairOfEnds = await pair({ maxFrameBytes: 1_048_576, queueBytes: 32 * 1_048_576 });
  const from = pairOfEnds[place === 0 ? 0 : 1];
  const to = pairOfEnds[place === 0 ? 1 : 0];
  const link = from.seen.links.get(to.seen.self) ?? 0;
  const bulk = new Uint8Array(1_048_576).fill(3);
  for (let i = 0; i < 20; i++) from.transport.send(link, 'bulk', [bulk]);
  from.transport.flush();
  expect(from.transport.queuedBytes(link)).toBeGreaterThan(1_048_576);
  say(from, to.seen.self, 'heartbeat', 'control');
  await until(() => to.seen.frames.length === 21);
  expect(to.seen.calls.indexOf('frame heartbeat')).toBeLessThan(5);
  expect(to.seen.frames.filter((frame) => frame.length === bulk.length)).toHaveLength(20);
});

test('listens on IPv6, and on a name', async () => {
  for (const [listen, expected] of [
    ['tcp://[::1]:0', /^tcp:\/\/\[::1\]:\d+$/],
    ['tcp://localhost:0', /^tcp:\/\/.+:\d+$/],
  ] as const) {
    const one = await start(recorder(1), { listen: [listen] });
    expect(one.url).toMatch(expected);
    const two = await start(recorder(2), { listen: [] });
    two.transport.setPeers([{ id: 1, urls: [one.url] }]);
    await until(() => one.seen.links.has(2));
  }
});

test.each([
  ['tcp://192.0.2.7:0', 'E_ADDRESS_UNAVAILABLE'],
  ['tcp://nobody.invalid:1', 'E_ADDRESS_UNKNOWN'],
])('says why it cannot listen at %s', async (url, code) => {
  const transport = zeromqTransport({ listen: [url] });
  expect(await new Promise((resolve) => transport.start(recorder(1), resolve))).toMatchObject({ code });
});

test('names a peer whose name is unknown, and one that does not speak ZeroMQ', async () => {
  const server = createServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const two = await start(recorder(2), { listen: [], connectTimeoutMs: 1_000 });
  two.transport.setPeers([
    { id: 1, urls: ['tcp://nobody.invalid:1'] },
    { id: 3, urls: [`tcp://127.0.0.1:${port}`] },
  ]);
  await until(() => two.seen.troubles.length >= 2);
  expect(two.seen.troubles.toSorted()).toEqual([
    expect.stringMatching(/^E_UNREACHABLE: no connection \((ENOTFOUND|EAI_AGAIN)\)/) as string,
    expect.stringMatching(/^E_UNREACHABLE: no connection \(what is there does not speak ZeroMQ\)/) as string,
  ]);
  server.close();
});

test('lives on with a peer URL that nobody can connect to', async () => {
  const two = await start(recorder(2), { listen: [] });
  two.transport.setPeers([{ id: 1, urls: ['tcp://127.0.0.1:0'] }]);
  await until(() => two.seen.troubles.length > 0);
  expect(two.seen.troubles[0]).toMatch(/^E_UNREACHABLE: no connection/);
});

test('closes a connection that does not begin as those of ZeroMQ, names it, and goes on (B-01)', async () => {
  const [one, two] = await pair({ connectTimeoutMs: 300 });
  await plainStranger(one.url, '').gone;
  // Ten bytes like the greeting of ZeroMQ, then nonsense.
  await plainStranger(one.url, Uint8Array.of(0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0, ...new Uint8Array(52).fill(0x41))).gone;
  await until(() => one.seen.troubles.length >= 1);
  expect(one.seen.troubles.join('\n')).toMatch(/E_(HANDSHAKE_TIMEOUT|PROTO_MAGIC): a connection did not/);
  await stillWorks(one, two);
});

test.each([
  ['an HTTP request (B-01)', `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n${'X-Long: header\r\n'.repeat(40)}\r\n`],
  ['a TLS hello (B-01)', Uint8Array.of(0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3, ...new Uint8Array(400))],
])('survives %s on its port', async (_name, bytes) => {
  const [one, two] = await pair();
  plainStranger(one.url, bytes);
  for (let i = 0; i < 5; i++) await stillWorks(one, two);
  expect(one.seen.calls.filter((call) => call.startsWith('down'))).toEqual([]);
});

test('cuts a ZeroMQ peer that sends more than any member may', async () => {
  const [one, two] = await pair({ maxFrameBytes: 1_024, queueBytes: 65_536 });
  const dealer = new Dealer({ linger: 0, reconnectInterval: -1 });
  dealers.push(dealer);
  let isCut = false;
  dealer.events.on('disconnect', () => {
    isCut = true;
  });
  dealer.connect(one.url);
  await dealer.send(Buffer.alloc(2_000_000));
  await until(() => isCut);
  await stillWorks(one, two);
});

test('reports a ZeroMQ peer that is a stranger', async () => {
  const [one, two] = await pair();
  const dealer = new Dealer({ linger: 0 });
  dealers.push(dealer);
  dealer.connect(one.url);
  await dealer.send(['several', 'parts']);
  await until(() => one.seen.troubles.length > 0);
  expect(one.seen.troubles[0]).toMatch(/^E_PROTO_MAGIC/);
  await stillWorks(one, two);
});

// A member of another process, as far as a link needs one: its messages are made up here.
const memberScript = `
  import { Dealer } from 'zeromq';
  const [url, hello, welcome] = process.argv.slice(1);
  const dealer = new Dealer();
  dealer.connect(url);
  await dealer.send(Buffer.from(hello, 'base64'));
  await dealer.receive();
  await dealer.send(Buffer.from(welcome, 'base64'));
  for (;;) await dealer.receive();
`;

function memberProcess(url: string, hello: string): ChildProcess {
  const message = (kind: FrameKind, payload: Uint8Array, position: number): Uint8Array =>
    layOut([{ kind, chunks: [payload], length: payload.length }], { position, acknowledged: 0 }, tools);
  const first = message(frameKinds.hello, encodeText(hello), 0);
  const second = message(frameKinds.welcome, Uint8Array.of(1), first.length);
  const bytes = [first, second].map((one) => Buffer.from(one).toString('base64'));
  return spawn(process.execPath, ['--input-type=module', '--eval', memberScript, url, ...bytes], {
    cwd: import.meta.dirname,
    stdio: 'ignore',
  });
}

test('notices a process that was killed long before the idle deadline, and links to its next life', async () => {
  const one = await start(recorder(1), { listen: ['tcp://127.0.0.1:0'], idleMs: 60_000 });
  for (const incarnation of [1, 2, 3]) {
    const child = memberProcess(one.url, `2 ${incarnation}`);
    await until(() => one.seen.links.has(2));
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    await until(() => !one.seen.links.has(2));
  }
  expect(one.seen.calls).toEqual(Array.from({ length: 3 }, () => ['up 2', 'down 2 closed by the other end']).flat());
  expect(one.seen.troubles).toEqual([]);
});

test('gives its port back when it closes, every time', async () => {
  const first = await start(recorder(1));
  const { url } = first;
  await new Promise<void>((resolve) => first.transport.close(resolve));
  for (let i = 0; i < 10; i++) {
    const again = await start(recorder(1), { listen: [url] });
    expect(again.url).toBe(url);
    await new Promise<void>((resolve) => again.transport.close(resolve));
  }
});
