import { encodeText } from '@quorate/interface';
import { dial, fakeEnds, recorder, send, testFakeLinks } from '@quorate/link-testing';
import type { FrameKind } from '@quorate/links';
import { array, assert, boolean, integer, property, tuple, uint8Array } from 'fast-check';
import { expect, test } from 'vitest';
import { layOut } from '../src/frame-batch.ts';
import { tcpTransportOn } from '../src/tcp-transport.ts';
import { FakeNetwork } from './fake-network.ts';

const ends = fakeEnds(() => new FakeNetwork(), tcpTransportOn);
const { linked, start } = ends;

testFakeLinks(ends);

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
  network.host.run();
  expect(two.transport.queuedBytes(link)).toBe(0);
  expect(two.seen.calls).toEqual(['up 1', 'drained']);
  expect(one.seen.frames).toHaveLength(2);
});

test('ends a connection that sends frames before it was admitted', () => {
  const network = new FakeNetwork();
  const one = start(network, recorder(1));
  const socket = network.dial({ host: '10.0.0.1', port: 2380 }, { opened() {}, data() {}, written() {}, closed() {} });
  network.host.run();
  socket.write([Uint8Array.of(0x51, 0x72, 1, 2, 1, 0, 0, 0, 0x8b, 0x9e, 0xd9, 0xd3, 65)]);
  network.host.run();
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
  network.host.run();
  if (side === 'dialled') dial(one, 2);
  network.host.pass(350);
  expect([closed, one.seen.troubles]).toEqual([false, []]);
  network.host.pass(200);
  expect(closed).toBe(true);
  expect(one.seen.troubles[0]).toMatch(/^E_HANDSHAKE_TIMEOUT: no link after 400 ms \(state hello\)\. Check/);
});

test('says nothing of a stranger that resets its connection, and goes on', () => {
  const { network, one, two } = linked();
  const socket = network.dial({ host: '10.0.0.1', port: 2380 }, { opened() {}, data() {}, written() {}, closed() {} });
  network.host.run();
  socket.write([Uint8Array.of(0x51, 0x72, 1)]);
  socket.destroy();
  network.host.run();
  expect(one.seen.troubles).toEqual([]);
  expect([...one.seen.calls, ...two.seen.calls]).toEqual(['up 2', 'up 1']);
});

test('survives any sequence of well-formed frames from a stranger, and keeps its links (B-06)', () => {
  const frames = array(tuple(integer({ min: 0, max: 10 }), uint8Array({ minLength: 1, maxLength: 12 })), { maxLength: 8 });
  assert(
    property(frames, boolean(), (sent, introduced) => {
      const { network, one, two } = linked();
      const socket = network.dial({ host: '10.0.0.1', port: 2380 }, { opened() {}, data() {}, written() {}, closed() {} });
      network.host.run();
      if (introduced) socket.write(layOut([{ kind: 4, chunks: [encodeText('7 1')], length: 3 }], network.host));
      for (const [kind, payload] of sent) {
        socket.write(layOut([{ kind: kind as FrameKind, chunks: [payload], length: payload.length }], network.host));
      }
      network.host.run();
      expect(one.seen.links.has(2)).toBe(true);
      expect(send(two, 1, 'still here')).toBe(true);
      two.transport.flush();
      network.host.run();
      expect(one.seen.calls.at(-1)).toBe('frame still here');
    }),
    { numRuns: 200 },
  );
});
