import { expect, test } from 'vitest';
import { dial, say, send, urlOf, type FakeEnds } from './fake-ends.ts';
import type { FakeHost } from './fake-host.ts';
import { recorder } from './recorder.ts';

/** What the tests need of the fake network of a transport. */
export interface FakeLinks {
  readonly host: FakeHost;
  /** Every write that reached the network: how many bytes. */
  readonly writes: readonly number[];
  /** Every URL that was dialled, in order. */
  readonly dials: readonly string[];
  /** The URLs of all dialled connections that are open. */
  openDials(): readonly string[];
  /** What ends of one kind send is lost from now on: a block that nobody is told of. */
  silence(side: 'dialled' | 'accepted'): void;
}

const count = (calls: readonly string[], word: string): number => calls.filter((call) => call.startsWith(word)).length;

/** The tests on a fake network that every transport made of links passes alike. */
export function testFakeLinks<N extends FakeLinks>(ends: FakeEnds<N>): void {
  testTurns(ends);
  testDeadlines(ends);
  testDialling(ends);
  testMeetings(ends);
}

function testTurns<N extends FakeLinks>(ends: FakeEnds<N>): void {
  test('writes once per link and turn, however many frames', () => {
    const { network, two } = ends.linked();
    const before = network.writes.length;
    for (let i = 0; i < 50; i++) send(two, 1, `frame ${i}`);
    two.transport.flush();
    two.transport.flush();
    network.host.run();
    expect(network.writes.length - before).toBe(1);
  });

  test('puts control ahead of log ahead of bulk in a turn', () => {
    const { network, one, two } = ends.linked();
    for (const lane of ['bulk', 'log', 'control'] as const) send(two, 1, lane, lane);
    two.transport.flush();
    network.host.run();
    expect(one.seen.calls.slice(1)).toEqual(['frame control', 'frame log', 'frame bulk']);
  });
}

function testDeadlines<N extends FakeLinks>(ends: FakeEnds<N>): void {
  test('pings an idle link, so that it lives', () => {
    const { network, one, two } = ends.linked({ idleMs: 300 });
    network.host.pass(2_000);
    expect([...one.seen.calls, ...two.seen.calls]).toEqual(['up 2', 'up 1']);
  });

  test.each(['dialled', 'accepted'] as const)('ends a link whose %s end is no longer heard, at both ends', (side) => {
    const { network, one, two } = ends.linked({ idleMs: 300 });
    network.silence(side);
    network.host.pass(1_000);
    expect(one.seen.calls[1]).toMatch(/^down 2/);
    expect(two.seen.calls[1]).toMatch(/^down 1/);
    expect([...one.seen.troubles, ...two.seen.troubles][0]).toMatch(/^E_IDLE: nothing came .+\. It hangs, or/);
  });

  test('blames nobody for the time that this process slept itself', () => {
    const { network, one, two } = ends.linked({ idleMs: 300 });
    network.host.sleep(10_000);
    network.host.pass(200);
    expect([...one.seen.calls, ...two.seen.calls]).toEqual(['up 2', 'up 1']);
  });
}

function testDialling<N extends FakeLinks>(ends: FakeEnds<N>): void {
  test('backs off with doubling pauses while a peer cannot be reached, and reports it now and then', () => {
    const network = ends.network();
    const two = ends.start(network, recorder(2), { reconnectMinMs: 100, reconnectMaxMs: 800 });
    dial(two, 1);
    const times: number[] = [];
    for (let ms = 0; ms < 3_000; ms++) {
      const before = network.dials.length;
      network.host.pass(1);
      if (network.dials.length > before) times.push(ms);
    }
    const pauses = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(pauses).toEqual([150, 300, 600, 600, 600, 600]);
    expect(two.seen.troubles).toHaveLength(1);
    network.host.pass(10_000);
    expect(two.seen.troubles[1]).toMatch(/^E_UNREACHABLE: .*\(\d+ more like this/);
  });

  test('tries the other URLs of a peer in turn', () => {
    const network = ends.network();
    const one = ends.start(network, recorder(1));
    const two = ends.start(network, recorder(2));
    two.transport.setPeers([{ id: 1, urls: ['tcp://10.9.9.9:1', 'nonsense', urlOf(1)] }]);
    network.host.pass(500);
    expect(one.seen.calls).toEqual(['up 2']);
    expect(two.seen.troubles).toEqual([
      expect.stringMatching(/^E_UNREACHABLE/) as string,
      expect.stringMatching(/^E_PEER_URL: .*"nonsense"/) as string,
    ]);
  });

  test('keeps the link of a peer that only moved', () => {
    const { network, one, two } = ends.linked();
    two.transport.setPeers([{ id: 1, urls: ['tcp://10.7.7.7:1'] }]);
    network.host.pass(2_000);
    expect([...one.seen.calls, ...two.seen.calls]).toEqual(['up 2', 'up 1']);
  });
}

function testMeetings<N extends FakeLinks>(ends: FakeEnds<N>): void {
  /** Another process in the place of member 2. */
  const again = (network: N, incarnation: number): void => {
    const transport = ends.open(network, {});
    transport.start(recorder(2, { incarnation }), () => {});
    network.host.run();
    transport.setPeers([{ id: 1, urls: [urlOf(1)] }]);
    network.host.run();
  };

  test('lets the newer life of a peer take the place of the older one, whose end comes first', () => {
    const { network, one } = ends.linked();
    again(network, 6);
    expect(one.seen.calls).toEqual(['up 2', expect.stringMatching(/^down 2 E_SUPERSEDED/) as string, 'up 2']);
    expect(one.seen.troubles).toEqual([]);
  });

  test('does not let an older life of a peer take the place of the newer one (F-N9)', () => {
    const network = ends.network();
    const one = ends.start(network, recorder(1));
    dial(ends.start(network, recorder(2, { incarnation: 6 })), 1);
    network.host.run();
    again(network, 5);
    expect(one.seen.calls).toEqual(['up 2']);
  });

  test('keeps the link that the higher id dialled where two meet, and both ends agree', () => {
    const network = ends.network();
    const one = ends.start(network, recorder(1));
    const two = ends.start(network, recorder(2));
    dial(one, 2);
    dial(two, 1);
    network.host.run();
    for (const { calls } of [one.seen, two.seen]) expect(count(calls, 'up') - count(calls, 'down')).toBe(1);
    say(one, 2, 'a');
    say(two, 1, 'b');
    network.host.run();
    expect([one.seen.frames.length, two.seen.frames.length]).toEqual([1, 1]);
    network.host.pass(5_000);
    expect(network.dials.length).toBe(2);
    expect(network.openDials()).toEqual([urlOf(1)]);
  });
}
