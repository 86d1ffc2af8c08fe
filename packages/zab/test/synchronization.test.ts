import { expect, test } from 'vitest';
import { decodeEpochStarts, encodeHardState } from '../src/zxid.ts';
import { entry, Lone, metaOf, proposal, recoveredLog } from './fixture/lone.ts';

/** A leader of epoch 8 whose history is (1,1) (1,2) (1,3) (3,1) (3,2) (7,1), of which nothing is known to be committed. */
function leaderOf(options: { readonly snapshot?: number; readonly learners?: readonly number[] } = {}): Lone {
  const lone = new Lone({
    self: 3,
    voters: 5,
    recovered: recoveredLog([1, 1, 1, 3, 3, 7]),
    limits: { tailBytes: 1 << 16 },
    ...(options.learners === undefined ? {} : { learners: options.learners }),
  });
  lone.lead([4, 5], [7, 1], 7, 7);
  return lone;
}

test.each([
  ['the same history', [7, 1], 'diff', [7, 1], []],
  ['a prefix', [1, 3], 'diff', [1, 3], [4, 5, 6]],
  ['nothing at all', [0, 0], 'diff', [0, 0], [1, 2, 3, 4, 5, 6]],
  ['a surplus within the last epoch', [7, 4], 'trunc', [7, 1], []],
  ['a surplus within an earlier epoch', [3, 5], 'trunc', [3, 2], [6]],
  ['an epoch that nobody else has', [5, 1], 'trunc', [3, 2], [6]],
  ['a later epoch of which nothing is here', [8, 3], 'trunc', [7, 1], []],
] as const)('Z5: brings up a follower that has %s', (_what, zxid, kind, to, sent) => {
  const lone = leaderOf();
  lone.hear(1, { kind: 'cepoch', acceptedEpoch: 7 });
  lone.ackEpoch(1, zxid, 3);
  const log = lone.effects.sends.filter(({ links, lane }) => lane === 'log' && links.includes(10));
  expect(log.map(({ message }) => message.kind)).toEqual([kind, ...(sent.length > 0 ? ['propose'] : []), 'new-leader']);
  expect(log[0]?.message).toEqual({ kind, epoch: 8, zxidEpoch: to[0], zxidCounter: to[1] });
  expect(log.flatMap(({ entries }) => entries.map(({ first }) => first))).toEqual(sent);
});

test('Z5: a learner below its base, and one whose cut would cross an epoch, get a snapshot where there is one', () => {
  const lone = new Lone({ self: 3, recovered: recoveredLog([1, 1, 1, 3, 3, 7], { commit: 3 }), limits: { tailBytes: 0 } });
  lone.ready([1], [7, 1], 7, 7);
  lone.step({ type: 'applied', index: 6 });
  lone.step({ type: 'snapshotTaken', meta: metaOf(4, 3, 4) });
  expect(lone.drain().write).toMatchObject({ compactBelow: 5 });
  lone.sync();
  for (const zxid of [
    [1, 3],
    [2, 7],
    [0, 0],
  ] as const) {
    lone.linkUp(2);
    lone.hear(2, { kind: 'cepoch', acceptedEpoch: 1 });
    lone.ackEpoch(2, zxid, 1);
    expect(lone.sent('snap')).toMatchObject([{ to: [2], message: { epoch: 8, meta: { index: 4 } } }]);
    expect(lone.kinds).not.toContain('new-leader');
  }
  // Within the log, a snapshot is of no use; the one who holds the base needs none.
  lone.linkUp(2);
  lone.hear(2, { kind: 'cepoch', acceptedEpoch: 1 });
  lone.ackEpoch(2, [3, 1], 1);
  expect(lone.kinds.filter((kind) => kind !== 'notification')).toEqual(['diff', 'propose', 'new-leader']);
});

test('Z5: a cut across an epoch goes by a snapshot that lies beyond it', () => {
  const lone = new Lone({ self: 3, recovered: recoveredLog([1, 1, 1, 3, 3, 7], { commit: 3 }), limits: { tailBytes: 1 << 16 } });
  lone.ready([1], [7, 1], 7, 7);
  lone.step({ type: 'applied', index: 6 });
  lone.step({ type: 'snapshotTaken', meta: metaOf(5, 3, 4) });
  lone.drain();
  lone.sync();
  lone.hear(2, { kind: 'cepoch', acceptedEpoch: 1 });
  lone.ackEpoch(2, [2, 1], 2);
  expect(lone.sent('snap')).toHaveLength(1);
});

test('goes on behind a snapshot once the learner says that it is on its disk, and offers again where it was not taken', () => {
  const lone = new Lone({ self: 3, recovered: recoveredLog([1, 1, 1, 3, 3, 7], { commit: 3 }), limits: { tailBytes: 0 } });
  lone.ready([1], [7, 1], 7, 7);
  lone.step({ type: 'applied', index: 6 }, { type: 'snapshotTaken', meta: metaOf(4, 3, 4) });
  lone.drain();
  lone.sync();
  lone.hear(2, { kind: 'cepoch', acceptedEpoch: 1 });
  lone.ackEpoch(2, [1, 1], 1);
  lone.hear(2, { kind: 'stored', epoch: 8, zxidEpoch: 1, zxidCounter: 1 });
  expect(lone.sent('snap')).toEqual([]);
  lone.wake();
  expect(lone.sent('snap')).toHaveLength(1);
  lone.hear(2, { kind: 'stored', epoch: 8, zxidEpoch: 3, zxidCounter: 1 });
  expect(lone.kinds).toEqual(['propose', 'new-leader']);
  expect(lone.sent('propose')).toMatchObject([{ message: { zxidEpoch: 3, zxidCounter: 2 } }]);
});

test('NEWLEADER waits for the own epoch on the own disk, and PROPOSEs emitted later are behind it in the lane', () => {
  const lone = leaderOf();
  const [first] = lone.sent('new-leader');
  expect(first).toMatchObject({ gate: lone.writes, lane: 'log', message: { epoch: 8, zxidEpoch: 7, zxidCounter: 1 } });
  lone.sync();
  lone.hear(4, { kind: 'ack-leader', epoch: 8 });
  expect(lone.core.status().role.ready).toBe(false);
  lone.hear(5, { kind: 'ack-leader', epoch: 8 });
  expect(lone.core.status().role.ready).toBe(true);
});

test('Z7: the quorum of ACK-LD commits the whole initial history, with no txn of the new epoch (O8, O9)', () => {
  const lone = leaderOf();
  lone.propose('early');
  expect(lone.effects.rejected).toMatchObject([{ reason: 'not-ready' }]);
  lone.sync();
  lone.hear(4, { kind: 'ack-leader', epoch: 8 });
  expect(lone.effects.commit.index).toBe(0);
  lone.hear(5, { kind: 'ack-leader', epoch: 8 });
  expect(lone.effects.commit).toEqual({ index: 6, gate: 0 });
  // The only txn that follows is the configuration of the genesis.
  expect(lone.last).toBe(7);
  expect(lone.core.status().role).toMatchObject({ ready: true, settled: false });
  lone.step({ type: 'applied', index: 6 });
  lone.drain();
  expect(lone.core.status().role.settled).toBe(true);
  expect(lone.sent('up-to-date')).toEqual([]);
});

test('Z7: its own epoch must be durable before a leader counts itself', () => {
  const lone = leaderOf();
  for (const from of [4, 5]) lone.hear(from, { kind: 'ack-leader', epoch: 8 });
  expect(lone.core.status().role.ready).toBe(false);
  lone.sync();
  expect(lone.core.status().role.ready).toBe(true);
  expect(lone.sent('up-to-date').map(({ to }) => to)).toEqual([[4], [5]]);
});

test('Z7: an observer is told nothing before a quorum is synchronised, and counts for nothing', () => {
  const lone = leaderOf({ learners: [9] });
  lone.hear(9, { kind: 'cepoch', acceptedEpoch: 1 });
  lone.ackEpoch(9, [0, 0], 0);
  expect(lone.kinds).toEqual([]);
  lone.sync();
  lone.hear(4, { kind: 'ack-leader', epoch: 8 });
  lone.hear(9, { kind: 'ack-leader', epoch: 8 });
  expect(lone.core.status().role.ready).toBe(false);
});

test('Z8, Z-12: UPTODATE carries the latest commit, not that of ACK-LD', () => {
  const lone = new Lone({ self: 3 });
  lone.ready([2]);
  lone.sync();
  lone.hear(2, { kind: 'ack', epoch: 1, from: 1, to: 1 });
  lone.hear(1, { kind: 'cepoch', acceptedEpoch: 0 });
  lone.ackEpoch(1, [0, 0]);
  expect(lone.sent('new-leader')).toMatchObject([{ message: { zxidEpoch: 1, zxidCounter: 1 } }]);
  lone.propose('late');
  lone.sync();
  lone.hear(2, { kind: 'ack', epoch: 1, from: 2, to: 2 });
  // COMMIT goes to whoever was sent NEWLEADER: it is in the same queue, in front of UPTODATE.
  expect(lone.sent('commit').map(({ to }) => to)).toEqual([[1, 2]]);
  lone.hear(1, { kind: 'ack-leader', epoch: 1 });
  expect(lone.sent('up-to-date')).toMatchObject([{ to: [1], message: { zxidEpoch: 1, zxidCounter: 2 } }]);
});

test('Z6: history first, then the epoch, then ACK-LD: three steps, two batches, one gate', () => {
  const lone = new Lone({ recovered: recoveredLog([1, 1], { commit: 1 }) });
  lone.follow(3, 2);
  lone.hear(3, { kind: 'trunc', epoch: 2, zxidEpoch: 1, zxidCounter: 1 });
  expect(lone.effects.write).toMatchObject({ truncateFrom: 2, entries: [] });
  lone.hear(3, proposal(2, [1, 2]), [entry(2, 1, 'other')]);
  expect(lone.sent('stored')).toMatchObject([{ gate: lone.writes, message: { zxidEpoch: 1, zxidCounter: 2 } }]);
  // In one turn with NEWLEADER the last of the history is still in a batch of its own.
  lone.step({ type: 'message', from: 3, link: 30, message: proposal(2, [1, 3]), entries: [entry(3, 1)] });
  lone.hear(3, { kind: 'new-leader', epoch: 2, zxidEpoch: 1, zxidCounter: 3 });
  expect(lone.effects.write).toMatchObject({ entries: [{ first: 3 }] });
  expect(lone.effects.write?.hardState).toBeUndefined();
  expect(lone.kinds).not.toContain('ack-leader');
  expect(lone.effects.nextDeadline).toBe(lone.now);
  const { write } = lone.drain();
  expect(write).toMatchObject({ entries: [], hardState: encodeHardState({ acceptedEpoch: 2, currentEpoch: 2 }) });
  expect(lone.sent('ack-leader')).toMatchObject([{ to: [3], lane: 'log', gate: lone.writes }]);
});

test('Z8: delivers nothing before UPTODATE, then everything up to its zxid', () => {
  const lone = new Lone({ recovered: recoveredLog([1, 1, 1], { commit: 1 }) });
  lone.follow(3, 2);
  lone.hear(3, { kind: 'diff', epoch: 2, zxidEpoch: 1, zxidCounter: 3 });
  lone.hear(3, { kind: 'new-leader', epoch: 2, zxidEpoch: 1, zxidCounter: 3 });
  lone.sync();
  expect(lone.effects.commit.index).toBe(1);
  lone.hear(3, { kind: 'up-to-date', epoch: 2, zxidEpoch: 1, zxidCounter: 3 });
  expect(lone.effects.commit).toEqual({ index: 3, gate: 0 });
  expect(lone.core.status().role).toMatchObject({ role: 'follower', leader: 3 });
});

test('Z10: logs only what goes on in order, and ends the link at a gap', () => {
  for (const [zxid, index] of [
    [[1, 4], 4],
    [[1, 3], 4],
    [[2, 2], 3],
    [[2, 1], 4],
  ] as const) {
    const lone = new Lone({ recovered: recoveredLog([1, 1]) });
    lone.follow(3, 2);
    lone.hear(3, { kind: 'diff', epoch: 2, zxidEpoch: 1, zxidCounter: 2 });
    lone.hear(3, proposal(2, zxid), [entry(index, zxid[0])]);
    expect(lone.effects.closes.map(({ link }) => link)).toEqual([30]);
    expect(lone.last).toBe(2);
    expect(lone.detail.counters['gaps']).toBe(1);
  }
});

test('a DIFF must begin at the end of the history, a TRUNC must end inside of it', () => {
  for (const message of [
    { kind: 'diff', epoch: 2, zxidEpoch: 1, zxidCounter: 1 },
    { kind: 'diff', epoch: 2, zxidEpoch: 1, zxidCounter: 3 },
    { kind: 'trunc', epoch: 2, zxidEpoch: 1, zxidCounter: 3 },
    { kind: 'diff', epoch: 3, zxidEpoch: 1, zxidCounter: 2 },
  ] as const) {
    const lone = new Lone({ recovered: recoveredLog([1, 1]) });
    lone.follow(3, 2);
    lone.hear(3, message);
    expect(lone.effects.closes.map(({ link }) => link)).toEqual([30]);
    expect(lone.last).toBe(2);
  }
});

test('a TRUNC behind the commit index is proof that safety is broken', () => {
  const lone = new Lone({ recovered: recoveredLog([1, 1, 1], { commit: 3 }) });
  lone.follow(3, 2);
  lone.hear(3, { kind: 'trunc', epoch: 2, zxidEpoch: 1, zxidCounter: 2 });
  expect(lone.effects.diverged).toMatch(/E_DIVERGED.*epoch 2/);
  expect(lone.last).toBe(3);
  expect(lone.effects.sends).toEqual([]);
});

test('SNAP: the old log goes in the batch that marks the snapshot, and nothing of it before (Z-6, Z-7)', () => {
  const lone = new Lone({ recovered: recoveredLog([1, 1, 1], { commit: 1 }) });
  lone.follow(3, 4);
  const meta = metaOf(9, 3, 7);
  lone.hear(3, { kind: 'snap', epoch: 4, meta });
  expect(lone.effects.snapshots).toEqual([{ do: 'receive', peer: 3, meta }]);
  expect(lone.effects.write).toBeUndefined();
  expect(lone.last).toBe(3);
  lone.step({ type: 'snapshotReceived', meta });
  lone.drain();
  expect(lone.effects.write).toMatchObject({ snapshotMark: meta, truncateFrom: 1, compactBelow: 10, commit: 9 });
  expect(lone.sent('stored')).toMatchObject([{ gate: lone.writes, message: { zxidEpoch: 3, zxidCounter: 3 } }]);
  expect(lone.detail.lastZxid).toEqual({ epoch: 3, counter: 3 });
  lone.hear(3, proposal(4, [3, 4]), [entry(10, 3)]);
  expect(lone.last).toBe(10);
});

test('SNAP: a pull that failed is told, one whose relation is over is given up', () => {
  const lone = new Lone({ recovered: recoveredLog([1], { commit: 1 }) });
  lone.follow(3, 4);
  const meta = metaOf(9, 3, 7);
  lone.hear(3, { kind: 'snap', epoch: 4, meta });
  lone.step({ type: 'snapshotFailed', meta });
  lone.drain();
  expect(lone.sent('stored')).toMatchObject([{ message: { zxidEpoch: 1, zxidCounter: 1 } }]);
  lone.hear(3, { kind: 'snap', epoch: 4, meta });
  expect(lone.effects.snapshots).toHaveLength(1);
  lone.linkDown(3);
  expect(lone.effects.snapshots).toEqual([{ do: 'cancel', peer: 3, meta }]);
  lone.step({ type: 'snapshotReceived', meta });
  lone.drain();
  expect(lone.last).toBe(1);
});

test('a snapshot of what is committed here already is refused', () => {
  const lone = new Lone({ recovered: recoveredLog([1, 1, 1], { commit: 3 }) });
  lone.follow(3, 4);
  lone.hear(3, { kind: 'snap', epoch: 4, meta: metaOf(3, 1, 1) });
  expect(lone.effects.closes).toHaveLength(1);
  expect(lone.effects.snapshots).toEqual([]);
});

test('names what a snapshot needs: the epoch of its last txn, and where every epoch begins', () => {
  const lone = new Lone({ recovered: recoveredLog([1, 1, 3, 3], { commit: 4 }) });
  const { epoch, core } = lone.core.metaAt(3);
  expect(epoch).toEqual({ round: 3, owner: 0 });
  expect(decodeEpochStarts(core)).toEqual([
    { epoch: 1, first: 1 },
    { epoch: 3, first: 3 },
  ]);
  expect(lone.core.metaAt(2).core).toHaveLength(17);
});

test.each([[[entry(2, 2)]], [[entry(2, 2), entry(3, 3)]]])(
  'txns of an earlier epoch behind NEWLEADER end the link',
  (entries) => {
    const lone = new Lone({ recovered: recoveredLog([1]) });
    lone.follow(3, 3);
    lone.catchUp(3, 3);
    lone.hear(3, proposal(3, [2, 1]), entries);
    expect(lone.effects.closes).toHaveLength(1);
    expect(lone.last).toBe(1);
  },
);

test('an INFORM of an earlier epoch behind NEWLEADER ends the link', () => {
  const lone = new Lone({ self: 4, voters: 3, learners: [4], recovered: recoveredLog([1], { commit: 1 }) });
  lone.elect(3, [2, 3]);
  lone.hear(3, { kind: 'new-epoch', epoch: 3 });
  lone.sync();
  lone.catchUp(3, 3);
  lone.hear(3, { kind: 'inform', epoch: 3, zxidEpoch: 2, zxidCounter: 1 }, [entry(2, 2)]);
  expect(lone.effects.closes).toHaveLength(1);
  expect(lone.last).toBe(1);
});
