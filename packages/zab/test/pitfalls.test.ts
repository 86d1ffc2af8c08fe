import { expect, test } from 'vitest';
import { encodeHardState } from '../src/zxid.ts';
import { entry, Lone, metaOf, proposal, recoveredLog } from './fixture/lone.ts';

// The bugs that ZooKeeper and its relatives had, by their numbers in the protocol facts (§5.3). Those that need a whole group are golden
// traces and seeds of the simulator.

test('Z-1 (ZOOKEEPER-3911, 4646): ACK-LD waits for the history on the disk', () => {
  const lone = new Lone({ recovered: recoveredLog([1]) });
  lone.follow(3, 2);
  lone.hear(3, { kind: 'diff', epoch: 2, zxidEpoch: 1, zxidCounter: 1 });
  lone.hear(3, proposal(2, [1, 2]), [entry(2, 1)]);
  lone.hear(3, { kind: 'new-leader', epoch: 2, zxidEpoch: 1, zxidCounter: 2 });
  const [ack] = lone.sent('ack-leader');
  // The gate is the newest write, and a gate covers everything before it.
  expect(ack?.gate).toBe(lone.writes);
  expect(lone.writes).toBeGreaterThan(2);
});

test('Z-1 in the existing epoch: without a change of epoch ACK-LD waits for the history all the same', () => {
  const lone = new Lone({ recovered: recoveredLog([1], { accepted: 2, current: 2 }) });
  lone.follow(3, 2);
  lone.hear(3, { kind: 'diff', epoch: 2, zxidEpoch: 1, zxidCounter: 1 });
  lone.step({ type: 'message', from: 3, link: 30, message: proposal(2, [1, 2]), entries: [entry(2, 1)] });
  lone.hear(3, { kind: 'new-leader', epoch: 2, zxidEpoch: 1, zxidCounter: 2 });
  lone.drain();
  expect(lone.sent('ack-leader')).toMatchObject([{ gate: lone.writes }]);
  expect(lone.effects.write).toBeUndefined();
  expect(lone.writes).toBe(1);
});

test('Z-2 (ZOOKEEPER-4643): the epoch is never in a batch before the history', () => {
  const lone = new Lone({ recovered: recoveredLog([1]) });
  lone.follow(3, 4);
  const batches = [
    lone.hear(3, { kind: 'diff', epoch: 4, zxidEpoch: 1, zxidCounter: 1 }),
    lone.hear(3, proposal(4, [1, 2]), [entry(2, 1), entry(3, 3)]),
    lone.hear(3, { kind: 'new-leader', epoch: 4, zxidEpoch: 3, zxidCounter: 1 }),
  ].flatMap(({ write }) => (write === undefined ? [] : [write]));
  const withEpoch = batches.findIndex(
    ({ hardState }) => hardState?.join() === encodeHardState({ acceptedEpoch: 4, currentEpoch: 4 }).join(),
  );
  const withHistory = batches.findLastIndex(({ entries }) => entries.length > 0);
  expect(withHistory).toBeGreaterThanOrEqual(0);
  expect(withEpoch).toBeGreaterThan(withHistory);
});

test('Z-2, its other half: a member starts whose last txn is above its current epoch, and votes with the pair as it is', () => {
  const lone = new Lone({ recovered: recoveredLog([1, 5], { accepted: 6, current: 3 }) });
  expect(lone.effects.diverged).toBeUndefined();
  expect(lone.detail.vote).toMatchObject({ leader: 1, peerEpoch: 3, zxidEpoch: 5, zxidCounter: 1 });
});

test.each([
  ['the current epoch', { accepted: 2, current: 3 }],
  ['the epoch of the last txn', { accepted: 4, current: 2 }],
])('Z-8: refuses to start where the accepted epoch is below %s', (_what, epochs) => {
  const lone = new Lone({ recovered: recoveredLog([1, 5], epochs) });
  if (epochs.accepted === 2) expect(lone.effects.diverged).toMatch(/E_DATA_DAMAGED.*accepted epoch 2/);
  else expect(lone.effects.diverged).toMatch(/E_DATA_DAMAGED.*epoch 5, above the accepted 4/);
  expect(lone.effects.sends).toEqual([]);
});

test('refuses to start on damaged ranges, a hard state that is none, holes, and epochs that fall', () => {
  const epoch = (round: number): { round: number; owner: number } => ({ round, owner: 0 });
  for (const recovered of [
    { ...recoveredLog([1, 1]), damaged: [{ from: 2, to: 2 }] },
    { ...recoveredLog([1, 1]), hardState: new Uint8Array(3) },
    { ...recoveredLog([1, 1]), runs: [{ from: 2, to: 2, epoch: epoch(1) }] },
    { ...recoveredLog([2, 1], { accepted: 2 }) },
    { ...recoveredLog([1, 1], { commit: 0 }), tail: [] },
    { ...recoveredLog([1]), commit: 5 },
    {
      ...recoveredLog([]),
      hardState: encodeHardState({ acceptedEpoch: 9, currentEpoch: 9 }),
      snapshot: { ...metaOf(5, 3), core: new Uint8Array(2) },
    },
  ]) {
    const lone = new Lone({ recovered });
    expect(lone.effects.diverged).toMatch(/E_DATA_DAMAGED/);
    expect(lone.effects.sends).toEqual([]);
  }
});

test('starts from a snapshot, its table of epochs, and the log behind it', () => {
  const hardState = encodeHardState({ acceptedEpoch: 9, currentEpoch: 9 });
  const whole = new Lone({ recovered: { hardState, snapshot: metaOf(5, 3, 4), commit: 5 } });
  expect(whole.detail.lastZxid).toEqual({ epoch: 3, counter: 2 });
  const run = { from: 5, to: 7, epoch: { round: 3, owner: 0 } };
  const tail = [entry(6, 3), entry(7, 3)];
  const tailed = new Lone({ recovered: { hardState, snapshot: metaOf(5, 3, 4), commit: 5, runs: [run], tail } });
  expect(tailed.detail.lastZxid).toEqual({ epoch: 3, counter: 4 });
  const unknown = new Lone({
    recovered: { hardState, snapshot: metaOf(5, 3, 5), commit: 5, runs: [{ ...run, from: 3 }], tail },
  });
  expect(unknown.effects.diverged).toMatch(/table of epochs/);
});

test('Z-3 (ZOOKEEPER-4685): proposals behind NEWLEADER are neither logged nor acknowledged before ACK-LD', () => {
  const lone = new Lone({ recovered: recoveredLog([1]) });
  lone.follow(3, 2);
  lone.hear(3, { kind: 'diff', epoch: 2, zxidEpoch: 1, zxidCounter: 1 });
  for (const [message, entries] of [
    [proposal(2, [1, 2]), [entry(2, 1)]],
    [{ kind: 'new-leader', epoch: 2, zxidEpoch: 1, zxidCounter: 2 }, []],
    [proposal(2, [2, 1]), [entry(3, 2)]],
  ] as const)
    lone.step({ type: 'message', from: 3, link: 30, message, entries });
  lone.drain();
  expect(lone.effects.write?.entries.map(({ first }) => first)).toEqual([2]);
  lone.drain();
  expect(lone.effects.write?.entries.map(({ first }) => first)).toEqual([3]);
  expect(lone.kinds).toEqual(['ack-leader', 'ack']);
  expect(lone.sent('ack')).toMatchObject([{ message: { from: 1, to: 1 } }]);
});

test('Z-4 (ZOOKEEPER-4394): a COMMIT between NEWLEADER and UPTODATE is noted, and delivered with UPTODATE', () => {
  const lone = new Lone({ recovered: recoveredLog([1], { commit: 1 }) });
  lone.follow(3, 2);
  lone.hear(3, { kind: 'diff', epoch: 2, zxidEpoch: 1, zxidCounter: 1 });
  lone.hear(3, { kind: 'new-leader', epoch: 2, zxidEpoch: 1, zxidCounter: 1 });
  lone.hear(3, proposal(2, [2, 1]), [entry(2, 2)]);
  lone.hear(3, { kind: 'commit', epoch: 2, from: 1, to: 1 });
  expect(lone.effects.closes).toEqual([]);
  expect(lone.effects.commit.index).toBe(1);
  lone.sync();
  // Below what a COMMIT said already: not the latest.
  lone.hear(3, { kind: 'up-to-date', epoch: 2, zxidEpoch: 1, zxidCounter: 1 });
  expect(lone.effects.closes).toHaveLength(1);
});

test('Z-4: UPTODATE goes on where the COMMITs before it ended', () => {
  const lone = new Lone({ recovered: recoveredLog([1], { commit: 1 }) });
  lone.follow(3, 2);
  lone.hear(3, { kind: 'diff', epoch: 2, zxidEpoch: 1, zxidCounter: 1 });
  lone.hear(3, { kind: 'new-leader', epoch: 2, zxidEpoch: 1, zxidCounter: 1 });
  lone.hear(3, proposal(2, [2, 1]), [entry(2, 2), entry(3, 2)]);
  lone.hear(3, { kind: 'commit', epoch: 2, from: 1, to: 1 });
  lone.sync();
  lone.hear(3, { kind: 'up-to-date', epoch: 2, zxidEpoch: 2, zxidCounter: 1 });
  expect(lone.effects.commit.index).toBe(2);
  lone.hear(3, { kind: 'commit', epoch: 2, from: 2, to: 2 });
  expect(lone.effects.commit.index).toBe(3);
});

test('Z-5 (ZOOKEEPER-2845): after losing its leader a member votes with its last logged zxid, delivered or not', () => {
  const lone = new Lone({ recovered: recoveredLog([1], { commit: 1 }) });
  lone.follow(3, 2);
  lone.catchUp(3, 2);
  lone.hear(3, proposal(2, [2, 1]), [entry(2, 2)]);
  lone.linkDown(3);
  expect(lone.detail.vote).toMatchObject({ leader: 1, peerEpoch: 2, zxidEpoch: 2, zxidCounter: 1 });
  expect(lone.effects.commit.index).toBe(1);
});

test('Z-6 (ZOOKEEPER-3104, 3642): NEWLEADER or DIFF in the middle of a snapshot ends the link', () => {
  for (const message of [
    { kind: 'new-leader', epoch: 4, zxidEpoch: 1, zxidCounter: 1 },
    { kind: 'diff', epoch: 4, zxidEpoch: 1, zxidCounter: 1 },
  ] as const) {
    const lone = new Lone({ recovered: recoveredLog([1]) });
    lone.follow(3, 4);
    lone.hear(3, { kind: 'snap', epoch: 4, meta: metaOf(9, 3, 7) });
    lone.hear(3, message);
    expect(lone.effects.closes).toHaveLength(1);
    expect(lone.detail.phase).toBe('LOOKING');
  }
});

test('Z-9 (ZOOKEEPER-1277): abdicates at 0xffffffff, with counters as they are', () => {
  const first = 1;
  const last = 2 ** 32 - 2;
  const hardState = encodeHardState({ acceptedEpoch: 1, currentEpoch: 1 });
  // A snapshot at the end of a very long epoch.
  const recovered = { hardState, snapshot: metaOf(last, 1, first), commit: last };
  const lone = new Lone({ self: 3, recovered });
  expect(lone.detail.lastZxid).toEqual({ epoch: 1, counter: 0xff_ff_ff_fe });
  const follower = new Lone({ recovered });
  follower.elect(3, [2, 3]);
  follower.hear(3, { kind: 'new-epoch', epoch: 1 });
  follower.catchUp(3, 1);
  follower.hear(3, proposal(1, [1, last + 1]), [entry(last + 1, 1)]);
  expect(follower.sent('ack')).toMatchObject([{ message: { from: 0xff_ff_ff_ff, to: 0xff_ff_ff_ff } }]);
});

test('Z-13 (ZOOKEEPER-4712): a write of an earlier relation that completes late counts for nothing', () => {
  const lone = new Lone({ self: 3 });
  lone.elect(3, [1, 2], [0, 0], 0);
  lone.hear(1, { kind: 'cepoch', acceptedEpoch: 0 });
  const accepted = lone.writes;
  // It gives up, and begins again, before its first acceptance is durable.
  lone.pass(1_000);
  expect(lone.detail.phase).toBe('LOOKING');
  lone.linkUp(1);
  lone.elect(3, [1, 2], [0, 0], 0);
  lone.hear(1, { kind: 'cepoch', acceptedEpoch: 0 });
  expect(lone.detail.newEpoch).toBe(2);
  lone.ackEpoch(1, [0, 0]);
  lone.step({ type: 'persisted', write: accepted });
  lone.drain();
  expect(lone.role).toBe('candidate');
  lone.sync();
  expect(lone.role).toBe('leader');
});

test('Z-13: what arrives on a link that ended is not even looked at', () => {
  const lone = new Lone({ recovered: recoveredLog([1]) });
  lone.follow(3, 2);
  lone.linkUp(3);
  lone.step({
    type: 'message',
    from: 3,
    link: 30,
    message: { kind: 'diff', epoch: 2, zxidEpoch: 1, zxidCounter: 1 },
    entries: [],
  });
  lone.drain();
  expect(lone.effects.closes).toEqual([]);
  expect(lone.detail).toMatchObject({ phase: 'LOOKING', following: 0 });
});

test('an answer to a read that was asked over a link that ended is not sent (seeds 11 and 12)', () => {
  const lone = new Lone({ self: 3 });
  lone.ready([1, 2]);
  lone.sync();
  lone.hear(1, { kind: 'sync', epoch: 1, incarnation: 1, context: 5 });
  lone.linkUp(1);
  lone.step({ type: 'applied', index: 0 });
  lone.hear(2, { kind: 'pong', epoch: 1, readRound: 1 });
  expect(lone.kinds).not.toContain('sync-response');
});

test('learners that share a message get it in their own order: NEWLEADER in front of what follows it (seed 39)', () => {
  const lone = new Lone({ self: 3, voters: 5 });
  lone.ready([1, 2]);
  lone.sync();
  for (const from of [1, 2]) lone.hear(from, { kind: 'ack', epoch: 1, from: 1, to: 1 });
  lone.hear(4, { kind: 'cepoch', acceptedEpoch: 0 });
  // 4 is registered with (1,1); in the same turn (1,2) is proposed, to it too.
  lone.step({ type: 'message', from: 4, link: 40, message: ackOf(1), entries: [] });
  lone.propose('a');
  const told = lone.effects.sends.filter(({ links }) => links.includes(40));
  lone.drain();
  told.push(...lone.effects.sends.filter(({ links }) => links.includes(40)));
  expect(told.map(({ message }) => message.kind)).toEqual(['diff', 'propose', 'new-leader', 'propose']);
  expect(told.flatMap(({ entries }) => entries.map(({ first }) => first))).toEqual([1, 2]);
});

test('a COMMIT that several share is behind the PROPOSE of each of them (seeds 34, 66 and 89)', () => {
  const lone = new Lone({ self: 3, voters: 3, limits: { windowMessages: 1 } });
  lone.ready([1, 2]);
  lone.sync();
  for (const from of [1, 2]) lone.hear(from, { kind: 'ack', epoch: 1, from: 1, to: 1 });
  lone.propose('a');
  lone.sync();
  lone.propose('b');
  lone.sync();
  // In one turn: room for 2, and for 1, and the commit of both txns.
  lone.step({ type: 'message', from: 1, link: 10, message: { kind: 'ack', epoch: 1, from: 2, to: 2 }, entries: [] });
  lone.hear(2, { kind: 'ack', epoch: 1, from: 2, to: 2 });
  const order = lone.effects.sends.map(({ message }) => message.kind);
  expect(order).toEqual(['propose', 'commit']);
});

function ackOf(epoch: number): { kind: 'ack-epoch'; epoch: number; counts: true; currentEpoch: 0; zxidEpoch: 0; zxidCounter: 0 } {
  return { kind: 'ack-epoch', epoch, counts: true, currentEpoch: 0, zxidEpoch: 0, zxidCounter: 0 };
}

test('a snapshot that is installed after the leader compacted its own log was taken all the same (seed 183)', () => {
  const lone = new Lone({ self: 3, recovered: recoveredLog([1, 1, 1, 1]), limits: { tailBytes: 0 } });
  lone.ready([1], [1, 4], 1, 1);
  lone.step({ type: 'applied', index: 4 }, { type: 'snapshotTaken', meta: metaOf(2, 1) });
  lone.drain();
  lone.hear(2, { kind: 'cepoch', acceptedEpoch: 0 });
  lone.ackEpoch(2, [0, 0]);
  expect(lone.sent('snap')).toMatchObject([{ message: { meta: { index: 2 } } }]);
  for (let i = 0; i < 22; i++) {
    lone.pass(100);
    lone.hear(1, { kind: 'pong', epoch: 2, readRound: 0 });
  }
  lone.step({ type: 'snapshotTaken', meta: metaOf(4, 1) });
  lone.drain();
  lone.hear(2, { kind: 'stored', epoch: 2, zxidEpoch: 1, zxidCounter: 2 });
  expect(lone.kinds).not.toContain('snap');
  expect(lone.effects.closes.map(({ link }) => link)).toEqual([20]);
});

test('Z-14: the rest goes on without a member that accepted a later epoch; after a while there is a later one still (seed 76)', () => {
  const lone = new Lone({ self: 3 });
  lone.ready([1]);
  lone.hear(2, { kind: 'cepoch', acceptedEpoch: 7 });
  expect(lone.sent('new-epoch')).toMatchObject([{ message: { epoch: 1 } }]);
  lone.linkUp(2);
  for (let i = 0; i < 29; i++) {
    lone.pass(100);
    lone.hear(1, { kind: 'pong', epoch: 1, readRound: 0 });
  }
  expect(lone.core.status().role.ready).toBe(true);
  for (let i = 0; i < 6 && lone.role === 'leader'; i++) {
    lone.pass(100);
    if (lone.role === 'leader') lone.hear(1, { kind: 'pong', epoch: 1, readRound: 0 });
  }
  expect(lone.detail.phase).toBe('LOOKING');
  lone.linkUp(1);
  lone.elect(3, [1, 2]);
  lone.hear(1, { kind: 'cepoch', acceptedEpoch: 1 });
  expect(lone.sent('new-epoch')).toMatchObject([{ message: { epoch: 8 } }]);
});
