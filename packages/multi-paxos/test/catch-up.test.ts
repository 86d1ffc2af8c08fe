import { expect, test } from 'vitest';
import { heartbeat, Lone } from './fixture/lone.ts';
import { Network } from './fixture/network.ts';

test('who is behind asks the leader as well, once whoever said so is gone and the others have nothing', () => {
  let drawn = 0;
  const lone = new Lone({ self: 3, voters: 5, random: () => (drawn++ % 4) / 4 });
  lone.hear(1, heartbeat('1.1', { chosenFrom: 1, chosenUpTo: 9 }));
  lone.step({ type: 'linkDown', peer: 1, link: 10 }, { type: 'linkDown', peer: 4, link: 40 });
  const asked: number[] = [];
  for (let beat = 0; beat < 50 && !asked.includes(2); beat++) {
    lone.hear(2, heartbeat('1.2', { chosenFrom: 10, chosenUpTo: 9 }));
    lone.advance(100);
    const to = lone.sent('learn-request').flatMap((request) => request.to);
    asked.push(...to);
    // The other one lacks the same, and says so.
    if (to.includes(5)) lone.hear(5, { kind: 'learn-reply', fromSlot: 1, chosenUpTo: 0 });
  }
  expect(asked.slice(0, 2)).toEqual([5, 5]);
  expect(asked.at(-1)).toBe(2);
});

test('an acceptor that waits for what was chosen before holds no more than the limit of open bytes', () => {
  const net = new Network({ voters: 3, limits: { uncommittedBytes: 1000, tailBytes: 0, memoryBytes: 1000 } });
  net.elect(1);
  net.isolate(3);
  net.propose(1, 'a', 'b');
  net.settle();
  for (const id of [1, 2]) net.member(id).snapshot();
  net.settle();
  // It needs a snapshot, and pulling that takes a while.
  net.heal();
  net.advance(500);
  expect(net.member(3).pulls).toHaveLength(1);
  for (let n = 0; n < 100; n++) {
    net.propose(1, 'x'.repeat(100));
    net.advance(10);
  }
  expect(net.member(1).commitIndex).toBe(103);
  const held = (): number => net.member(3).log().join('').length;
  expect(held()).toBeGreaterThan(1000);
  expect(held()).toBeLessThan(2000);
  net.member(3).finishPulls();
  net.advance(3000);
  expect(net.all.map(({ appliedIndex }) => appliedIndex)).toEqual([103, 103, 103]);
  net.propose(1, 'again');
  net.settle();
  expect(net.member(3).log().at(-1)).toContain('again');
});
