import { frameTypes, parseFrame } from '@quorate/interface';
import { describe, expect, test } from 'vitest';
import type { Node } from './fixtures/cluster.ts';
import { Cluster, kinds } from './fixtures/cluster.ts';
import { runtimeCodec } from './fixtures/json-codec.ts';

const large = 'v'.repeat(300);

/** A cluster whose member 3 missed more than the others keep in their logs. */
function lagging(kind: (typeof kinds)[number][1], limits = {}): Cluster {
  const cluster = new Cluster(kind, { snapshotCount: 20, limits: { snapshotChunkBytes: 512, ...limits } }).start();
  cluster.elected();
  cluster.crash(3);
  cluster.elected();
  for (let i = 0; i < 150; i++) cluster.wait(cluster.submit(cluster.node((i % 2) + 1), `set k${i} ${large}${i}`));
  cluster.world.until(() => [1, 2].every((id) => cluster.node(id).replica.status().snapshot.index > 30), 'snapshots');
  return cluster;
}

function expectSame(cluster: Cluster): void {
  cluster.level();
  const [first, ...others] = cluster.nodes.filter(({ life }) => life.alive) as [Node, ...Node[]];
  for (const { machine } of others) {
    expect(machine.applied).toEqual(first.machine.applied);
    expect([...machine.values]).toEqual([...first.machine.values]);
  }
}

describe.each(kinds)('snapshots over %s', (_name, kind) => {
  test('are taken after the count of entries, marked, and replace the older file', () => {
    const cluster = new Cluster(kind, { members: 1, snapshotCount: 10 }).start();
    const node = cluster.elected();
    for (let i = 0; i < 50; i++) cluster.wait(cluster.submit(node, `set k ${i}`));
    cluster.world.pass(50);
    const { counters, snapshot } = node.replica.status();
    expect(counters.snapshotsTaken).toBeGreaterThanOrEqual(3);
    expect(node.medium.files.size).toBe(1);
    expect(snapshot.doing).toBe('nothing');
    expect([...node.medium.files.values()][0]?.meta.index).toBe(snapshot.index);
  });

  test('are not due before the journal has grown enough', () => {
    const limits = { snapshotGrowthBytes: 100_000 };
    const cluster = new Cluster(kind, { members: 1, snapshotCount: 10, limits }).start();
    const node = cluster.elected();
    for (let i = 0; i < 50; i++) cluster.wait(cluster.submit(node, `set k ${i}`));
    cluster.world.pass(50);
    expect(node.replica.status().counters.snapshotsTaken).toBe(0);
  });

  test('a restart begins at the marked snapshot, and ordinals and sessions go on', () => {
    const cluster = new Cluster(kind, { members: 1, snapshotCount: 10 }).start();
    const node = cluster.elected();
    for (let i = 0; i < 35; i++) cluster.wait(cluster.submit(node, `set k ${i}`));
    cluster.world.pass(50);
    const before = node.replica.status();
    cluster.restart(1);
    expect(node.machine.restores).toBe(1);
    cluster.elected();
    cluster.world.until(() => node.replica.status().ordinal === before.ordinal, 'everything is applied again');
    expect(node.machine.values.get('k')).toBe('34');
    expect(node.replica.status().clusterMs).toBe(before.clusterMs);
  });

  test('a finished file without a mark is removed at the start, a marked one that is missing stops it', () => {
    const cluster = new Cluster(kind, { members: 1, snapshotCount: 10 }).start();
    const node = cluster.elected();
    for (let i = 0; i < 30; i++) cluster.wait(cluster.submit(node, `set k ${i}`));
    cluster.world.pass(50);
    const [file] = [...node.medium.files.values()];
    if (file !== undefined) node.medium.files.set('stray', { ...file, meta: { ...file.meta, id: 'stray' } });
    cluster.restart(1);
    expect(node.medium.files.has('stray')).toBe(false);
    node.medium.files.clear();
    cluster.restart(1);
    expect(node.failures).toMatchObject([{ code: 'E_SNAP_MISSING', exit: 65 }]);
  });

  test('a damaged snapshot stops the start', () => {
    const cluster = new Cluster(kind, { members: 1, snapshotCount: 10 }).start();
    const node = cluster.elected();
    for (let i = 0; i < 30; i++) cluster.wait(cluster.submit(node, `set k ${i}`));
    cluster.world.pass(50);
    const [file] = [...node.medium.files.values()];
    if (file !== undefined) file.bytes[file.bytes.length - 20] = 0x20;
    cluster.restart(1);
    expect(node.failures).toMatchObject([{ exit: 65, code: 'E_SNAP_DAMAGED' }]);
  });

  test('a member that is far behind pulls one and goes on above it', () => {
    const cluster = lagging(kind);
    cluster.reborn(3);
    cluster.start(3);
    expectSame(cluster);
    const node = cluster.node(3);
    expect(node.replica.status().counters.snapshotsReceived).toBeGreaterThan(0);
    expect(node.machine.restores).toBeGreaterThan(0);
    expect(cluster.wait(cluster.submit(node, 'set after 1')).error).toBeUndefined();
    expectSame(cluster);
  });

  test('a pull goes on where it was after lost links and a crash in the middle', () => {
    const cluster = lagging(kind);
    cluster.reborn(3);
    const offsets: number[] = [];
    let chunks = 0;
    cluster.network.filter = (from, _to, bytes) => {
      const frame = parseFrame(bytes);
      const message = frame?.type === frameTypes.runtime ? runtimeCodec.decode(frame.head) : undefined;
      if (message?.kind === 'snapshot-read' && from === 'm3') offsets.push(message.offset);
      if (message?.kind === 'snapshot-chunk') chunks += 1;
      return !(message?.kind === 'snapshot-chunk' && chunks % 7 === 5);
    };
    cluster.start(3);
    cluster.world.until(() => chunks >= 12, 'the middle of the pull');
    cluster.restart(3);
    expectSame(cluster);
    expect(offsets.filter((offset) => offset === 0).length).toBeLessThanOrEqual(2);
    expect(cluster.node(3).replica.status().counters.snapshotsReceived).toBeGreaterThan(0);
  });

  test('a crash between the file and its mark leaves the old state; the next life pulls again', () => {
    const cluster = lagging(kind);
    const node = cluster.reborn(3);
    cluster.start(3);
    cluster.world.until(() => [...node.medium.files.values()].some(({ finished }) => finished), 'the file is finished');
    node.medium.syncs = 'held';
    cluster.world.pass(200);
    expect(node.machine.restores).toBe(0);
    node.medium.syncs = 'soon';
    cluster.restart(3);
    expectSame(cluster);
  });

  test('a chunk that is damaged on its way ends the link and is asked for again', () => {
    const cluster = lagging(kind);
    cluster.reborn(3);
    let damaged = 0;
    cluster.network.filter = (_from, _to, bytes) => {
      const frame = parseFrame(bytes);
      const message = frame?.type === frameTypes.runtime ? runtimeCodec.decode(frame.head) : undefined;
      if (message?.kind === 'snapshot-chunk' && message.total > 0 && damaged === 0) {
        damaged += 1;
        bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 0x55;
      }
      return true;
    };
    cluster.start(3);
    expectSame(cluster);
    expect(damaged).toBe(1);
    expect(cluster.node(3).replica.status().counters.malformed).toBe(1);
  });
});
