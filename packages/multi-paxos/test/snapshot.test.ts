import { genesisOf } from '@quorate/core-testing';
import type { Flight } from '@quorate/core-testing';
import { encodeConfig, packPayloads, placeEntries } from '@quorate/interface';
import { expect, test } from 'vitest';
import type { MultiPaxosMessage } from '../src/index.ts';
import { accept, ballot, Lone, metaOf, recoveredVotes } from './fixture/lone.ts';
import { Network } from './fixture/network.ts';

// M-3 by another way: a leader knows of no higher ballot yet, and all that it gets of it is a snapshot.
test('a leader that gets a snapshot does not tell its followers that their votes were chosen', () => {
  const net = new Network({ voters: 5, limits: { tailBytes: 0 } });
  const among =
    (...members: number[]) =>
    ({ from, to, message: { kind } }: Flight<MultiPaxosMessage>): boolean =>
      members.includes(from) && members.includes(to) && kind !== 'learn-request';
  net.elect(3);
  net.propose(3, 'a', 'b');
  net.settle(among(3, 4, 5));
  net.take(() => true);
  // 1 leads with the promises of 2 and 4, and lacks what 4 calls chosen; only 2 votes for its `v`.
  net.member(1).input({ type: 'campaign' });
  net.settle(among(1, 2, 4));
  net.propose(1, 'v');
  net.settle(among(1, 2));
  net.take(({ message }) => message.kind !== 'learn-request');
  // 5 leads in a higher ballot; 3, 4 and 5 choose `w` in the same slot, and 4 trims it.
  for (let attempt = 0; attempt < 2; attempt++) {
    net.member(5).input({ type: 'campaign' });
    net.settle(among(3, 4, 5));
  }
  net.propose(5, 'w');
  net.settle(among(3, 4, 5));
  net.member(4).snapshot();
  net.settle(among());
  // What 1 asked 4 for arrives, and of all answers only the snapshot.
  net.settle(({ from, message }) => from === 1 && message.kind === 'learn-request');
  net.settle(({ to, message }) => to === 1 && message.kind === 'have-snapshot');
  net.take(() => true);
  net.member(1).finishPulls();
  net.settle(among());
  expect(net.all.map(({ role, commitIndex }) => `${role} ${commitIndex}`)).toEqual([
    'leader 4',
    'follower 1',
    'follower 4',
    'follower 4',
    'leader 4',
  ]);
  // 2 holds `v` under the ballot of 1, which says now that everything up to 4 is chosen.
  net.advance(150, among(1, 2));
  expect(net.member(2).commitIndex).toBe(1);
  net.advance(2000);
  net.member(2).finishPulls();
  net.settle();
  expect(net.member(2).commitIndex).toBe(4);
});

test('what is behind a snapshot that a peer was told of is kept until the peer holds some of it, and no longer', () => {
  const votes = Array.from({ length: 10 }, (_, place) => `${place + 10}:x@1.1`);
  const recovered = { ...recoveredVotes(votes, { commit: 19 }), snapshot: metaOf(12, '1.1') };
  const trimmedAfter = (chosenUpTo: number): number | undefined => {
    const lone = new Lone({ recovered, limits: { tailBytes: 0 } });
    lone.win({ from: 2, chosenUpTo: 19 });
    lone.hear(3, { kind: 'learn-request', fromSlot: 1 });
    expect(lone.sent('have-snapshot')).toHaveLength(1);
    lone.hear(3, { kind: 'heartbeat-response', ballot: lone.detail.ballot, readRound: 0, chosenUpTo, lastSlot: 19 });
    lone.step({ type: 'applied', index: 19 }, { type: 'snapshotTaken', meta: metaOf(19, '1.1') });
    return lone.drain().write?.compactBelow;
  };
  expect(trimmedAfter(12)).toBe(13);
  expect(trimmedAfter(13)).toBe(20);
});

test('a configuration that was only voted on is not in force because a snapshot covers its slot', () => {
  const lone = new Lone({ self: 3 });
  const config = { ...genesisOf([1, 2, 3]), id: 2 };
  const payload = packPayloads([encodeConfig(config)], () => 0);
  lone.hear(1, accept('1.1'), [placeEntries(payload, 1, ballot('1.1'), 'config')]);
  lone.hear(2, { kind: 'have-snapshot', meta: metaOf(3, '1.2') });
  lone.step({ type: 'snapshotReceived', meta: metaOf(3, '1.2') });
  const told: string[] = [];
  for (let turn = 0; turn < 6; turn++) {
    const { config: stage } = lone.drain();
    if (stage !== undefined) told.push(`${stage.stage} ${stage.config.id}`);
  }
  expect(told).toEqual(['committed 1', 'active 1']);
});
