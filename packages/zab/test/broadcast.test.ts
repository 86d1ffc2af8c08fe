import { genesisOf } from '@quorate/core-testing';
import { expect, test } from 'vitest';
import { entry, Lone, metaOf, proposal, recoveredLog, vote } from './fixture/lone.ts';
import { serverStates } from '../src/index.ts';

/** A ready leader of epoch 1 with followers 1 and 2, whose configuration entry (1,1) is committed everywhere. */
function leaderOf(setup: ConstructorParameters<typeof Lone>[0] = {}): Lone {
  const lone = new Lone({ self: 3, ...setup });
  lone.ready([1, 2]);
  lone.sync();
  for (const from of [1, 2]) lone.hear(from, { kind: 'ack', epoch: 1, from: 1, to: 1 });
  lone.step({ type: 'applied', index: 1 });
  lone.drain();
  return lone;
}

/** A follower of 3 in epoch 2, up to date with the history (1,1) (1,2). */
function followerOf(setup: ConstructorParameters<typeof Lone>[0] = {}): Lone {
  const lone = new Lone({ recovered: recoveredLog([1, 1]), ...setup });
  lone.follow(3, 2);
  lone.catchUp(3, 2);
  return lone;
}

test('Z9: zxids follow each other from counter 1 on, and PROPOSE leaves while the own write is under way', () => {
  const lone = leaderOf();
  lone.propose('a', 'b');
  expect(lone.effects.appended).toEqual([{ first: 1, count: 2, index: 2, epoch: { round: 1, owner: 0 } }]);
  expect(lone.sent('propose')).toMatchObject([
    { to: [1, 2], gate: 0, lane: 'log', message: { epoch: 1, zxidEpoch: 1, zxidCounter: 2 } },
  ]);
  lone.propose('c');
  expect(lone.sent('propose')).toMatchObject([{ message: { zxidCounter: 4 } }]);
});

test('Z11: commits what a quorum has on its disks, itself only once it is durable; COMMIT is a message of its own', () => {
  const lone = leaderOf();
  lone.propose('a', 'b', 'c');
  lone.hear(1, { kind: 'ack', epoch: 1, from: 2, to: 3 });
  expect(lone.effects.commit.index).toBe(1);
  lone.sync();
  expect(lone.effects.commit).toEqual({ index: 3, gate: 0 });
  expect(lone.sent('commit')).toEqual([
    { to: [1, 2], gate: 0, lane: 'log', message: { kind: 'commit', epoch: 1, from: 2, to: 3 }, entries: [] },
  ]);
  lone.hear(2, { kind: 'ack', epoch: 1, from: 2, to: 4 });
  expect(lone.sent('commit')).toMatchObject([{ to: [1, 2], message: { from: 4, to: 4 } }]);
});

test('Z11: two followers can commit without the leader, whose own cursor waits for its disk', () => {
  const lone = leaderOf();
  lone.propose('a');
  for (const from of [1, 2]) lone.hear(from, { kind: 'ack', epoch: 1, from: 2, to: 2 });
  expect(lone.effects.commit).toEqual({ index: 2, gate: lone.writes });
});

test.each([
  ['a gap', { from: 3, to: 3 }],
  ['what was acknowledged before', { from: 1, to: 2 }],
  ['what was not proposed', { from: 2, to: 5 }],
  ['another epoch', { from: 2, to: 2, epoch: 2 }],
])('Z11: an ACK with %s ends the link', (_what, run) => {
  const lone = leaderOf();
  lone.propose('a', 'b');
  lone.hear(1, { kind: 'ack', epoch: 1, ...run });
  expect(lone.effects.closes.map(({ link }) => link)).toEqual([10]);
  lone.sync();
  expect(lone.effects.commit.index).toBe(1);
});

test('what was acknowledged on a link that ended counts no more (Z-13)', () => {
  const lone = leaderOf();
  lone.propose('a');
  lone.hear(1, { kind: 'ack', epoch: 1, from: 2, to: 2 });
  lone.linkUp(1);
  lone.sync();
  expect(lone.effects.commit.index).toBe(1);
  lone.step({ type: 'message', from: 2, link: 999, message: { kind: 'ack', epoch: 1, from: 2, to: 2 }, entries: [] });
  expect(lone.drain().commit.index).toBe(1);
});

test('Z10: acknowledges runs in order, consecutive, once they are durable', () => {
  const lone = followerOf();
  lone.hear(3, proposal(2, [2, 1]), [entry(3, 2), entry(4, 2)]);
  expect(lone.sent('ack')).toEqual([
    { to: [3], gate: lone.writes, lane: 'log', message: { kind: 'ack', epoch: 2, from: 1, to: 2 }, entries: [] },
  ]);
  lone.step({ type: 'message', from: 3, link: 30, message: proposal(2, [2, 3]), entries: [entry(5, 2)] });
  lone.hear(3, proposal(2, [2, 4]), [entry(6, 2)]);
  expect(lone.sent('ack')).toMatchObject([{ message: { from: 3, to: 4 } }]);
  expect(lone.sent('stored')).toEqual([]);
});

test('Z10: drops a txn that it holds without a word (Z-12)', () => {
  const lone = followerOf();
  lone.hear(3, proposal(2, [2, 1]), [entry(3, 2)]);
  const { write } = lone.hear(3, proposal(2, [2, 1]), [entry(3, 2)]);
  expect([write, lone.effects.closes, lone.sent('ack')]).toEqual([undefined, [], []]);
});

test('Z12: a COMMIT begins at the head of the pending queue and ends inside of it', () => {
  for (const run of [
    { from: 2, to: 2 },
    { from: 1, to: 3 },
    { from: 1, to: 1, epoch: 1 },
  ]) {
    const lone = followerOf();
    lone.hear(3, proposal(2, [2, 1]), [entry(3, 2), entry(4, 2)]);
    lone.hear(3, { kind: 'commit', epoch: 2, ...run });
    expect(lone.effects.closes.map(({ link }) => link)).toEqual([30]);
    expect(lone.effects.commit.index).toBe(2);
  }
  const lone = followerOf();
  lone.hear(3, proposal(2, [2, 1]), [entry(3, 2), entry(4, 2)]);
  lone.hear(3, { kind: 'commit', epoch: 2, from: 1, to: 1 });
  expect(lone.effects.commit).toEqual({ index: 3, gate: lone.writes });
  lone.sync();
  lone.hear(3, { kind: 'commit', epoch: 2, from: 2, to: 2 });
  expect(lone.effects.commit).toEqual({ index: 4, gate: 0 });
});

test('an observer is sent INFORM after the commit, never PROPOSE; it never acknowledges (O22)', () => {
  const leader = leaderOf({ learners: [9] });
  leader.hear(9, { kind: 'cepoch', acceptedEpoch: 0 });
  leader.ackEpoch(9, [0, 0]);
  leader.hear(9, { kind: 'ack-leader', epoch: 1 });
  leader.propose('a');
  expect(leader.sent('propose').map(({ to }) => to)).toEqual([[1, 2]]);
  leader.hear(1, { kind: 'ack', epoch: 1, from: 2, to: 2 });
  leader.sync();
  expect(leader.sent('inform')).toMatchObject([{ to: [9], message: { zxidEpoch: 1, zxidCounter: 2 } }]);
  expect(leader.sent('commit').map(({ to }) => to)).toEqual([[1, 2]]);
  leader.hear(9, { kind: 'ack', epoch: 1, from: 2, to: 2 });
  expect(leader.effects.closes.map(({ link }) => link)).toEqual([90]);

  const observer = new Lone({ self: 9, learners: [9] });
  observer.hear(1, vote(3, 4, [0, 0], 0, serverStates.following));
  observer.hear(3, vote(3, 4, [0, 0], 0, serverStates.leading));
  observer.hear(3, { kind: 'new-epoch', epoch: 2 });
  observer.sync();
  observer.catchUp(3, 2);
  observer.hear(3, { kind: 'inform', epoch: 2, zxidEpoch: 2, zxidCounter: 1 }, [entry(1, 2)]);
  expect(observer.effects.commit).toEqual({ index: 1, gate: observer.writes });
  expect(observer.kinds).toEqual(['stored']);
  observer.hear(3, proposal(2, [2, 2]), [entry(2, 2)]);
  expect(observer.effects.closes).toHaveLength(1);
});

test('Z13: a leader that hears no quorum of synchronised followers stops, and ends all links', () => {
  const lone = leaderOf({ voters: 5 });
  for (let i = 0; i < 12; i++) {
    lone.pass(100);
    for (const from of [1, 2]) lone.hear(from, { kind: 'pong', epoch: 1, readRound: 0 });
  }
  expect(lone.role).toBe('leader');
  // 4 and 5 speak, but they are not synchronised.
  for (let i = 0; i < 17; i++) {
    lone.pass(100);
    if (lone.role !== 'leader') break;
    lone.hear(1, { kind: 'pong', epoch: 1, readRound: 0 });
    lone.hear(4, vote(4, 3));
    lone.hear(5, vote(5, 3));
  }
  expect(lone.detail.phase).toBe('LOOKING');
  expect(lone.core.status().role).toMatchObject({ role: 'candidate', ready: false, settled: false });
});

test('Z13: ends the links of all its followers when it stops', () => {
  const lone = leaderOf();
  let closed: number[] = [];
  for (let i = 0; i < 20 && closed.length === 0; i++) closed = lone.pass(100).closes.map(({ link }) => link);
  expect(closed).toEqual([10, 20]);
  lone.propose('late');
  expect(lone.effects.rejected).toMatchObject([{ reason: 'not-leader' }]);
});

test('Z13: a leader whose disk hangs stops, though everybody hears it', () => {
  const lone = leaderOf();
  lone.propose('a');
  for (let i = 0; i < 80 && lone.role === 'leader'; i++) {
    lone.pass(100);
    if (lone.role === 'leader') for (const from of [1, 2]) lone.hear(from, { kind: 'pong', epoch: 1, readRound: 0 });
  }
  expect(lone.detail.phase).toBe('LOOKING');
  expect(lone.now).toBeGreaterThan(4_900);
});

test('Z15: abdicates before the counter passes its limit, and never wraps it', () => {
  const lone = leaderOf({ options: { counterLimit: 3 } });
  lone.propose('a', 'b');
  expect(lone.effects.appended).toHaveLength(1);
  lone.propose('c');
  expect(lone.effects.rejected).toMatchObject([{ reason: 'not-ready' }]);
  expect(lone.detail.phase).toBe('LOOKING');
  expect(lone.last).toBe(3);
});

test('refuses proposals above uncommittedBytes, but never a run alone', () => {
  const lone = leaderOf({ limits: { uncommittedBytes: 10 } });
  lone.propose('a'.repeat(50));
  expect(lone.effects.appended).toHaveLength(1);
  lone.propose('b');
  expect(lone.effects.rejected).toMatchObject([{ reason: 'overloaded' }]);
});

test('leaves no more under way to a learner than its window, counted in messages and bytes', () => {
  const lone = leaderOf({ limits: { windowMessages: 2, windowBytes: 1_000 } });
  for (const text of ['a', 'b', 'c']) lone.propose(text);
  expect(lone.sent('propose')).toEqual([]);
  lone.hear(1, { kind: 'ack', epoch: 1, from: 2, to: 2 });
  expect(lone.sent('propose')).toMatchObject([{ to: [1], message: { zxidCounter: 4 } }]);
  const small = leaderOf({ limits: { windowBytes: 4, messageBytes: 4 } });
  small.propose('aaaa', 'bbbb');
  expect(small.sent('propose').map(({ entries }) => entries.map(({ count }) => count))).toEqual([[1]]);
});

test('a stored stream makes room in the window, and counts for nothing else', () => {
  const lone = new Lone({
    self: 3,
    voters: 5,
    recovered: recoveredLog([1, 1, 1, 1]),
    limits: { windowMessages: 1, messageBytes: 2 },
  });
  lone.lead([1, 2], [1, 1], 1, 1);
  lone.sync();
  expect(lone.sent('propose').map(({ to }) => to)).toEqual([]);
  lone.hear(1, { kind: 'stored', epoch: 2, zxidEpoch: 1, zxidCounter: 2 });
  expect(lone.sent('propose')).toMatchObject([{ to: [1], message: { zxidCounter: 3 } }]);
  lone.hear(1, { kind: 'stored', epoch: 2, zxidEpoch: 1, zxidCounter: 4 });
  expect(lone.effects.closes).toHaveLength(1);
  expect(lone.effects.commit.index).toBe(0);
});

test('brings up a follower from the journal where memory holds no more, and tries again after damage', () => {
  const lone = new Lone({ self: 3, recovered: recoveredLog([1, 1, 1, 1], { commit: 3 }) });
  lone.lead([1, 2], [1, 1], 1, 1);
  expect(lone.effects.fetches).toMatchObject([{ range: { from: 2, to: 3 } }]);
  const fetch = lone.effects.fetches[0]?.fetch ?? 0;
  lone.step({ type: 'fetched', fetch, entries: [entry(2, 9)] });
  lone.drain();
  expect(lone.sent('propose')).toEqual([]);
  expect(lone.detail.counters['damagedReads']).toBe(1);
  lone.pass(1_000);
  const again = leaderFetch(lone);
  lone.step({ type: 'fetched', fetch: again, entries: [entry(2, 1), entry(3, 1)] });
  lone.drain();
  expect(lone.sent('propose')).toMatchObject([{ message: { zxidCounter: 2 } }]);
});

function leaderFetch(lone: Lone): number {
  for (let i = 0; i < 20; i++) {
    const [asked] = lone.effects.fetches;
    if (asked !== undefined) return asked.fetch;
    for (const from of [1, 2]) lone.hear(from, { kind: 'pong', epoch: 0, readRound: 0 });
    if (lone.effects.fetches.length === 0) lone.pass(100);
  }
  throw new Error('nothing is fetched');
}

test('a strengthened sync: a quorum of synchronised followers echoes the epoch after the read began (Z-10)', () => {
  const lone = leaderOf({ voters: 5 });
  lone.hear(4, { kind: 'cepoch', acceptedEpoch: 0 });
  lone.step({ type: 'read', context: 7, from: 'leader' });
  lone.drain();
  expect(lone.effects.reads).toEqual([]);
  expect(lone.sent('ping')).toMatchObject([{ message: { epoch: 1, readRound: 1 } }]);
  lone.hear(1, { kind: 'pong', epoch: 1, readRound: 0 });
  lone.hear(4, { kind: 'pong', epoch: 1, readRound: 1 });
  lone.hear(1, { kind: 'pong', epoch: 1, readRound: 1 });
  expect(lone.effects.reads).toEqual([]);
  lone.hear(2, { kind: 'pong', epoch: 1, readRound: 1 });
  expect(lone.effects.reads).toEqual([{ context: 7, index: 1, method: 'sync', validUntil: Number.POSITIVE_INFINITY }]);
});

test('reads wait until the initial history is applied here, and fail when the leader stops', () => {
  const lone = new Lone({ self: 3, recovered: recoveredLog([1, 1]) });
  lone.ready([1, 2], [1, 2], 1, 1);
  lone.step({ type: 'read', context: 1, from: 'leader' });
  lone.drain();
  expect(lone.sent('ping')).toEqual([]);
  lone.step({ type: 'applied', index: 2 });
  lone.drain();
  expect(lone.sent('ping')).toHaveLength(1);
  let answers: unknown[] = [];
  for (let i = 0; i < 20 && answers.length === 0; i++) answers = [...lone.pass(100).reads];
  expect(answers).toMatchObject([{ context: 1, index: undefined }]);
});

test('a follower echoes a round of reads only while it is synchronised in that epoch', () => {
  const lone = new Lone({ recovered: recoveredLog([1]) });
  lone.follow(3, 2);
  lone.hear(3, { kind: 'ping', epoch: 2, readRound: 4 });
  expect(lone.sent('pong')).toMatchObject([{ message: { epoch: 0, readRound: 0 } }]);
  lone.catchUp(3, 2);
  lone.hear(3, { kind: 'ping', epoch: 2, readRound: 5 });
  expect(lone.sent('pong')).toMatchObject([{ message: { epoch: 2, readRound: 5 } }]);
  lone.hear(3, { kind: 'ping', epoch: 3, readRound: 6 });
  expect(lone.sent('pong')).toMatchObject([{ message: { epoch: 0, readRound: 0 } }]);
});

test('a follower forwards its reads, and gives them up with its leader', () => {
  const lone = followerOf();
  lone.step({ type: 'read', context: 1, from: 'leader' }, { type: 'read', context: 2, from: 'leader' });
  lone.drain();
  expect(lone.sent('sync')).toMatchObject([{ to: [3], message: { epoch: 2, incarnation: 7, context: 1 } }]);
  lone.hear(3, { kind: 'sync-response', epoch: 2, incarnation: 7, context: 1, confirmed: true, index: 2 });
  expect(lone.effects.reads.map(({ context, index }) => [context, index])).toEqual([
    [1, 2],
    [2, 2],
  ]);
  lone.step({ type: 'read', context: 3, from: 'leader' });
  lone.drain();
  lone.linkDown(3);
  expect(lone.effects.reads).toMatchObject([{ context: 3, index: undefined }]);
});

test('a leader names its successor once that has everything, and the others skip the election (ATC’12)', () => {
  const leader = leaderOf();
  leader.propose('a');
  leader.step({ type: 'transfer', to: 1 });
  leader.drain();
  leader.propose('b');
  expect(leader.effects.rejected).toMatchObject([{ reason: 'transferring' }]);
  expect(leader.kinds).not.toContain('designate');
  leader.sync();
  leader.hear(1, { kind: 'ack', epoch: 1, from: 2, to: 2 });
  expect(leader.sent('designate').map(({ to, message }) => [...to, message.leader])).toEqual([
    [1, 1],
    [2, 1],
  ]);
  leader.linkDown(1);
  expect(leader.role).toBe('leader');
  leader.linkDown(2);
  expect(leader.detail.phase).toBe('LOOKING');

  const successor = followerOf();
  successor.hear(3, { kind: 'designate', epoch: 2, leader: 1 });
  expect(successor.detail).toMatchObject({ phase: 'DISCOVERY', following: 0 });
  expect(successor.effects.closes.map(({ link }) => link)).toEqual([30]);
  const other = followerOf();
  other.hear(3, { kind: 'designate', epoch: 2, leader: 2 });
  expect(other.detail).toMatchObject({ phase: 'DISCOVERY', following: 2 });
  expect(other.sent('cepoch')).toMatchObject([{ to: [2] }]);
});

test('a hand-over that does not happen is given up', () => {
  const lone = leaderOf();
  lone.step({ type: 'transfer', to: 1 });
  for (let i = 0; i < 11; i++) {
    lone.pass(100);
    for (const from of [1, 2]) lone.hear(from, { kind: 'pong', epoch: 1, readRound: 0 });
  }
  lone.propose('a');
  expect(lone.effects.appended).toHaveLength(1);
});

test('writes the genesis down as configuration 1, which is active once it is committed', () => {
  const lone = new Lone({ self: 3 });
  lone.ready([1]);
  expect(lone.effects.config).toMatchObject({ stage: 'proposed', index: 1 });
  expect(lone.core.status().config.id).toBe(0);
  lone.sync();
  lone.hear(1, { kind: 'ack', epoch: 1, from: 1, to: 1 });
  expect(lone.core.status().config).toEqual({ ...genesisOf([1, 2, 3]), id: 1 });
  expect(lone.effects.config).toMatchObject({ stage: 'committed' });
  expect(lone.drain().config).toMatchObject({ stage: 'active', index: 1 });
});

test('a process that stood still gives its peers the time that they had no chance to use', () => {
  const lone = leaderOf();
  lone.advance(5_000);
  expect(lone.role).toBe('leader');
  lone.advance(5_000);
  expect(lone.detail.phase).toBe('LOOKING');
});

test('keeps a tail for a learner that is being synchronised while it compacts', () => {
  const lone = new Lone({
    self: 3,
    recovered: recoveredLog([1, 1, 1, 1]),
    limits: { tailBytes: 0, windowMessages: 1, messageBytes: 2 },
  });
  lone.ready([1], [1, 4], 1, 1);
  lone.hear(2, { kind: 'cepoch', acceptedEpoch: 1 });
  lone.ackEpoch(2, [1, 1], 1);
  lone.step({ type: 'applied', index: 4 }, { type: 'snapshotTaken', meta: metaOf(4, 1) });
  expect(lone.drain().write).toMatchObject({ snapshotMark: { index: 4 }, compactBelow: 3 });
});
