import { encodeText } from '@quorate/interface';
import { array, assert, boolean, integer, property, tuple, uint8Array } from 'fast-check';
import { expect, test } from 'vitest';
import { layOut } from '../src/frame-batch.ts';
import type { FrameKind } from '../src/frame-format.ts';
import { linkTransport, type TcpTransport } from '../src/link-transport.ts';
import type { TcpOptions } from '../src/options.ts';
import { FakeNetwork } from './fake-network.ts';
import { recorder, type Recorder } from './member.ts';

interface End {
  readonly transport: TcpTransport;
  readonly seen: Recorder;
}

const urlOf = (id: number): string => `tcp://10.0.0.${id}:2380`;

function start(network: FakeNetwork, seen: Recorder, options: Partial<TcpOptions> = {}): End {
  const transport = linkTransport(network, { listen: seen.self === 0 ? [] : [urlOf(seen.self)], ...options });
  transport.start(seen, (failure) => expect(failure).toBeUndefined());
  network.run();
  return { transport, seen };
}

function dial(from: End, to: number): void {
  from.transport.setPeers([{ id: to, urls: [urlOf(to)] }]);
}

function linked(options: Partial<TcpOptions> = {}): { network: FakeNetwork; one: End; two: End } {
  const network = new FakeNetwork();
  const one = start(network, recorder(1), options);
  const two = start(network, recorder(2), options);
  dial(two, 1);
  network.run();
  expect(one.seen.calls).toEqual(['up 2']);
  return { network, one, two };
}

function send(from: End, to: number, text: string, lane: 'control' | 'log' | 'bulk' = 'log'): boolean {
  return from.transport.send(from.seen.links.get(to) ?? 0, lane, [encodeText(text)]);
}

test('writes once per link and turn, however many frames', () => {
  const { network, two } = linked();
  const before = network.writes.length;
  for (let i = 0; i < 50; i++) send(two, 1, `frame ${i}`);
  two.transport.flush();
  two.transport.flush();
  expect(network.writes.length - before).toBe(1);
});

test('puts control ahead of log ahead of bulk in a turn', () => {
  const { network, one, two } = linked();
  send(two, 1, 'bulk', 'bulk');
  send(two, 1, 'log', 'log');
  send(two, 1, 'control', 'control');
  two.transport.flush();
  network.run();
  expect(one.seen.calls.slice(1)).toEqual(['frame control', 'frame log', 'frame bulk']);
});

test('counts what the kernel has not taken, and says when a long queue is short again', () => {
  const { network, one, two } = linked({ queueBytes: 8_192, maxFrameBytes: 8_192 });
  network.kernelBytes = 100;
  const link = two.seen.links.get(1) ?? 0;
  two.transport.send(link, 'log', [new Uint8Array(3_000)]);
  two.transport.send(link, 'log', [new Uint8Array(3_000)]);
  expect(two.transport.queuedBytes(link)).toBe(6_024);
  two.transport.flush();
  expect(two.transport.queuedBytes(link)).toBe(5_924);
  expect(two.seen.calls).toEqual(['up 1']);
  network.run();
  expect(two.transport.queuedBytes(link)).toBe(0);
  expect(two.seen.calls).toEqual(['up 1', 'drained']);
  expect(one.seen.frames).toHaveLength(2);
});

test('pings an idle link, so that it lives', () => {
  const { network, one, two } = linked({ idleMs: 300 });
  network.pass(2_000);
  expect([...one.seen.calls, ...two.seen.calls]).toEqual(['up 2', 'up 1']);
});

test.each(['dialled', 'accepted'] as const)('ends a link whose %s end is no longer heard, at both ends', (side) => {
  const { network, one, two } = linked({ idleMs: 300 });
  network.silent = side;
  network.pass(500);
  expect(one.seen.calls[1]).toMatch(/^down 2/);
  expect(two.seen.calls[1]).toMatch(/^down 1/);
  expect([...one.seen.troubles, ...two.seen.troubles][0]).toMatch(/^E_IDLE: nothing came .+\. It hangs, or/);
});

test('blames nobody for the time that this process slept itself', () => {
  const { network, one, two } = linked({ idleMs: 300 });
  network.sleep(10_000);
  network.pass(200);
  expect([...one.seen.calls, ...two.seen.calls]).toEqual(['up 2', 'up 1']);
});

test('backs off with doubling pauses while a peer cannot be reached, and reports it now and then', () => {
  const network = new FakeNetwork();
  const two = start(network, recorder(2), { reconnectMinMs: 100, reconnectMaxMs: 800 });
  dial(two, 1);
  const times: number[] = [];
  for (let ms = 0; ms < 3_000; ms++) {
    const before = network.dials.length;
    network.pass(1);
    if (network.dials.length > before) times.push(ms);
  }
  const pauses = times.slice(1).map((time, i) => time - (times[i] ?? 0));
  expect(pauses).toEqual([150, 300, 600, 600, 600, 600]);
  expect(two.seen.troubles).toHaveLength(1);
  network.pass(10_000);
  expect(two.seen.troubles[1]).toMatch(/^E_UNREACHABLE: .*\(\d+ more like this/);
});

test('tries the other URLs of a peer in turn', () => {
  const network = new FakeNetwork();
  const one = start(network, recorder(1));
  const two = start(network, recorder(2));
  two.transport.setPeers([{ id: 1, urls: ['tcp://10.9.9.9:1', 'nonsense', urlOf(1)] }]);
  network.pass(500);
  expect(one.seen.calls).toEqual(['up 2']);
  expect(two.seen.troubles).toEqual([
    expect.stringMatching(/^E_UNREACHABLE/) as string,
    expect.stringMatching(/^E_PEER_URL: .*"nonsense"/) as string,
  ]);
});

test('lets the newer life of a peer take the place of the older one, whose end comes first', () => {
  const network = new FakeNetwork();
  const one = start(network, recorder(1));
  const two = start(network, recorder(2, { incarnation: 5 }));
  dial(two, 1);
  network.run();
  // The old process is gone without a word; the new one has the same id.
  const again = linkTransport(network, {});
  again.start(recorder(2, { incarnation: 6 }), () => {});
  network.run();
  again.setPeers([{ id: 1, urls: [urlOf(1)] }]);
  network.run();
  expect(one.seen.calls).toEqual(['up 2', expect.stringMatching(/^down 2 E_SUPERSEDED/) as string, 'up 2']);
  expect(one.seen.troubles).toEqual([]);
});

test('does not let an older life of a peer take the place of the newer one (F-N9)', () => {
  const network = new FakeNetwork();
  const one = start(network, recorder(1));
  const two = start(network, recorder(2, { incarnation: 6 }));
  dial(two, 1);
  network.run();
  const old = linkTransport(network, {});
  const seen = recorder(2, { incarnation: 5 });
  old.start(seen, () => {});
  network.run();
  old.setPeers([{ id: 1, urls: [urlOf(1)] }]);
  network.run();
  expect(one.seen.calls).toEqual(['up 2']);
});

test('keeps the link that the higher id dialled where two meet, and both ends agree', () => {
  const network = new FakeNetwork();
  const one = start(network, recorder(1));
  const two = start(network, recorder(2));
  dial(one, 2);
  dial(two, 1);
  network.run();
  for (const { calls } of [one.seen, two.seen]) {
    expect(calls.filter((call) => call.startsWith('up')).length - calls.filter((call) => call.startsWith('down')).length).toBe(1);
  }
  send(one, 2, 'a');
  one.transport.flush();
  send(two, 1, 'b');
  two.transport.flush();
  network.run();
  expect(one.seen.frames).toHaveLength(1);
  expect(two.seen.frames).toHaveLength(1);
  network.pass(5_000);
  expect(network.dials.length).toBe(2);
  expect(network.openDials()).toEqual([urlOf(1)]);
});

test('keeps the link of a peer that only moved', () => {
  const { network, one, two } = linked();
  two.transport.setPeers([{ id: 1, urls: ['tcp://10.7.7.7:1'] }]);
  network.pass(2_000);
  expect([...one.seen.calls, ...two.seen.calls]).toEqual(['up 2', 'up 1']);
});

test('ends a connection that sends frames before it was admitted', () => {
  const network = new FakeNetwork();
  const one = start(network, recorder(1));
  const socket = network.dial({ host: '10.0.0.1', port: 2380 }, { opened() {}, data() {}, written() {}, closed() {} });
  network.run();
  socket.write([Uint8Array.of(0x51, 0x72, 1, 2, 1, 0, 0, 0, 0x8b, 0x9e, 0xd9, 0xd3, 65)]);
  network.run();
  expect(one.seen.troubles[0]).toMatch(/^E_FRAME_KIND: a frame of kind 2 does not belong here \(state hello\)\. Upgrade/);
});

test.each(['accepted', 'dialled'] as const)('ends a connection that is %s and stays silent, at its deadline (F-N11)', (side) => {
  const network = new FakeNetwork();
  const one = start(network, recorder(1), { connectTimeoutMs: 400 });
  let closed = false;
  const stranger = { opened() {}, data() {}, written() {}, closed: () => void (closed = true) };
  if (side === 'accepted') network.dial({ host: '10.0.0.1', port: 2380 }, stranger);
  else
    network.listen(
      { host: '10.0.0.2', port: 2380 },
      () => stranger,
      () => {},
    );
  network.run();
  if (side === 'dialled') dial(one, 2);
  network.pass(350);
  expect([closed, one.seen.troubles]).toEqual([false, []]);
  network.pass(200);
  expect(closed).toBe(true);
  expect(one.seen.troubles[0]).toMatch(/^E_HANDSHAKE_TIMEOUT: no link after 400 ms \(state hello\)\. Check/);
});

test('says nothing of a stranger that resets its connection, and goes on', () => {
  const { network, one, two } = linked();
  const socket = network.dial({ host: '10.0.0.1', port: 2380 }, { opened() {}, data() {}, written() {}, closed() {} });
  network.run();
  socket.write([Uint8Array.of(0x51, 0x72, 1)]);
  socket.destroy();
  network.run();
  expect(one.seen.troubles).toEqual([]);
  expect([...one.seen.calls, ...two.seen.calls]).toEqual(['up 2', 'up 1']);
});

test('survives any sequence of well-formed frames from a stranger, and keeps its links (B-06)', () => {
  const frames = array(tuple(integer({ min: 0, max: 10 }), uint8Array({ minLength: 1, maxLength: 12 })), { maxLength: 8 });
  assert(
    property(frames, boolean(), (sent, introduced) => {
      const { network, one, two } = linked();
      const socket = network.dial({ host: '10.0.0.1', port: 2380 }, { opened() {}, data() {}, written() {}, closed() {} });
      network.run();
      if (introduced) socket.write(layOut([{ kind: 4, chunks: [encodeText('7 1')], length: 3 }], network));
      for (const [kind, payload] of sent) {
        socket.write(layOut([{ kind: kind as FrameKind, chunks: [payload], length: payload.length }], network));
      }
      network.run();
      expect(one.seen.links.has(2)).toBe(true);
      expect(send(two, 1, 'still here')).toBe(true);
      two.transport.flush();
      network.run();
      expect(one.seen.calls.at(-1)).toBe('frame still here');
    }),
    { numRuns: 200 },
  );
});
