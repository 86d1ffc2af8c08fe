import { recorder, say, testFakeLinks, urlOf } from '@quorate/link-testing';
import { expect, test } from 'vitest';
import { ends } from './ends.ts';

const { linked, open } = ends;

testFakeLinks(ends);

test('hears of a peer that was killed without waiting for the idle deadline, and links to its next life', () => {
  const { network, one } = linked({ idleMs: 60_000 });
  network.dealers[0]?.kill();
  network.host.pass(10);
  expect(one.seen.calls).toEqual(['up 2', 'down 2 closed by the other end']);
  const again = open(network, {});
  again.start(recorder(2, { incarnation: 2 }), () => {});
  again.setPeers([{ id: 1, urls: [urlOf(1)] }]);
  network.host.run();
  expect(one.seen.calls.slice(2)).toEqual(['up 2']);
});

test('lets the newer life of a killed peer take the place of the older one, whose end comes first', () => {
  const { network, one } = linked();
  // Killed, and back before anybody could notice.
  network.dealers[0]?.kill();
  const again = open(network, {});
  again.start(recorder(2, { incarnation: 6 }), () => {});
  again.setPeers([{ id: 1, urls: [urlOf(1)] }]);
  network.host.run();
  expect(one.seen.calls).toEqual(['up 2', expect.stringMatching(/^down 2 E_SUPERSEDED/) as string, 'up 2']);
  expect(one.seen.troubles).toEqual([]);
});

test('ends the link of a connection that came back by itself', () => {
  const { network, one, two } = linked({ idleMs: 60_000 });
  say(two, 1, 'before');
  network.host.run();
  const [first] = network.dealers;
  // ZeroMQ would go on with a new connection, and what was in the old one's queues is lost.
  first?.lose();
  say(two, 1, 'into the void');
  network.host.pass(1_000);
  expect(one.seen.calls).toEqual(['up 2', 'frame before', 'down 2 closed by the other end', 'up 2']);
  expect(two.seen.calls).toEqual(['up 1', 'down 1 closed by the other end', 'up 1']);
  expect(network.dealers.length).toBe(2);
});

test.each(['one', 'two'] as const)('cuts the connection wherever a link is closed (%s)', (closer) => {
  const { network, one, two } = linked();
  const end = { one, two }[closer];
  end.transport.setPeers([]);
  end.transport.closeLink([...end.seen.links.values()][0] ?? 0, 'E_GAP: a gap');
  network.host.run();
  expect(network.openDials()).toEqual([]);
  expect([one.seen.calls[1], two.seen.calls[1]].join()).toMatch(/closed by the other end: E_/);
});

test('gives up on a last word that nobody hears after a second, and closes', () => {
  const { network, one } = linked();
  network.deaf = 'dialled';
  let closed = false;
  one.transport.close(() => void (closed = true));
  network.host.pass(900);
  expect(closed).toBe(false);
  network.host.pass(200);
  expect(closed).toBe(true);
});

test('sends all that was queued before its last word, though it takes many messages', () => {
  const { network, one, two } = linked({ queueBytes: 16_777_216 });
  const frame = new Uint8Array(300_000).fill(9);
  for (let i = 0; i < 30; i++) two.transport.send(two.seen.links.get(1) ?? 0, 'bulk', [frame]);
  two.transport.close(() => {});
  network.host.run();
  expect(one.seen.frames).toHaveLength(30);
  expect(one.seen.calls.at(-1)).toMatch(/^down 2 closed by the other end: E_STOPPED/);
});

test('notices a killed peer while strangers come and go every millisecond', () => {
  const { network, one } = linked({ idleMs: 60_000 });
  network.dealers[0]?.kill();
  for (let ms = 0; ms < 300; ms++) {
    const passerBy = network.dial({ host: '10.0.0.1', port: 2380 }, { opened() {}, message() {}, sent() {}, closed() {} });
    network.host.run();
    passerBy.kill();
    network.host.pass(1);
  }
  expect(one.seen.calls).toEqual(['up 2', 'down 2 closed by the other end']);
});

test('says nothing of what a killed peer had sent before its end was noticed', () => {
  const { network, one, two } = linked({ idleMs: 60_000 });
  network.deaf = 'accepted';
  for (let i = 0; i < 5; i++) {
    say(two, 1, `frame ${i}`);
    network.host.run();
  }
  network.dealers[0]?.kill();
  network.host.pass(300);
  expect(one.seen.calls).toEqual(['up 2', 'down 2 closed by the other end']);
  network.deaf = undefined;
  network.host.pass(300);
  expect(one.seen.calls).toHaveLength(2);
  expect(one.seen.troubles).toEqual([]);
});

test('sets no timer once it is closed, though its connections end then', () => {
  const { network, one, two } = linked();
  let closed = 0;
  for (const { transport } of [one, two]) transport.close(() => closed++);
  network.host.pass(50);
  expect(closed).toBe(2);
  const before = network.host.pendingTimers;
  network.disconnectAll();
  expect(network.host.pendingTimers).toBe(before);
});
