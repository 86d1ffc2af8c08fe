import { expect, test } from 'vitest';
import { Lone, recoveredLog, vote } from './fixture/lone.ts';
import { serverStates } from '../src/index.ts';

test('Z1: a follower says CEPOCH first, in lane log, with the epoch that it accepted', () => {
  const lone = new Lone({ recovered: recoveredLog([1, 2], { accepted: 4, current: 2 }) });
  lone.elect(3, [2, 3]);
  expect(lone.sent('cepoch')).toEqual([
    { to: [3], gate: 0, lane: 'log', message: { kind: 'cepoch', acceptedEpoch: 4 }, entries: [] },
  ]);
});

test('Z1: waits for the link to a leader that it knows by others, and gives up after an election timeout', () => {
  const lone = new Lone({ voters: 5 });
  lone.linkDown(4);
  lone.hear(2, vote(4, 1));
  lone.hear(3, vote(4, 1));
  lone.wake();
  expect(lone.detail).toMatchObject({ following: 4, followerStage: 'connect' });
  expect(lone.sent('cepoch')).toEqual([]);
  lone.linkUp(4);
  lone.drain();
  expect(lone.sent('cepoch')).toHaveLength(1);
  lone.advance(1_001);
  expect(lone.detail.phase).toBe('LOOKING');
});

test('Z2: the new epoch is above everything that a quorum accepted, and durable here before anybody hears of it', () => {
  const lone = new Lone({ self: 3, recovered: recoveredLog([1], { accepted: 2, current: 1 }) });
  lone.elect(3, [1, 2]);
  expect(lone.sent('new-epoch')).toEqual([]);
  const { write } = lone.hear(1, { kind: 'cepoch', acceptedEpoch: 6 });
  expect(write?.hardState).toBeDefined();
  expect(lone.detail).toMatchObject({ acceptedEpoch: 7, currentEpoch: 1, phase: 'DISCOVERY' });
  expect(lone.sent('new-epoch')).toEqual([
    { to: [1], gate: lone.writes, lane: 'log', message: { kind: 'new-epoch', epoch: 7 }, entries: [] },
  ]);
  // A later arrival gets the same epoch, whatever it accepted.
  lone.hear(2, { kind: 'cepoch', acceptedEpoch: 9 });
  expect(lone.sent('new-epoch')).toMatchObject([{ to: [2], message: { epoch: 7 } }]);
});

test('Z2: proposes no epoch without a quorum, and gives up after an election timeout', () => {
  const lone = new Lone({ self: 5, voters: 5 });
  lone.elect(5, [1, 2, 3], [0, 0], 0);
  lone.hear(1, { kind: 'cepoch', acceptedEpoch: 3 });
  expect(lone.kinds).not.toContain('new-epoch');
  lone.pass(999);
  expect(lone.detail.phase).toBe('DISCOVERY');
  lone.pass(1);
  expect(lone.detail).toMatchObject({ phase: 'LOOKING', acceptedEpoch: 0, logicalClock: 2 });
  expect(lone.effects.closes.map(({ link }) => link)).toEqual([10]);
});

test('Z2: an observer that comes first is no part of the quorum, but its epoch is outdone', () => {
  const lone = new Lone({ self: 3, learners: [9] });
  lone.elect(3, [1, 2], [0, 0], 0);
  lone.hear(9, { kind: 'cepoch', acceptedEpoch: 30 });
  expect(lone.detail.newEpoch).toBe(0);
  lone.hear(1, { kind: 'cepoch', acceptedEpoch: 2 });
  expect(lone.detail.newEpoch).toBe(31);
});

test('counts a CEPOCH that came before it knew that it leads', () => {
  const lone = new Lone({ self: 3 });
  lone.hear(1, { kind: 'cepoch', acceptedEpoch: 5 });
  expect(lone.effects.closes).toEqual([]);
  lone.elect(3, [1, 2], [0, 0], 0);
  expect(lone.sent('new-epoch')).toMatchObject([{ to: [1], message: { epoch: 6 } }]);
});

test('ends the link of a member that takes it for its leader while it follows another', () => {
  const before = new Lone();
  before.hear(2, { kind: 'cepoch', acceptedEpoch: 0 });
  before.elect(3, [2, 3]);
  expect(before.effects.closes.map(({ link }) => link)).toEqual([20]);
  const after = new Lone();
  after.elect(3, [2, 3]);
  after.hear(2, { kind: 'cepoch', acceptedEpoch: 0 });
  expect(after.effects.closes.map(({ link }) => link)).toEqual([20]);
  expect(after.detail.following).toBe(3);
});

test('Z3: accepts a higher epoch, and acknowledges it once that is durable, with its current epoch and last zxid', () => {
  const lone = new Lone({ recovered: recoveredLog([1, 2, 2], { commit: 1, accepted: 4, current: 2 }) });
  lone.elect(3, [2, 3]);
  const { write } = lone.hear(3, { kind: 'new-epoch', epoch: 5 });
  expect(write?.hardState).toBeDefined();
  expect(lone.sent('ack-epoch')).toEqual([
    {
      to: [3],
      gate: lone.writes,
      lane: 'log',
      message: { kind: 'ack-epoch', epoch: 5, counts: true, currentEpoch: 2, zxidEpoch: 2, zxidCounter: 2 },
      entries: [],
    },
  ]);
  expect(lone.detail).toMatchObject({ acceptedEpoch: 5, currentEpoch: 2, phase: 'SYNC' });
});

test('Z3: an epoch that it has accepted before is acknowledged, but not counted', () => {
  const lone = new Lone({ recovered: recoveredLog([1], { accepted: 5, current: 1 }) });
  lone.elect(3, [2, 3]);
  const { write } = lone.hear(3, { kind: 'new-epoch', epoch: 5 });
  expect(write).toBeUndefined();
  expect(lone.sent('ack-epoch')).toMatchObject([{ message: { epoch: 5, counts: false } }]);
});

test('Z3, Z-14: leaves a leader whose epoch is below the one that it gave its word to', () => {
  const lone = new Lone({ recovered: recoveredLog([1], { accepted: 6, current: 1 }) });
  lone.elect(3, [2, 3]);
  lone.hear(3, { kind: 'new-epoch', epoch: 5 });
  expect(lone.detail).toMatchObject({ phase: 'LOOKING', acceptedEpoch: 6, logicalClock: 2 });
  expect(lone.effects.closes.map(({ link }) => link)).toEqual([30]);
});

test('Z3: hears NEWEPOCH in discovery only, and from its leader only', () => {
  const stranger = new Lone();
  stranger.elect(3, [2, 3]);
  stranger.hear(2, { kind: 'new-epoch', epoch: 8 });
  expect(stranger.effects.closes.map(({ link }) => link)).toEqual([20]);
  expect(stranger.detail).toMatchObject({ acceptedEpoch: 0, following: 3 });
  const twice = new Lone();
  twice.follow(3, 4);
  twice.hear(3, { kind: 'new-epoch', epoch: 9 });
  expect(twice.detail).toMatchObject({ acceptedEpoch: 4, phase: 'LOOKING' });
});

test('Z4: enters the epoch with the ACK-E of a quorum, its own included, once that is durable', () => {
  const lone = new Lone({ self: 3, recovered: recoveredLog([1]) });
  lone.elect(3, [1, 2], [1, 1], 1);
  lone.hear(1, { kind: 'cepoch', acceptedEpoch: 1 });
  lone.ackEpoch(1, [1, 1], 1);
  expect(lone.role).toBe('candidate');
  const { write } = lone.sync();
  expect(write?.hardState).toBeDefined();
  expect(lone.detail).toMatchObject({ currentEpoch: 2, phase: 'SYNC' });
  expect(lone.core.status().role).toMatchObject({ role: 'leader', ready: false });
});

test.each([
  ['a later zxid in the same epoch', [2, 3], 2],
  ['a later current epoch, with an earlier zxid', [1, 1], 3],
] as const)('Z4: refuses a follower that is ahead before its quorum is complete: %s', (_what, zxid, currentEpoch) => {
  const lone = new Lone({ self: 3, voters: 5, recovered: recoveredLog([1, 2, 2]) });
  lone.elect(3, [1, 2, 4], [2, 2], 2);
  for (const from of [1, 2, 4]) lone.hear(from, { kind: 'cepoch', acceptedEpoch: 3 });
  lone.sync();
  lone.ackEpoch(1, zxid, currentEpoch);
  expect(lone.effects.closes.map(({ link }) => link)).toEqual([10]);
  lone.ackEpoch(2, [2, 2], 2);
  expect(lone.role).toBe('candidate');
  lone.ackEpoch(4, [2, 1], 2);
  expect(lone.role).toBe('leader');
});

test('Z4: an ACK-E that does not count, or of an observer, completes no quorum', () => {
  const lone = new Lone({ self: 3, learners: [9] });
  lone.elect(3, [1, 2], [0, 0], 0);
  for (const from of [1, 9]) lone.hear(from, { kind: 'cepoch', acceptedEpoch: 0 });
  lone.sync();
  lone.ackEpoch(1, [0, 0], 0, false);
  lone.ackEpoch(9, [0, 0], 0);
  expect(lone.role).toBe('candidate');
  lone.hear(2, { kind: 'cepoch', acceptedEpoch: 0 });
  lone.ackEpoch(2, [0, 0], 0);
  expect(lone.role).toBe('leader');
});

test('Z4: an ACK-E counts for the link that it came over: with the link it is gone', () => {
  const lone = new Lone({ self: 5, voters: 5 });
  lone.elect(5, [1, 2, 3], [0, 0], 0);
  for (const from of [1, 2, 3]) lone.hear(from, { kind: 'cepoch', acceptedEpoch: 0 });
  lone.sync();
  lone.ackEpoch(1, [0, 0]);
  lone.linkUp(1);
  lone.ackEpoch(2, [0, 0]);
  expect(lone.role).toBe('candidate');
  lone.ackEpoch(3, [0, 0]);
  expect(lone.role).toBe('leader');
});

test('a follower gives up a leader that it does not hear (Z14), and every ping is a sign of life', () => {
  const lone = new Lone();
  lone.elect(3, [2, 3]);
  for (let i = 0; i < 5; i++) {
    lone.advance(900);
    lone.hear(3, { kind: 'ping', epoch: 0, readRound: 0 });
    expect(lone.sent('pong')).toMatchObject([{ message: { epoch: 0, readRound: 0 } }]);
  }
  lone.advance(1_000);
  expect(lone.detail.phase).toBe('LOOKING');
  expect(lone.sent('notification').map(({ to, message }) => [...to, message.state])).toEqual([[2, serverStates.looking]]);
});
