import { crc32 } from 'node:zlib';
import { decodeText, encodeText } from '@quorate/interface';
import type { Admission, LinkId, Transport, TransportHandlers } from '@quorate/interface';
import { describe, expect, test } from 'vitest';
import { MemberClock } from '../src/member-clock.ts';
import { calmNetwork } from '../src/network/network-faults.ts';
import type { NetworkFaults } from '../src/network/network-faults.ts';
import type { SimProcess } from '../src/process.ts';
import { World } from '../src/world.ts';

/** One end, and everything that it was told. */
interface End {
  readonly machine: number;
  readonly process: SimProcess;
  readonly transport: Transport;
  readonly log: string[];
  readonly links: Map<LinkId, number>;
}

class Scene {
  readonly world: World;
  readonly faults: NetworkFaults;
  readonly ends: End[] = [];

  constructor(
    options: {
      delivery?: 'fifo' | 'datagram';
      numbered?: boolean;
      faults?: Partial<NetworkFaults>;
      idleMs?: number;
      queueBytes?: number;
      distancesMs?: readonly (readonly number[])[];
    } = {},
  ) {
    this.faults = { ...calmNetwork(), ...options.faults };
    this.world = new World({
      seed: 5,
      crc32: (bytes, seed) => crc32(bytes, seed),
      loop: { inputsPerTurn: 8, turnMs: 0, lookMs: 0 },
      network: {
        faults: this.faults,
        delivery: options.delivery ?? 'fifo',
        numbered: options.numbered ?? false,
        idleMs: options.idleMs ?? 1000,
        queueBytes: options.queueBytes ?? 1e6,
        ...(options.distancesMs && { distancesMs: options.distancesMs }),
      },
    });
  }

  start(machine: number, incarnation = 1): End {
    const { world } = this;
    const process = world.process(new MemberClock(world.time.nowMs, 0, 0), (error) => {
      throw error;
    });
    const transport = world.network.transport(process, machine, `sim://${machine}`);
    const end: End = { machine, process, transport, log: [], links: new Map() };
    const handlers: TransportHandlers = {
      hello: encodeText(`${machine}/${incarnation}`),
      self: machine,
      admit: (hello): Admission => {
        const [peer = 0, life = 0] = (decodeText(hello) ?? '').split('/').map(Number);
        return peer === 9 ? { refuse: 'E_NOT_MEMBER: 9 is nobody' } : { peer, kind: 'member', incarnation: life };
      },
      linkUp: (peer, link) => {
        end.links.set(link, peer);
        end.log.push(`up ${peer}`);
      },
      linkDown: (peer, link, reason) => {
        end.links.delete(link);
        end.log.push(`down ${peer}: ${reason}`);
      },
      frame: (link, frame) => end.log.push(`${end.links.get(link)}> ${decodeText(frame) ?? 'bytes'}`),
      drained: () => end.log.push('drained'),
      trouble: (_peer, text) => end.log.push(text),
    };
    process.input(() => transport.start(handlers, () => undefined));
    this.ends[machine] = end;
    return end;
  }

  /** Every end dials every other one. */
  mesh(...machines: number[]): End[] {
    const ends = machines.map((machine) => this.start(machine));
    const peers = machines.map((id) => ({ id, urls: [`sim://${id}`] }));
    for (const end of ends) end.process.input(() => end.transport.setPeers(peers.filter(({ id }) => id !== end.machine)));
    this.pass(500);
    return ends;
  }

  pass(ms: number): void {
    this.world.time.runUntil(this.world.time.nowMs + ms);
  }

  send(from: End, to: number, text: string, lane: 'control' | 'log' | 'bulk' = 'log'): boolean {
    for (const [link, peer] of from.links) if (peer === to) return from.transport.send(link, lane, [encodeText(text)]);
    return false;
  }
}

const received = (end: End): string[] => end.log.filter((line) => line.includes('> ')).map((line) => line.slice(3));
const texts = (count: number): string[] => Array.from({ length: count }, (_, place) => `t${place}`);

test('two ends that dial each other have one link, and the loser of a collision goes down before the winner comes up', () => {
  const scene = new Scene({ faults: { jitterMs: 3 } });
  for (const end of scene.mesh(1, 2, 3)) {
    const up = new Set<string>();
    for (const line of end.log) {
      const [what = '', peer = ''] = line.replace(':', '').split(' ');
      if (what === 'up') {
        expect(up.has(peer), end.log.join(', ')).toBe(false);
        up.add(peer);
      } else if (what === 'down') up.delete(peer);
    }
    expect(up.size).toBe(2);
    expect(end.links.size).toBe(2);
  }
});

test('a fifo link delivers in order within a lane, whatever the delays', () => {
  const scene = new Scene({ faults: { jitterMs: 20 } });
  const [one, two] = scene.mesh(1, 2) as [End, End];
  for (const text of texts(50)) scene.send(one, 2, text);
  scene.pass(1000);
  expect(received(two)).toEqual(texts(50));
});

test('a lost frame ends a fifo link at both ends, and a prefix arrived', () => {
  const scene = new Scene({ faults: { jitterMs: 2 } });
  const [one, two] = scene.mesh(1, 2) as [End, End];
  scene.faults.loss = 0.2;
  for (const text of texts(40)) scene.send(one, 2, text);
  scene.pass(40);
  scene.faults.loss = 0;
  expect(one.log.join()).toContain('down 2: a frame was lost');
  expect(two.log.join()).toContain('down 1: a frame was lost');
  const got = received(two);
  expect(got.length).toBeLessThan(40);
  expect(got).toEqual(texts(got.length));
});

test('a damaged frame is found by the checksum and ends the link', () => {
  const scene = new Scene();
  const [one, two] = scene.mesh(1, 2) as [End, End];
  scene.faults.corrupt = 1;
  scene.send(one, 2, 'x');
  scene.pass(20);
  expect(received(two)).toEqual([]);
  expect(two.log.join()).toContain('E_FRAME_CRC');
  expect(scene.world.network.counters.corrupted).toBe(1);
});

test('datagrams are lost, duplicated and reordered one by one, and the link lives on', () => {
  const scene = new Scene({ delivery: 'datagram', faults: { jitterMs: 5 } });
  const [one, two] = scene.mesh(1, 2) as [End, End];
  Object.assign(scene.faults, { loss: 0.2, duplicate: 0.2, reorder: 0.3 });
  for (const text of texts(300)) scene.send(one, 2, text);
  scene.pass(2000);
  const got = received(two);
  expect(new Set(got).size).toBeLessThan(300);
  expect(new Set(got).size).toBeGreaterThan(180);
  expect(got.length).toBeGreaterThan(new Set(got).size);
  expect([...got].sort()).not.toEqual(got);
  expect(one.log.join()).not.toContain('down');
});

describe('a numbered link', () => {
  const numbered = (faults: Partial<NetworkFaults>): { scene: Scene; one: End; two: End } => {
    const scene = new Scene({ delivery: 'datagram', numbered: true, faults: { jitterMs: 5 } });
    const [one, two] = scene.mesh(1, 2) as [End, End];
    Object.assign(scene.faults, faults);
    expect(one.transport.delivery).toBe('fifo');
    return { scene, one, two };
  };

  test('is in order and complete through delays, duplicates and replays', () => {
    const { scene, one, two } = numbered({ duplicate: 0.5, replay: 0.5 });
    for (const text of texts(300)) scene.send(one, 2, text);
    scene.pass(2000);
    expect(received(two)).toEqual(texts(300));
    expect(scene.world.network.counters.duplicated).toBeGreaterThan(100);
    expect(one.log.join()).not.toContain('down');
  });

  test.each([{ loss: 0.02 }, { reorder: 0.02 }, { corrupt: 0.02 }])(
    'ends at both ends where a frame is missing: %o',
    (faults) => {
      const { scene, one, two } = numbered(faults);
      for (const text of texts(300)) scene.send(one, 2, text);
      Object.assign(scene.faults, { loss: 0, reorder: 0, corrupt: 0 });
      scene.pass(40);
      const got = received(two);
      expect(got.length).toBeLessThan(300);
      expect(got).toEqual(texts(300).slice(0, got.length));
      expect(two.log.join()).toContain('down 1: E_GAP');
      expect(one.log.join()).toContain('down 2: ');
    },
  );

  test('takes nothing of the link before it', () => {
    const { scene, one, two } = numbered({});
    for (let count = 0; count < 20; count++) scene.send(one, 2, `\u0001old ${count}`);
    scene.pass(1000);
    scene.world.network.breakLinks(() => true);
    scene.pass(1000);
    scene.faults.replay = 1;
    for (const text of ['\u0001new 0', '\u0001new 1']) scene.send(one, 2, text);
    scene.pass(1000);
    expect(scene.world.network.counters.replayed).toBe(2);
    expect(received(two).slice(20)).toEqual(['\u0001new 0', '\u0001new 1']);
  });
});

test('a replay brings back old frames of a core, and of nobody else', () => {
  const scene = new Scene({ delivery: 'datagram' });
  const [one, two] = scene.mesh(1, 2) as [End, End];
  scene.faults.replay = 1;
  for (let count = 0; count < 20; count++) scene.send(one, 2, `\u0001core ${count}`);
  for (let count = 0; count < 20; count++) scene.send(one, 2, `runtime ${count}`);
  scene.pass(1000);
  expect(received(two).filter((text) => text.startsWith('\u0001')).length).toBe(40);
  expect(received(two).filter((text) => text.startsWith('runtime')).length).toBe(20);
});

describe('a partition', () => {
  test('that heals in time delays a fifo link, in order and complete', () => {
    const scene = new Scene({ idleMs: 1000 });
    const [one, two] = scene.mesh(1, 2) as [End, End];
    scene.world.network.block('p', (from, to) => from === 1 && to === 2);
    for (const text of texts(5)) scene.send(one, 2, text);
    scene.pass(500);
    expect(received(two)).toEqual([]);
    scene.world.network.block('p', undefined);
    for (const text of ['late']) scene.send(one, 2, text);
    scene.pass(100);
    expect(received(two)).toEqual([...texts(5), 'late']);
  });

  test('in one direction ends a fifo link at both ends after the idle deadline', () => {
    const scene = new Scene({ idleMs: 300 });
    const [one, two] = scene.mesh(1, 2) as [End, End];
    scene.world.network.block('p', (from, to) => from === 1 && to === 2);
    scene.pass(250);
    expect(one.links.size + two.links.size).toBe(2);
    scene.pass(400);
    expect(two.log.join()).toContain('E_IDLE');
    expect(one.links.size + two.links.size).toBe(0);
  });

  test('swallows datagrams', () => {
    const scene = new Scene({ delivery: 'datagram', idleMs: 1000 });
    const [one, two] = scene.mesh(1, 2) as [End, End];
    scene.world.network.block('p', () => true);
    scene.send(one, 2, 'gone');
    scene.pass(100);
    scene.world.network.heal();
    scene.send(one, 2, 'here');
    scene.pass(100);
    expect(received(two)).toEqual(['here']);
  });
});

test('after the end of a machine its peers notice: at once, or by silence', () => {
  for (const silent of [false, true]) {
    const scene = new Scene({ idleMs: 700 });
    const [one, two] = scene.mesh(1, 2) as [End, End];
    one.process.kill();
    scene.world.network.processEnded(1, silent);
    scene.pass(100);
    expect(two.links.size).toBe(silent ? 1 : 0);
    scene.pass(700);
    expect(two.links.size).toBe(0);
  }
});

test('a restarted machine takes the place of its old life while the others still believe in it', () => {
  const scene = new Scene({ idleMs: 5000 });
  const [one, two] = scene.mesh(1, 2) as [End, End];
  one.process.kill();
  scene.world.network.processEnded(1, true);
  scene.pass(50);
  expect(two.links.size).toBe(1);
  const again = scene.start(1, 2);
  again.process.input(() => again.transport.setPeers([{ id: 2, urls: ['sim://2'] }]));
  scene.pass(500);
  // Once for the new life, and perhaps once more for the end that dials with the higher id.
  const story = two.log.filter((line) => line.startsWith('down') || line.startsWith('up'));
  expect(story.length).toBeGreaterThan(2);
  expect(story.every((line, place) => line === (place % 2 === 0 ? 'up 1' : 'down 1: superseded by another link'))).toBe(true);
  scene.send(again, 2, 'hello');
  scene.pass(50);
  expect(received(two)).toContain('hello');
});

test('a distance delays frames of its direction, beside the delay of the network', () => {
  const distancesMs = [
    [0, 40],
    [7, 0],
  ];
  const scene = new Scene({ faults: { delayMs: 2 }, distancesMs });
  const [one, two, three] = scene.mesh(1, 2, 3) as [End, End, End];
  const arrivalMs = (from: End, to: End): number => {
    const sentMs = scene.world.time.nowMs;
    scene.send(from, to.machine, 'hello');
    for (let waits = 0; waits < 100 && !received(to).includes('hello'); waits++) scene.pass(1);
    to.log.length = 0;
    return scene.world.time.nowMs - sentMs;
  };
  expect(arrivalMs(one, two)).toBe(42);
  expect(arrivalMs(two, one)).toBe(9);
  // The third machine has no place in the table.
  expect(arrivalMs(one, three)).toBe(2);
});

test('a refusal reaches both ends', () => {
  const scene = new Scene();
  const [one] = scene.mesh(1, 9) as [End, End];
  scene.pass(200);
  expect(one.links.size).toBe(0);
  expect(one.log.join()).toContain('E_NOT_MEMBER');
  expect(scene.ends[9]?.log.join()).toContain('E_NOT_MEMBER');
});

test('a slow network holds frames back, and above the limit the link ends', () => {
  const scene = new Scene({ queueBytes: 1000, faults: { bandwidth: 1 } });
  const [one] = scene.mesh(1, 2) as [End, End];
  const link = [...one.links.keys()][0] ?? 0;
  scene.send(one, 2, 'x'.repeat(600));
  expect(one.transport.queuedBytes(link)).toBe(600);
  scene.pass(700);
  expect(one.log).toContain('drained');
  expect(scene.send(one, 2, 'x'.repeat(600))).toBe(true);
  expect(scene.send(one, 2, 'x'.repeat(600))).toBe(false);
  scene.pass(50);
  expect(one.log.join()).toContain('down 2: E_OVERFLOW');
});

test('bulk frames yield to all others', () => {
  const scene = new Scene({ faults: { bandwidth: 1 } });
  const [one, two] = scene.mesh(1, 2) as [End, End];
  scene.send(one, 2, 'b'.repeat(500), 'bulk');
  scene.send(one, 2, 'heartbeat', 'control');
  scene.pass(1000);
  expect(received(two)[0]).toBe('heartbeat');
});

test('equal seeds make equal worlds', () => {
  const run = (): string[] => {
    const scene = new Scene({ delivery: 'datagram', faults: { jitterMs: 7, loss: 0.1, duplicate: 0.1 } });
    const [one, two] = scene.mesh(1, 2) as [End, End];
    for (const text of texts(100)) scene.send(one, 2, text);
    scene.pass(1000);
    return [...two.log, String(scene.world.time.events)];
  };
  expect(run()).toEqual(run());
});
