import { say, sendBytes } from '@quorate/link-testing';
import { expect, test } from 'vitest';
import { MessageStream } from '../src/message-stream.ts';
import { ends } from './ends.ts';
import { FakeNetwork } from './fake-network.ts';

const { linked } = ends;

const megabyte = 1_048_576;

test('ends the link at the first message behind one that was lost, and hands over nothing of it', () => {
  const { network, one, two } = linked();
  say(two, 1, 'first');
  network.host.run();
  let lost = 0;
  network.tamper = (message, from) => (from === 'dialled' && lost++ === 0 ? [] : [message]);
  say(two, 1, 'lost');
  network.host.run();
  say(two, 1, 'behind the gap');
  network.host.run();
  expect(one.seen.calls.slice(1)).toEqual(['frame first', expect.stringMatching(/^down 2 E_GAP: a message was lost/) as string]);
  expect(two.seen.calls[1]).toMatch(/^down 1 closed by the other end: E_GAP/);
  expect(one.seen.troubles[0]).toMatch(/^E_GAP/);
});

test('ends the link at a message that comes twice', () => {
  const { network, one, two } = linked();
  network.tamper = (message, from) => (from === 'accepted' ? [message, message] : [message]);
  say(one, 2, 'once');
  network.host.pass(5);
  expect(two.seen.calls.slice(1)).toEqual(['frame once', expect.stringMatching(/^down 1 E_GAP/) as string]);
  expect(one.seen.calls[1]).toMatch(/^down 2/);
});

test('ends the link at messages that change places', () => {
  const { network, one, two } = linked();
  let held: Uint8Array | undefined;
  network.tamper = (message, from) => {
    if (from === 'accepted') return [message];
    if (held !== undefined) return [message, held];
    held = message;
    return [];
  };
  say(two, 1, 'a');
  network.host.run();
  say(two, 1, 'b');
  network.host.run();
  expect(one.seen.calls.slice(1)).toEqual([expect.stringMatching(/^down 2 E_GAP/) as string]);
});

test('ends the link at a message with a damaged byte, whichever it is', () => {
  for (let place = 0; place < 26; place++) {
    const { network, one, two } = linked();
    network.tamper = (message, from) => {
      if (from === 'dialled') message[place] = (message[place] ?? 0) ^ 0x10;
      return [message];
    };
    say(two, 1, 'hello');
    network.host.run();
    // The fourth byte is for later versions: whatever it says today is not looked at.
    if (place === 3) expect(one.seen.calls[1]).toBe('frame hello');
    else expect(one.seen.calls[1]).toMatch(/^down 2 E_(PROTO_MAGIC|VERSION|FRAME_CRC): /);
  }
});

test('has no more than a window of bytes and one message under way, until the other end reads', () => {
  const { network, one, two } = linked();
  network.deaf = 'accepted';
  const before = network.writes.length;
  for (let i = 0; i < 100; i++) sendBytes(two, 1, new Uint8Array(100_000));
  two.transport.flush();
  network.host.run();
  const underWay = network.writes.slice(before).reduce((sum, bytes) => sum + bytes, 0);
  expect(underWay).toBeGreaterThanOrEqual(megabyte);
  expect(underWay).toBeLessThan(megabyte + 330_000);
  expect(two.transport.queuedBytes(two.seen.links.get(1) ?? 0)).toBeGreaterThan(8_000_000);
  network.deaf = undefined;
  network.host.run();
  expect(one.seen.frames).toHaveLength(100);
  expect(two.transport.queuedBytes(two.seen.links.get(1) ?? 0)).toBe(0);
});

test('lets both ends go on where both their windows were full', () => {
  const { network, one, two } = linked();
  // Neither reads until both have sent all that they may: no message that is under way acknowledges any of it.
  network.deaf = 'both';
  for (let i = 0; i < 100; i++) {
    sendBytes(one, 2, new Uint8Array(100_000));
    sendBytes(two, 1, new Uint8Array(100_000));
  }
  one.transport.flush();
  two.transport.flush();
  network.host.run();
  network.deaf = undefined;
  network.host.run();
  expect([one.seen.frames.length, two.seen.frames.length]).toEqual([100, 100]);
});

test('acknowledges by messages of its own only now and then', () => {
  const { network, one, two } = linked();
  const sentBy = { dialled: 0, accepted: 0 };
  network.tamper = (message, from) => {
    sentBy[from]++;
    return [message];
  };
  for (let i = 0; i < 200; i++) {
    sendBytes(two, 1, new Uint8Array(10_000));
    two.transport.flush();
    network.host.run();
  }
  expect(one.seen.frames).toHaveLength(200);
  expect(sentBy.dialled).toBe(200);
  expect(sentBy.accepted).toBeGreaterThan(2);
  expect(sentBy.accepted).toBeLessThan(10);
});

test('says when a long queue is short again', () => {
  const { network, two } = linked({ queueBytes: 8 * megabyte, maxFrameBytes: megabyte });
  network.deaf = 'accepted';
  for (let i = 0; i < 7; i++) sendBytes(two, 1, new Uint8Array(megabyte - 100));
  two.transport.flush();
  network.host.run();
  expect(two.seen.calls).toEqual(['up 1']);
  network.deaf = undefined;
  network.host.run();
  expect(two.seen.calls).toEqual(['up 1', 'drained']);
});

test('ends a link whose peer does not read, once the queue is over its cap, and reports it', () => {
  const { network, one, two } = linked({ queueBytes: 2 * megabyte, maxFrameBytes: megabyte });
  network.deaf = 'accepted';
  let taken = 0;
  while (sendBytes(two, 1, new Uint8Array(50_000))) {
    two.transport.flush();
    network.host.run();
    taken++;
    expect(taken).toBeLessThan(100);
  }
  network.host.run();
  expect(two.seen.calls[1]).toMatch(/^down 1 E_OVERFLOW: \d+ bytes are queued \(allowed 2097152\)/);
  expect(two.seen.troubles[0]).toMatch(/^E_OVERFLOW/);
  network.deaf = undefined;
  network.host.pass(50);
  expect(one.seen.calls).toContainEqual(expect.stringMatching(/^down 2/) as string);
});

test('tries again where ZeroMQ is full, and loses nothing', () => {
  const { network, one, two } = linked();
  network.capacity = 2;
  network.deaf = 'accepted';
  for (let i = 0; i < 5; i++) {
    say(two, 1, `number ${i}`);
    network.host.run();
  }
  expect(two.transport.queuedBytes(two.seen.links.get(1) ?? 0)).toBeGreaterThan(0);
  network.host.pass(20);
  network.deaf = undefined;
  network.host.pass(20);
  expect(one.seen.calls.slice(1)).toEqual([0, 1, 2, 3, 4].map((i) => `frame number ${i}`));
});

test('gets a heartbeat past any amount of bulk within a window', () => {
  const { network, one, two } = linked();
  for (let i = 0; i < 25; i++) sendBytes(two, 1, new Uint8Array(megabyte), 'bulk');
  two.transport.flush();
  say(two, 1, 'heartbeat', 'control');
  network.host.run();
  const place = one.seen.calls.indexOf('frame heartbeat');
  expect(place).toBeGreaterThan(0);
  expect(place).toBeLessThan(4);
  expect(one.seen.frames).toHaveLength(26);
});

test('moves bulk while log never pauses', () => {
  const { network, one, two } = linked();
  sendBytes(two, 1, new Uint8Array(50_000).fill(7), 'bulk');
  for (let i = 0; i < 40; i++) sendBytes(two, 1, new Uint8Array(100_000), 'log');
  two.transport.flush();
  network.host.run();
  expect(one.seen.frames.findIndex((frame) => frame[0] === 7)).toBeLessThan(5);
});

test('goes on over the wrap of positions at 4 GiB', () => {
  const network = new FakeNetwork();
  const nearTheEnd = 2 ** 32 - 3 * megabyte;
  const [from, to] = [new MessageStream(network.host, megabyte), new MessageStream(network.host, megabyte)];
  Object.assign(from, { sentTo: nearTheEnd, heardTo: nearTheEnd });
  Object.assign(to, { receivedTo: nearTheEnd, acknowledgedTo: nearTheEnd });
  let frames = 0;
  const deliver = (into: MessageStream, back: MessageStream) => (message: Uint8Array) => {
    network.host.soon(() => {
      expect(into.take(message, () => frames++ >= 0)).toBeUndefined();
      into.flush();
      back.sent(true);
    });
  };
  from.socket = { remote: 'there', send: deliver(to, from), destroy() {} };
  to.socket = { remote: 'here', send: deliver(from, to), destroy() {} };
  for (let i = 0; i < 100; i++) from.push(1, { kind: 2, chunks: [new Uint8Array(100_000)], length: 100_000 });
  from.flush();
  network.host.run();
  expect(frames).toBe(100);
});

test('tells a peer that does not read why its link ended, whatever the window says', () => {
  const { network, one, two } = linked({ queueBytes: 2 * megabyte, maxFrameBytes: megabyte });
  network.deaf = 'dialled';
  while (sendBytes(one, 2, new Uint8Array(50_000))) {
    one.transport.flush();
    network.host.run();
  }
  network.host.pass(1_500);
  network.deaf = undefined;
  network.host.pass(10);
  expect(two.seen.calls.at(-1)).toMatch(/^down 1 closed by the other end: E_OVERFLOW/);
});

test('sends a heartbeat ahead of the snapshot chunk of the same turn, in a message of its own', () => {
  const { network, one, two } = linked();
  const before = network.writes.length;
  sendBytes(two, 1, new Uint8Array(megabyte), 'bulk');
  say(two, 1, 'heartbeat', 'control');
  network.host.run();
  expect(network.writes[before]).toBeLessThan(100);
  expect(one.seen.calls[1]).toBe('frame heartbeat');
  expect(one.seen.frames).toHaveLength(2);
});
