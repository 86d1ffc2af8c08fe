import { expect, test } from 'vitest';
import { Lone, recoveredLog, vote } from './fixture/lone.ts';
import { Network } from './fixture/network.ts';

test('a member whose CEPOCH came before the quorum of CEPOCH is not stranded: its epoch is below the new one', () => {
  const lone = new Lone({ self: 5, voters: 5, recovered: recoveredLog([1], { accepted: 3, current: 3 }) });
  lone.ready([1, 2], [1, 1], 3, 3);
  expect(lone.detail.newEpoch).toBe(4);
  for (let i = 0; i < 60; i++) {
    lone.pass(100);
    lone.sync();
    for (const from of [1, 2]) lone.hear(from, { kind: 'pong', epoch: 4, readRound: 0 });
  }
  expect(lone.core.status().role.ready).toBe(true);
});

test('votes of a leader that is still looking do not keep its follower waiting', () => {
  const lone = new Lone({ options: { notificationCapMs: 300 } });
  lone.elect(3, [2, 3]);
  for (let i = 0; i < 20 && lone.detail.phase !== 'LOOKING'; i++) {
    lone.pass(300);
    if (lone.detail.phase !== 'LOOKING') lone.hear(3, vote(3, 50));
  }
  expect(lone.detail.phase).toBe('LOOKING');
});

test('a leader whose disk hangs is not elected again while it hangs', () => {
  const net = new Network({ voters: 3, autoSync: false });
  const run = (ms: number, hanging: boolean): void => {
    for (let at = 0; at < ms; at += 10) {
      net.now += 10;
      net.heal();
      net.wakeDue();
      for (let turn = 0; turn < 3; turn++) {
        for (const each of net.all) {
          each.turn();
          if (!hanging || each.id !== 3) each.sync();
          each.turn();
        }
        for (const flight of net.take(() => true)) net.deliver(flight);
      }
    }
  };
  run(2000, false);
  expect(net.member(3).core.status().role.settled).toBe(true);
  net.propose(3, 'a');
  run(20_000, true);
  const settled = net.all.filter(({ core }) => core.status().role.settled).map(({ id }) => id);
  expect(settled).toEqual([2]);
  run(5000, false);
  expect(net.all.map(({ core }) => core.status().last)).toEqual([2, 2, 2]);
});
