import { crc32, decodeText, encodeText } from '@quorate/interface';
import { dial, recorder, say } from '@quorate/link-testing';
import type { FrameKind } from '@quorate/links';
import { array, assert, boolean, integer, property, tuple, uint8Array } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layOut, type Place } from '../src/message.ts';
import type { SocketHandlers } from '../src/network.ts';
import { ends } from './ends.ts';
import { FakeNetwork, type FakeDealer } from './fake-network.ts';

const { linked, start } = ends;
const tools = { crc32, allocate: (bytes: number): Uint8Array => new Uint8Array(bytes) };

function message(frames: readonly (readonly [kind: number, payload: Uint8Array])[], place: Partial<Place> = {}): Uint8Array {
  const laid = frames.map(([kind, payload]) => ({ kind: kind as FrameKind, chunks: [payload], length: payload.length }));
  return layOut(laid, { position: 0, acknowledged: 0, ...place }, tools);
}

const helloOf = (text: string): Uint8Array => message([[4, encodeText(text)]]);

/** A stranger's DEALER at member 1, and what it is told. */
function stranger(network: FakeNetwork, id = 1): { dealer: FakeDealer; heard: Uint8Array[]; closed: () => boolean } {
  const heard: Uint8Array[] = [];
  let isClosed = false;
  const handlers: SocketHandlers = {
    opened() {},
    message: (one) => void heard.push(one),
    sent() {},
    closed: () => void (isClosed = true),
  };
  const dealer = network.dial({ host: `10.0.0.${id}`, port: 2380 }, handlers);
  network.host.run();
  return { dealer, heard, closed: () => isClosed };
}

describe('a stranger', () => {
  test.each([
    ['nothing', new Uint8Array(0), /^E_PROTO_MAGIC: .*got=\)/],
    ['random bytes', Uint8Array.of(9, 8, 7, 6, 5), /^E_PROTO_MAGIC: .*got=09 08 07 06\)/],
    ['a wire version of the future', Uint8Array.of(0x51, 0x7a, 2, 0, 1), /^E_VERSION: .*got=2, allowed=1/],
    ['a cut head', Uint8Array.of(0x51, 0x7a, 1, 0, 1), /^E_FRAME_EOF: .*got=5, announced=16/],
    ['a wrong checksum', helloOf('7 1').fill(0, 4, 8), /^E_FRAME_CRC/],
    ['no frame at all', message([]), /^E_FRAME_KIND: .*got=nothing/],
    ['a frame before its hello', message([[2, encodeText('x')]]), /^E_FRAME_KIND: .*got=2/],
    ['a hello that is too long', message([[4, new Uint8Array(65_537)]]), /^E_FRAME_SIZE: .*allowed=1 to 65536/],
    ['many bytes of nothing', new Uint8Array(1_000_000), /^E_PROTO_MAGIC/],
  ])('that sends %s is reported, and costs nothing', (_name, bytes, expected) => {
    const { network, one, two } = linked();
    const { dealer, heard } = stranger(network);
    dealer.send(bytes);
    network.host.run();
    expect(one.seen.troubles).toEqual([expect.stringMatching(expected) as string]);
    // Whoever speaks as we do is told why, so that its own log says it.
    expect(heard.length).toBe((one.seen.troubles[0] ?? '').startsWith('E_PROTO_MAGIC') ? 0 : 1);
    say(two, 1, 'still here');
    network.host.run();
    expect(one.seen.calls.at(-1)).toBe('frame still here');
  });

  test.each([10, 100_000])('whose link is over here is told so, and that is no news here (%d bytes)', (bytes) => {
    const { network, one } = linked();
    const { dealer, heard } = stranger(network);
    dealer.send(message([[2, new Uint8Array(bytes)]], { position: 100 }));
    network.host.run();
    expect(one.seen.troubles).toEqual([]);
    expect(decodeText(heard[0]?.subarray(21) ?? new Uint8Array(0))).toMatch(/^E_LINK_OVER: /);
  });

  test('that introduces itself and stays silent is dropped at its deadline (F-N11)', () => {
    const network = new FakeNetwork();
    const one = start(network, recorder(1), { connectTimeoutMs: 400 });
    const { dealer, heard } = stranger(network);
    dealer.send(helloOf('7 1'));
    network.host.pass(350);
    expect([heard.length, one.seen.troubles]).toEqual([1, []]);
    network.host.pass(200);
    expect(one.seen.troubles[0]).toMatch(/^E_HANDSHAKE_TIMEOUT: no link after 400 ms \(state welcome\)\. Check/);
    expect(heard.length).toBe(2);
  });

  test('that leaves before its link is up is no news, and holds no place', () => {
    const network = new FakeNetwork();
    const one = start(network, recorder(1), { maxInbound: 1 });
    const { dealer } = stranger(network);
    dealer.send(helloOf('7 1'));
    network.host.run();
    dealer.kill();
    network.host.pass(300);
    const two = start(network, recorder(2));
    dial(two, 1);
    network.host.pass(6_000);
    expect(one.seen.calls).toEqual(['up 2']);
    expect(one.seen.troubles).toEqual([]);
  });

  test('is the first to give way where too many introduce themselves', () => {
    const network = new FakeNetwork();
    const one = start(network, recorder(1), { maxInbound: 3 });
    const two = start(network, recorder(2));
    dial(two, 1);
    network.host.run();
    for (let i = 0; i < 10; i++) stranger(network).dealer.send(helloOf(`${20 + i} 1`));
    network.host.run();
    expect(one.seen.calls).toEqual(['up 2']);
    expect(one.seen.troubles[0]).toMatch(/^E_TOO_MANY_CONNECTIONS: more than 3/);
    const three = start(network, recorder(3));
    dial(three, 1);
    network.host.pass(50);
    expect(one.seen.calls).toEqual(['up 2', 'up 3']);
  });

  test('that does not cut its connection is forgotten all the same', () => {
    const network = new FakeNetwork();
    const one = start(network, recorder(1, { refuse: () => 'E_NOT_MEMBER: no' }));
    const { dealer, closed } = stranger(network);
    dealer.send(helloOf('7 1'));
    network.host.pass(1_100);
    dealer.send(message([[2, encodeText('x')]], { position: 500 }));
    network.host.run();
    expect(closed()).toBe(false);
    expect(one.seen.troubles.map((text) => text.slice(0, 12))).toEqual(['E_NOT_MEMBER']);
  });

  test('may send any well-formed frames, and the links of members stay (B-06)', () => {
    const frames = array(tuple(integer({ min: 0, max: 10 }), uint8Array({ minLength: 1, maxLength: 12 })), { maxLength: 8 });
    assert(
      property(frames, boolean(), (sent, introduced) => {
        const { network, one, two } = linked();
        const { dealer } = stranger(network);
        const first = helloOf('7 1');
        if (introduced) dealer.send(first);
        let position = introduced ? first.length : 0;
        for (const frame of sent) {
          const bytes = message([frame], { position });
          position += bytes.length;
          dealer.send(bytes);
        }
        network.host.run();
        say(two, 1, 'still here');
        network.host.run();
        expect(one.seen.calls.at(-1)).toBe('frame still here');
      }),
      { numRuns: 200 },
    );
  });

  test('may send any bytes (B-06)', () => {
    assert(
      property(array(uint8Array({ maxLength: 60 }), { maxLength: 5 }), (sent) => {
        const { network, one, two } = linked();
        const { dealer } = stranger(network);
        for (const bytes of sent) dealer.send(bytes);
        network.host.run();
        say(two, 1, 'still here');
        network.host.run();
        expect(one.seen.calls.filter((call) => !call.startsWith('frame still'))).toEqual(['up 2']);
      }),
    );
  });
});

test('ends a link over a frame that is larger than allowed here, and one that is cut short', () => {
  for (const [length, expected] of [
    [2_000, /^down 2 E_FRAME_SIZE: .*got=2000, allowed=1 to 1024/],
    [0, /^down 2 E_FRAME_SIZE: .*got=0/],
    [1_000, /^down 2 E_FRAME_EOF/],
  ] as const) {
    const { network, one, two } = linked({ maxFrameBytes: 1_024 });
    network.tamper = (bytes, from) => {
      // A peer that was told other limits: the head of its frame says more than ours allow, and the checksum is right.
      if (from === 'dialled' && bytes[16] === 2) {
        bytes[17] = length & 255;
        bytes[18] = length >> 8;
        bytes.set(
          Uint8Array.from([0, 8, 16, 24], (shift) => crc32(bytes.subarray(8), 0) >>> shift),
          4,
        );
      }
      return [bytes];
    };
    say(two, 1, 'frame');
    network.host.run();
    expect(one.seen.calls[1]).toMatch(expected);
  }
});

test('does not believe an acknowledgement of what was never sent', () => {
  const { network, one } = linked();
  network.tamper = (bytes, from) => {
    if (from === 'dialled') {
      bytes[14] = (bytes[14] ?? 0) + 1;
      bytes.set(
        Uint8Array.from([0, 8, 16, 24], (shift) => crc32(bytes.subarray(8), 0) >>> shift),
        4,
      );
    }
    return [bytes];
  };
  network.host.pass(3_000);
  expect(one.seen.calls[1]).toMatch(/^down 2 E_GAP: the other end acknowledges what was never sent/);
});

test('says at both ends that a version is unknown to the other one', () => {
  const network = new FakeNetwork();
  const one = start(network, recorder(1));
  const two = start(network, recorder(2));
  network.tamper = (bytes, from) => {
    if (from === 'dialled') bytes[2] = 2;
    return [bytes];
  };
  dial(two, 1);
  network.host.run();
  expect(one.seen.troubles[0]).toMatch(/^E_VERSION: .*got=2, allowed=1/);
  expect(two.seen.troubles[0]).toMatch(/^E_VERSION: .*\(refused by the other end\)/);
});

test('ends a dialled connection that stays silent, at its deadline', () => {
  const network = new FakeNetwork();
  const two = start(network, recorder(2), { connectTimeoutMs: 400 });
  network.listen({ host: '10.0.0.1', port: 2380 }, { accept: () => undefined, disconnected() {}, trouble() {} }, () => {});
  network.host.run();
  dial(two, 1);
  network.host.pass(350);
  expect(two.seen.troubles).toEqual([]);
  network.host.pass(200);
  expect(two.seen.troubles[0]).toMatch(/^E_HANDSHAKE_TIMEOUT: no link after 400 ms \(state hello\)/);
});
