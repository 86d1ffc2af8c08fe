import { expect, test } from 'vitest';
import { resolveZeromqOptions } from '../src/options.ts';
import { linkTransport } from '../src/link-transport.ts';
import { dial, linked, say, send, start, urlOf } from './ends.ts';
import { FakeNetwork } from './fake-network.ts';
import { recorder } from './member.ts';

const ups = (calls: readonly string[]): number => calls.filter((call) => call.startsWith('up')).length;
const downs = (calls: readonly string[]): number => calls.filter((call) => call.startsWith('down')).length;

test('sends one message per link and turn, however many frames', () => {
  const { network, two } = linked();
  const before = network.sent.length;
  for (let i = 0; i < 50; i++) send(two, 1, `frame ${i}`);
  two.transport.flush();
  two.transport.flush();
  network.run();
  expect(network.sent.length - before).toBe(1);
});

test('puts control ahead of log ahead of bulk in a turn', () => {
  const { network, one, two } = linked();
  for (const lane of ['bulk', 'log', 'control'] as const) send(two, 1, lane, lane);
  two.transport.flush();
  network.run();
  expect(one.seen.calls.slice(1)).toEqual(['frame control', 'frame log', 'frame bulk']);
});

test('pings an idle link, so that it lives', () => {
  const { network, one, two } = linked({ idleMs: 300 });
  network.pass(2_000);
  expect([...one.seen.calls, ...two.seen.calls]).toEqual(['up 2', 'up 1']);
});

test.each(['dialled', 'accepted'] as const)('ends a link whose %s end is no longer heard, at both ends', (side) => {
  const { network, one, two } = linked({ idleMs: 300 });
  network.tamper = (message, from) => (from === side ? [] : [message]);
  network.pass(1_000);
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

test('hears of a peer that was killed without waiting for the idle deadline, and links to its next life', () => {
  const { network, one } = linked({ idleMs: 60_000 });
  network.dealers[0]?.kill();
  network.pass(10);
  expect(one.seen.calls).toEqual(['up 2', 'down 2 closed by the other end']);
  const again = linkTransport(network, resolveZeromqOptions({}));
  again.start(recorder(2, { incarnation: 2 }), () => {});
  again.setPeers([{ id: 1, urls: [urlOf(1)] }]);
  network.run();
  expect(one.seen.calls.slice(2)).toEqual(['up 2']);
});

test('lets the newer life of a killed peer take the place of the older one, whose end comes first', () => {
  const { network, one } = linked();
  // Killed, and back before anybody could notice.
  network.dealers[0]?.kill();
  const again = linkTransport(network, resolveZeromqOptions({}));
  again.start(recorder(2, { incarnation: 6 }), () => {});
  again.setPeers([{ id: 1, urls: [urlOf(1)] }]);
  network.run();
  expect(one.seen.calls).toEqual(['up 2', expect.stringMatching(/^down 2 E_SUPERSEDED/) as string, 'up 2']);
  expect(one.seen.troubles).toEqual([]);
});

test('does not let an older life of a peer take the place of the newer one (F-N9)', () => {
  const network = new FakeNetwork();
  const one = start(network, recorder(1));
  dial(start(network, recorder(2, { incarnation: 6 })), 1);
  network.run();
  const old = linkTransport(network, resolveZeromqOptions({}));
  old.start(recorder(2, { incarnation: 5 }), () => {});
  old.setPeers([{ id: 1, urls: [urlOf(1)] }]);
  network.run();
  expect(one.seen.calls).toEqual(['up 2']);
});

test('ends the link of a connection that came back by itself', () => {
  const { network, one, two } = linked({ idleMs: 60_000 });
  say(two, 1, 'before');
  network.run();
  const [first] = network.dealers;
  // ZeroMQ would go on with a new connection, and what was in the old one's queues is lost.
  first?.lose();
  say(two, 1, 'into the void');
  network.pass(1_000);
  expect(one.seen.calls).toEqual(['up 2', 'frame before', 'down 2 closed by the other end', 'up 2']);
  expect(two.seen.calls).toEqual(['up 1', 'down 1 closed by the other end', 'up 1']);
  expect(network.dealers.length).toBe(2);
});

test('keeps the link that the higher id dialled where two meet, and both ends agree', () => {
  const network = new FakeNetwork();
  const one = start(network, recorder(1));
  const two = start(network, recorder(2));
  dial(one, 2);
  dial(two, 1);
  network.run();
  for (const { calls } of [one.seen, two.seen]) expect(ups(calls) - downs(calls)).toBe(1);
  say(one, 2, 'a');
  say(two, 1, 'b');
  network.run();
  expect([one.seen.frames.length, two.seen.frames.length]).toEqual([1, 1]);
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

test.each(['one', 'two'] as const)('cuts the connection wherever a link is closed (%s)', (closer) => {
  const ends = linked();
  const { network, one, two } = ends;
  const end = ends[closer];
  end.transport.setPeers([]);
  end.transport.closeLink([...end.seen.links.values()][0] ?? 0, 'E_GAP: a gap');
  network.run();
  expect(network.openDials()).toEqual([]);
  expect([one.seen.calls[1], two.seen.calls[1]].join()).toMatch(/closed by the other end: E_/);
});

test('gives up on a last word that nobody hears after a second, and closes', () => {
  const { network, one } = linked();
  network.deaf = 'dialled';
  let closed = false;
  one.transport.close(() => void (closed = true));
  network.pass(900);
  expect(closed).toBe(false);
  network.pass(200);
  expect(closed).toBe(true);
});

test('sends all that was queued before its last word, though it takes many messages', () => {
  const { network, one, two } = linked({ queueBytes: 16_777_216 });
  const frame = new Uint8Array(300_000).fill(9);
  for (let i = 0; i < 30; i++) two.transport.send(two.seen.links.get(1) ?? 0, 'bulk', [frame]);
  two.transport.close(() => {});
  network.run();
  expect(one.seen.frames).toHaveLength(30);
  expect(one.seen.calls.at(-1)).toMatch(/^down 2 closed by the other end: E_STOPPED/);
});

test('notices a killed peer while strangers come and go every millisecond', () => {
  const { network, one } = linked({ idleMs: 60_000 });
  network.dealers[0]?.kill();
  for (let ms = 0; ms < 300; ms++) {
    const passerBy = network.dial({ host: '10.0.0.1', port: 2380 }, { opened() {}, message() {}, sent() {}, closed() {} });
    network.run();
    passerBy.kill();
    network.pass(1);
  }
  expect(one.seen.calls).toEqual(['up 2', 'down 2 closed by the other end']);
});

test('says nothing of what a killed peer had sent before its end was noticed', () => {
  const { network, one, two } = linked({ idleMs: 60_000 });
  network.deaf = 'accepted';
  for (let i = 0; i < 5; i++) {
    say(two, 1, `frame ${i}`);
    network.run();
  }
  network.dealers[0]?.kill();
  network.pass(300);
  expect(one.seen.calls).toEqual(['up 2', 'down 2 closed by the other end']);
  network.deaf = undefined;
  network.pass(300);
  expect(one.seen.calls).toHaveLength(2);
  expect(one.seen.troubles).toEqual([]);
});

test('sets no timer once it is closed, though its connections end then', () => {
  const { network, one, two } = linked();
  let closed = 0;
  for (const { transport } of [one, two]) transport.close(() => closed++);
  network.pass(50);
  expect(closed).toBe(2);
  const before = network.pendingTimers;
  network.disconnectAll();
  expect(network.pendingTimers).toBe(before);
});
