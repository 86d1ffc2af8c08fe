import { crc32, noEpoch } from '@quorate/interface';
import type { RuntimeMessage, SnapshotMeta } from '@quorate/interface';
import { describe, expect, test } from 'vitest';
import type { Links } from '../src/links.ts';
import type { Member } from '../src/member.ts';
import { SnapshotPull } from '../src/snapshot-pull.ts';

const patienceMs = 100;
const what = { configs: [], core: new Uint8Array(0), stateMachine: 'register', version: 1 };
const meta: SnapshotMeta = { id: 's5', index: 5, epoch: noEpoch, ordinal: 5, bytes: 4, ...what };

/** A pull alone: link `10 + peer` leads to a peer while it is there. */
class Scene {
  nowMs = 0;
  there: number[] = [];
  readonly asked: number[] = [];
  readonly written: number[] = [];
  readonly pull: SnapshotPull<object>;

  constructor() {
    const write = (chunk: Uint8Array, done: () => void): void => {
      this.written.push(...chunk);
      done();
    };
    const writer = { offset: 0, write, finish: () => {}, abort: () => {} };
    const storage = { snapshots: { writer: (_meta: object, _resume: boolean, done: (given: object) => void) => done(writer) } };
    const limits = { snapshotChunkBytes: 2, snapshotPatienceMs: patienceMs };
    const member = {
      now: () => this.nowMs,
      post: (task: () => void) => task(),
      step: () => {},
      log: () => {},
      emit: () => {},
      counters: {},
      options: { storage, limits, host: { crc32 } },
    };
    const links = {
      linkOf: (peer: number) => (this.there.includes(peer) ? 10 + peer : undefined),
      peerOf: (link: number) => link - 10,
      peers: () => this.there,
      sendRuntime: (link: number, _lane: string, message: RuntimeMessage) => {
        if (message.kind === 'snapshot-read') this.asked.push(link - 10);
      },
    };
    const snapshots = { known: new Map(), arriving: undefined };
    this.pull = new SnapshotPull(member as unknown as Member<object>, links as unknown as Links<object>, snapshots);
  }

  lose(peer: number): void {
    this.there = this.there.filter((other) => other !== peer);
    this.pull.linkDown(10 + peer);
  }

  /** Two bytes from a peer. */
  chunk(peer: number, offset: number, bytes: Uint8Array): boolean {
    const message = { kind: 'snapshot-chunk', id: meta.id, offset, total: meta.bytes, checksum: crc32(bytes, 0) } as const;
    return this.pull.chunk(10 + peer, peer, message, bytes);
  }

  wait(): void {
    this.nowMs += patienceMs;
    this.pull.expire(this.nowMs);
  }
}

describe('the pull of a snapshot', () => {
  test('asks a member again that was silent once when no other is left', () => {
    const scene = new Scene();
    scene.there = [2, 3];
    scene.pull.receive(2, meta);
    scene.wait();
    expect(scene.asked).toEqual([2, 3]);
    scene.lose(3);
    expect(scene.asked).toEqual([2, 3, 2]);
  });

  test('asks the member that the core names again', () => {
    const scene = new Scene();
    scene.pull.receive(2, meta);
    expect(scene.asked).toEqual([]);
    scene.there = [4];
    scene.pull.receive(4, meta);
    expect(scene.asked).toEqual([4]);
    scene.pull.receive(4, meta);
    expect(scene.asked).toEqual([4]);
  });

  test('writes each part once, in its place: one that comes again, or too early, is ignored', () => {
    const scene = new Scene();
    scene.there = [2];
    scene.pull.receive(2, meta);
    expect(scene.chunk(2, 2, Uint8Array.of(3, 4))).toBe(true);
    expect(scene.chunk(2, 0, Uint8Array.of(1, 2))).toBe(true);
    expect(scene.chunk(2, 0, Uint8Array.of(1, 2))).toBe(true);
    expect([scene.written, scene.asked, scene.pull.doneBytes]).toEqual([[1, 2], [2, 2], 2]);
    expect(scene.chunk(2, 2, Uint8Array.of(3, 4))).toBe(true);
    expect([scene.written, scene.pull.doneBytes]).toEqual([[1, 2, 3, 4], 4]);
  });
});
