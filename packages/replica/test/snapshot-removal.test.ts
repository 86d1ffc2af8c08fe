import { noEpoch } from '@quorate/interface';
import type { SnapshotMeta } from '@quorate/interface';
import { expect, test } from 'vitest';
import type { Apply } from '../src/apply.ts';
import type { Links } from '../src/links.ts';
import type { Member } from '../src/member.ts';
import { SnapshotServe } from '../src/snapshot-serve.ts';
import { Snapshots } from '../src/snapshots.ts';

function metaAt(index: number): SnapshotMeta {
  const what = { configs: [], core: new Uint8Array(0), stateMachine: 'register', version: 1 };
  return { id: `s${index}`, index, epoch: noEpoch, ordinal: index, bytes: 4, ...what };
}

/** The snapshots of a member that has applied everything, and the ids that were kept last. */
class Scene {
  nowMs = 0;
  kept: readonly string[] = [];
  readonly snapshots: Snapshots<object>;
  private readonly serve: SnapshotServe<object>;

  constructor() {
    const files = {
      removeAllBut: (ids: readonly string[]) => void (this.kept = ids),
      read: (_id: string, _offset: number, _maxBytes: number, done: (chunk: Uint8Array) => void) => done(new Uint8Array(2)),
    };
    const host = { random: () => 0, crc32: () => 0 };
    const limits = { snapshotReads: 1, snapshotChunkBytes: 2 };
    const member = {
      now: () => this.nowMs,
      post: (task: () => void) => task(),
      options: { storage: { snapshots: files }, host, limits, snapshotCount: 10 },
    } as unknown as Member<object>;
    this.snapshots = new Snapshots(member, { applied: 1000 } as Apply<object>);
    this.serve = new SnapshotServe(member, { sendRuntime: () => {} } as unknown as Links<object>, this.snapshots);
    this.snapshots.begin(metaAt(10));
  }

  /** A peer reads a part. */
  read(id: string): void {
    this.serve.read(1, { kind: 'snapshot-read', id, offset: 0, maxBytes: 2 });
  }

  /** A newer one is marked, durably. */
  mark(index: number): void {
    this.snapshots.marked(metaAt(index), index);
    this.snapshots.release(index);
  }
}

test('a snapshot goes when a newer one is current', () => {
  const scene = new Scene();
  scene.mark(20);
  expect(scene.kept).toEqual(['s20']);
});

test('one that a peer still reads stays, over any number of newer ones, until the peer has been silent for long', () => {
  const scene = new Scene();
  for (const index of [20, 30, 40]) {
    scene.read('s10');
    scene.nowMs += 29_000;
    scene.mark(index);
    expect(scene.kept).toEqual([`s${index}`, 's10']);
  }
  scene.nowMs += 1000;
  scene.mark(50);
  expect(scene.kept).toEqual(['s50']);
  expect([...scene.snapshots.known.keys()]).toEqual(['s50']);
});
