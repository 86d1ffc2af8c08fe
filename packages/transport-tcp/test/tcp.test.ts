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
  vi.waitFor(() => {
    if (!condition()) throw new Error('not yet');
  }, { timeout: 5_000, interval: 2 });

interface End {
  readonly transport: TcpTransport;
  readonly seen: Recorder;
  readonly url: string;
}

async function start(seen: Recorder, options: Partial<TcpOptions> = { listen: ['tcp://127.0.0.1:0'] }): Promise<End> {
  const transport = tcpTransport(options);
  opened.push(transport);
  await new Promise<void>((resolve, reject) => transport.start(seen, (failure) => (failure ? reject(new Error(failure.text)) : resolve())));
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

test('carries frames both ways, in order, and only after the link was announced', async () => {
  const [one, two] = await pair();
  for (let i = 0; i < 100; i++) say(two, 1, `to one ${i}`);
  two.transport.flush();
  say(one, 2, 'to two');
  one.transport.flush();
  await until(() => one.seen.frames.length === 100 && two.seen.frames.length === 1);
  expect(one.seen.calls).toEqual(['up 2', ...Array.from({ length: 100 }, (_, i) => `frame to one ${i}`)]);
  expect(two.seen.calls).toEqual(['up 1', 'frame to two']);
});
