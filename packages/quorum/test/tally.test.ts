import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createTally, isQuorum, majorities, quorumsOfSize, votersOf } from '../src/index.ts';
import { subsetsOf } from './naive-quorum.ts';

const voterSet = fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });
const votes = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.boolean()), { maxLength: 20 });

describe('tally', () => {
  test('is won by the vote that completes a quorum', () => {
    const tally = createTally(majorities([1, 2, 3]));
    expect(tally.result()).toBe('pending');
    expect(tally.record(1, true)).toBe('pending');
    expect(tally.record(2, false)).toBe('pending');
    expect(tally.record(3, true)).toBe('won');
  });

  test('is lost as soon as nobody left could make a quorum', () => {
    const tally = createTally(majorities([1, 2, 3, 4]));
    expect(tally.record(1, false)).toBe('pending');
    expect(tally.record(2, false)).toBe('lost');
  });

  test('is lost when one half of a joint configuration is (thesis §4.3)', () => {
    const tally = createTally(majorities([1, 2, 3], [4, 5, 6]));
    for (const voter of [1, 2, 3, 4]) tally.record(voter, true);
    tally.record(5, false);
    expect(tally.record(6, false)).toBe('lost');
  });

  test('takes the first answer of a voter, and none of a stranger', () => {
    const tally = createTally(majorities([1, 2, 3]));
    tally.record(1, true);
    tally.record(1, false);
    tally.record(9, true);
    expect([...tally.yes]).toEqual([1]);
    expect([...tally.no]).toEqual([]);
    expect(tally.result()).toBe('pending');
  });

  test('a refusal stands, whatever the voter says later', () => {
    const tally = createTally(majorities([1, 2, 3]));
    tally.record(1, true);
    tally.record(2, false);
    expect(tally.record(2, true)).toBe('pending');
    expect([[...tally.yes], [...tally.no]]).toEqual([[1], [2]]);
  });

  test('two tallies of one system do not share answers', () => {
    const system = majorities([1]);
    createTally(system).record(1, true);
    expect(createTally(system).result()).toBe('pending');
  });

  test('is monotone: won stays won and lost stays lost', () => {
    fc.assert(
      fc.property(voterSet, fc.option(voterSet, { nil: undefined }), votes, (voters, next, answers) => {
        const tally = createTally(majorities(voters, next));
        let before = tally.result();
        for (const [voter, yes] of answers) {
          const after = tally.record(voter, yes);
          expect(before === 'pending' || after === before).toBe(true);
          expect(tally.result()).toBe(after);
          before = after;
        }
      }),
    );
  });

  test('agrees with trying every way in which the rest may answer', () => {
    fc.assert(
      fc.property(voterSet, fc.integer({ min: 1, max: 6 }), votes, (voters, size, answers) => {
        const system = quorumsOfSize(voters, size);
        const tally = createTally(system);
        for (const [voter, yes] of answers) tally.record(voter, yes);
        const open = votersOf(system).filter((voter) => !tally.yes.has(voter) && !tally.no.has(voter));
        const endings = subsetsOf(open).map((more) => isQuorum(system, (voter) => tally.yes.has(voter) || more.includes(voter)));
        const naive = endings.every(Boolean) ? 'won' : endings.some(Boolean) ? 'pending' : 'lost';
        expect(tally.result()).toBe(naive);
      }),
    );
  });
});
