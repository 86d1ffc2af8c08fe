import { expect, test } from 'vitest';
import { heartbeat, Lone } from './fixture/lone.ts';

test('who is behind asks the leader as well, once whoever said so is gone and the others have nothing', () => {
  let drawn = 0;
  const lone = new Lone({ self: 3, voters: 5, random: () => (drawn++ % 4) / 4 });
  lone.hear(1, heartbeat('1.1', { chosenFrom: 1, chosenUpTo: 9 }));
  lone.step({ type: 'linkDown', peer: 1, link: 10 }, { type: 'linkDown', peer: 4, link: 40 });
  const asked: number[] = [];
  for (let beat = 0; beat < 50 && !asked.includes(2); beat++) {
    lone.hear(2, heartbeat('1.2', { chosenFrom: 10, chosenUpTo: 9 }));
    lone.pass(100);
    const to = lone.sent('learn-request').flatMap((request) => request.to);
    asked.push(...to);
    // The other one lacks the same, and says so.
    if (to.includes(5)) lone.hear(5, { kind: 'learn-reply', fromSlot: 1, chosenUpTo: 0 });
  }
  expect(asked.slice(0, 2)).toEqual([5, 5]);
  expect(asked.at(-1)).toBe(2);
});
