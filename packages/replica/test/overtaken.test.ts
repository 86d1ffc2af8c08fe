import { consensusErrorCodes } from '@quorate/interface';
import { describe, expect, test } from 'vitest';
import { HandClient } from './fixtures/hand-client.ts';
import { snapshotOn } from './fixtures/snapshot-on.ts';
import { leading, Stage } from './fixtures/stage.ts';

/** A member that reads an entry for apply from its journal while it marks a snapshot far above. */
function overtake(snapshotReadMs: number): Stage {
  const stage = new Stage();
  stage.give({ role: leading(1) });
  stage.cluster.submit(stage.node, 'set a 1');
  stage.cluster.world.pass(5);
  stage.node.medium.readMs = 50;
  stage.node.medium.snapshotReadMs = snapshotReadMs;
  const entry = stage.write(1);
  stage.core.cache.length = 0;
  stage.give({ ...entry, commit: { index: 1, gate: 1 } });
  const snapshotMark = snapshotOn(stage, 5);
  stage.give({ write: { snapshotMark, entries: [], compactBelow: 6, commit: 5 }, commit: { index: 5, gate: 2 } });
  stage.cluster.world.pass(1000);
  return stage;
}

describe('a snapshot that is ahead of the state', () => {
  test('drops a journal read overtaken by a snapshot restore', () => {
    const { node } = overtake(0);
    expect(node.failures).toEqual([]);
    expect(node.machine.values.get('a')).toBe('of 5');
    expect(node.replica.status().applied).toBe(5);
  });

  test('drops a journal read overtaken by the mark, although the restore is not complete', () => {
    const { node } = overtake(200);
    expect(node.failures).toEqual([]);
    expect(node.machine.values.get('a')).toBe('of 5');
    expect(node.replica.status().applied).toBe(5);
  });

  test('takes the place of an older one whose restore is under way', () => {
    const stage = new Stage();
    const { node, cluster } = stage;
    node.medium.snapshotReadMs = 100;
    const older = snapshotOn(stage, 5);
    stage.give({ write: { snapshotMark: older, entries: [], compactBelow: 6, commit: 5 }, commit: { index: 5, gate: 1 } });
    cluster.world.pass(50);
    const newer = snapshotOn(stage, 9);
    stage.give({ write: { snapshotMark: newer, entries: [], compactBelow: 10, commit: 9 }, commit: { index: 9, gate: 2 } });
    cluster.world.pass(1000);
    expect(node.failures).toEqual([]);
    expect(node.machine.values.get('a')).toBe('of 9');
    expect(node.machine.restores).toBe(1);
    expect(node.replica.status().applied).toBe(9);
    expect(node.replica.status().snapshot.doing).toBe('nothing');
  });

  test('does not touch the state before the batch with its mark is durable, whatever else is', () => {
    const stage = new Stage();
    const { node, cluster } = stage;
    node.medium.syncs = 'held';
    stage.give({ write: { entries: [], hardState: new Uint8Array(1), commit: 0 } });
    const meta = snapshotOn(stage, 5);
    stage.give({ write: { snapshotMark: meta, entries: [], compactBelow: 6, commit: 5 }, commit: { index: 5, gate: 2 } });
    node.medium.held.shift()?.();
    cluster.world.pass(100);
    expect(stage.core.inputs.at(-1)).toEqual({ type: 'persisted', write: 1 });
    expect(node.machine.restores).toBe(0);
    expect(node.replica.status()).toMatchObject({ applied: 0, snapshot: { index: 0 } });
    node.medium.release();
    cluster.world.pass(100);
    expect(node.machine.values.get('a')).toBe('of 5');
  });

  test('keeps its file while an older mark becomes durable: its own is still to be written', () => {
    const stage = new Stage();
    const { node, cluster } = stage;
    node.medium.syncs = 'held';
    const own = snapshotOn(stage, 0);
    stage.give({ write: { snapshotMark: own, entries: [], commit: 0 } });
    const pulled = snapshotOn(stage, 5, { finished: false });
    stage.give({ snapshots: [{ do: 'receive', peer: 2, meta: pulled }] });
    expect(stage.core.inputs.at(-1)).toMatchObject({ type: 'snapshotReceived' });
    node.medium.syncs = 'soon';
    node.medium.release();
    cluster.world.pass(5);
    stage.give({ write: { snapshotMark: pulled, entries: [], compactBelow: 6, commit: 5 }, commit: { index: 5, gate: 2 } });
    cluster.world.pass(100);
    expect(node.failures).toEqual([]);
    expect(node.machine.values.get('a')).toBe('of 5');
    expect([...node.medium.files.keys()]).toEqual(['s5']);
  });
});

describe('an outcome', () => {
  test('of a session command that was handed over twice is unknown where its first copy meets a gap: the second may act', () => {
    const stage = new Stage();
    const { cluster, node } = stage;
    stage.give({ role: leading(1) });
    const client = new HandClient(cluster, 1);
    client.send({ kind: 'session-open', request: 1 });
    cluster.world.pass(5);
    stage.give({ ...stage.write(1), commit: { index: 1, gate: 1 } });
    expect(client.session).toBe(1);
    client.commands(2, ['append a x']);
    cluster.world.pass(5);
    stage.give(stage.write(2));
    client.commands(1, ['append a y']);
    cluster.world.pass(5);
    stage.give(stage.write(3));
    // Both are handed over again, and the copy of the second is appended.
    stage.give({ role: leading(2) });
    cluster.world.pass(50);
    stage.give({ ...stage.write(4), commit: { index: 5, gate: 4 } });
    cluster.world.pass(50);
    expect(node.machine.values.get('a')).toBe('yx');
    const place = consensusErrorCodes.indexOf('E_OUT_OF_SEQUENCE') + 1;
    expect(client.results.map(({ number, code }) => [number, code])).toEqual([
      [2, place + 128],
      [1, 0],
    ]);
  });

  test('of a command is not told twice: a repeated number that waits is refused by nobody, not even without credit', () => {
    const stage = new Stage({ limits: { clientBytes: 16 } });
    const { cluster, node } = stage;
    stage.give({ role: leading(1) });
    const client = new HandClient(cluster, 1);
    client.commands(1, ['append a x']);
    client.commands(1, ['append a x']);
    cluster.world.pass(5);
    expect(client.results).toEqual([]);
    stage.give({ ...stage.write(1), commit: { index: 1, gate: 1 } });
    expect(node.machine.values.get('a')).toBe('x');
    expect(client.results).toMatchObject([{ number: 1, code: 0 }]);
  });
});
