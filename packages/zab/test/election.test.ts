import { expect, test } from 'vitest';
import { serverStates } from '../src/index.ts';
import { Lone, recoveredLog, vote } from './fixture/lone.ts';

const { following, leading, looking } = serverStates;

test('F1: votes for itself with its last logged zxid and its current epoch, and tells all voters', () => {
  const lone = new Lone({ recovered: recoveredLog([1, 1, 4], { commit: 1, accepted: 6, current: 5 }), learners: [9] });
  expect(lone.sent('notification')).toEqual([
    { to: [2], gate: 0, lane: 'control', message: vote(1, 1, [4, 1], 5), entries: [] },
    { to: [3], gate: 0, lane: 'control', message: vote(1, 1, [4, 1], 5), entries: [] },
  ]);
});

test.each([
  ['a higher epoch over a higher zxid', vote(2, 1, [3, 1], 5), vote(3, 1, [9, 9], 4)],
  ['a higher zxid over a higher number', vote(2, 1, [3, 2], 4), vote(3, 1, [3, 1], 4)],
  ['an epoch within the zxid over its counter', vote(2, 1, [4, 1], 4), vote(3, 1, [3, 9], 4)],
  ['the higher number where all else is equal', vote(3, 1, [3, 1], 4), vote(2, 1, [3, 1], 4)],
])('F2: prefers %s, in whatever order they come', (_what, better, worse) => {
  for (const [first, second] of [
    [better, worse],
    [worse, better],
  ] as const) {
    const lone = new Lone();
    lone.hear(2, first);
    lone.hear(3, second);
    expect(lone.detail.vote.leader).toBe(better.leader);
  }
});

test('F3: adopts a higher round, forgets the votes of its own, and votes for the better of theirs and its initial vote', () => {
  const lone = new Lone({ self: 2, recovered: recoveredLog([1, 1]) });
  // Better than its own: adopted within the round.
  lone.hear(3, vote(3, 1, [1, 5], 1));
  expect(lone.detail.vote.leader).toBe(3);
  // Of a later round, and worse than its initial vote: what it heard of 3 is gone.
  lone.hear(1, vote(1, 4, [1, 1], 1));
  expect(lone.detail).toMatchObject({ logicalClock: 4, vote: { leader: 2 } });
  expect(lone.sent('notification').map(({ message }) => message.round)).toEqual([4, 4]);
});

test('F3: answers a lower round with its own vote, and does not count it', () => {
  const lone = new Lone();
  lone.hear(2, vote(2, 5));
  lone.hear(3, vote(3, 4, [9, 9], 9));
  expect(lone.detail.vote.leader).toBe(2);
  expect(lone.sent('notification').map(({ to, message }) => [to, message.round])).toEqual([[[3], 5]]);
});

test('F4: waits for something better before it decides', () => {
  const lone = new Lone({ options: { finalizeWaitMs: 150, heartbeatMs: 100 } });
  lone.hear(2, vote(2, 1));
  expect(lone.detail.phase).toBe('LOOKING');
  lone.advance(149);
  expect(lone.detail.phase).toBe('LOOKING');
  lone.hear(3, vote(3, 1));
  lone.advance(1);
  expect(lone.detail.phase).toBe('LOOKING');
  lone.advance(149);
  expect(lone.detail).toMatchObject({ phase: 'DISCOVERY', following: 3 });
});

test('F4: decides nothing while a quorum disagrees', () => {
  const lone = new Lone({ voters: 5 });
  lone.hear(5, vote(5, 1));
  lone.hear(3, vote(3, 1));
  lone.hear(2, vote(4, 1));
  lone.advance(5_000);
  expect(lone.detail).toMatchObject({ phase: 'LOOKING', vote: { leader: 5 } });
});

test('F5: tells whoever is looking its vote and its state', () => {
  const lone = new Lone();
  lone.elect(3, [2, 3]);
  lone.hear(2, vote(2, 9));
  expect(lone.sent('notification')).toMatchObject([{ to: [2], message: { leader: 3, state: following } }]);
  lone.hear(2, vote(3, 9, [0, 0], 0, leading));
  expect(lone.sent('notification')).toEqual([]);
});

test('F6: joins a quorum of those who are done, of whatever rounds, only with the word of the leader itself', () => {
  const lone = new Lone({ voters: 5 });
  lone.hear(2, vote(4, 7, [3, 3], 3, following));
  lone.hear(3, vote(4, 8, [2, 2], 2, following));
  lone.hear(5, vote(4, 9, [2, 2], 2, following));
  expect(lone.detail.phase).toBe('LOOKING');
  lone.hear(4, vote(4, 6, [1, 1], 1, leading));
  expect(lone.detail).toMatchObject({ phase: 'DISCOVERY', following: 4, logicalClock: 6 });
});

test('F6: does not join a minority that follows somebody', () => {
  const lone = new Lone({ voters: 5 });
  lone.hear(4, vote(4, 6, [1, 1], 1, leading));
  lone.hear(2, vote(4, 6, [1, 1], 1, following));
  lone.advance(5_000);
  expect(lone.detail.phase).toBe('LOOKING');
});

test('F6: leads where a quorum of its own round follows it already', () => {
  const lone = new Lone({ self: 3 });
  lone.hear(1, vote(3, 1, [0, 0], 0, following));
  expect(lone.detail).toMatchObject({ phase: 'DISCOVERY', following: 0 });
  expect(lone.core.status().role.role).toBe('candidate');
});

test('F6: what was said by one that is looking again counts no more (Z-11)', () => {
  const lone = new Lone({ voters: 5 });
  lone.hear(4, vote(4, 6, [0, 0], 0, leading));
  lone.hear(2, vote(4, 6, [0, 0], 0, following));
  lone.hear(4, vote(4, 7, [0, 0], 0, looking));
  lone.hear(3, vote(4, 6, [0, 0], 0, following));
  lone.hear(5, vote(4, 6, [0, 0], 0, following));
  expect(lone.detail.phase).toBe('LOOKING');
});

test('F7: tells its vote again, at intervals that double up to the cap', () => {
  const lone = new Lone({ options: { finalizeWaitMs: 100, notificationCapMs: 350 } });
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    lone.wake();
    expect(lone.sent('notification')).toHaveLength(2);
    times.push(lone.now);
  }
  expect(times).toEqual([100, 300, 650, 1_000, 1_350]);
});

test('votes are volatile: nothing is written in an election, and a vote changes within a round (O12, O13)', () => {
  const lone = new Lone();
  for (const leader of [2, 3]) {
    const { write } = lone.hear(leader, vote(leader, 1));
    expect(write).toBeUndefined();
    expect(lone.sent('notification')[0]).toMatchObject({ gate: 0, message: { leader } });
  }
});

test('an observer has no vote, is not counted, and finds the leader by the votes of others', () => {
  const observer = new Lone({ self: 9, learners: [9] });
  expect(observer.sent('notification').every(({ message }) => message.leader === 0)).toBe(true);
  observer.hear(1, vote(3, 4, [0, 0], 0, following));
  observer.hear(3, vote(3, 4, [0, 0], 0, leading));
  expect(observer.detail).toMatchObject({ phase: 'DISCOVERY', following: 3 });
  expect(observer.role).toBe('learner');

  const voter = new Lone({ learners: [9] });
  voter.hear(9, vote(3, 1));
  expect(voter.detail.vote.leader).toBe(1);
  expect(voter.sent('notification')).toMatchObject([{ to: [9], message: { leader: 1 } }]);
});

test('a vote for somebody who does not vote is nothing', () => {
  const lone = new Lone({ learners: [9] });
  lone.hear(2, vote(9, 1, [5, 5], 5));
  expect(lone.detail.vote.leader).toBe(1);
});

test('a member alone leads at once, with two writes', () => {
  const lone = new Lone({ voters: 1 });
  expect(lone.detail.acceptedEpoch).toBe(1);
  lone.sync();
  expect(lone.role).toBe('leader');
  lone.sync();
  expect(lone.core.status().role).toMatchObject({ ready: true, settled: true });
});
