import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alwaysIntersect, isQuorum, isVoter, majorities, majorityOf, quorumsOfSize, votersOf } from '../src/index.ts';
import { isMajorityOf, subsetsOf } from './naive-quorum.ts';

const voterSet = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 7 });
const answers = fc.uniqueArray(fc.integer({ min: 1, max: 9 }));

describe('majority', () => {
  test('is the smallest number that is more than half', () => {
    expect([1, 2, 3, 4, 5, 6, 7].map(majorityOf)).toEqual([1, 2, 2, 3, 3, 4, 4]);
  });

  test('agrees with counting, for every set of voters and answers', () => {
    fc.assert(
      fc.property(voterSet, answers, (voters, yes) => {
        const has = new Set(yes);
        expect(isQuorum(majorities(voters), (voter) => has.has(voter))).toBe(isMajorityOf(voters, has));
      }),
    );
  });

  test('any two majorities of up to 7 members meet', () => {
    for (let members = 1; members <= 7; members++) {
      const voters = Array.from({ length: members }, (_, place) => place + 1);
      const system = majorities(voters);
      const quorums = subsetsOf(voters).filter((subset) => isQuorum(system, (voter) => subset.includes(voter)));
      for (const one of quorums) {
        expect(quorums.every((other) => other.some((voter) => one.includes(voter)))).toBe(true);
      }
    }
  });
});

describe('joint configuration', () => {
  test('needs a majority of both halves (thesis §4.3)', () => {
    const system = majorities([1, 2, 3], [3, 4, 5]);
    const has = (...yes: number[]) => isQuorum(system, (voter) => yes.includes(voter));
    expect(has(1, 2, 3)).toBe(false);
    expect(has(3, 4, 5)).toBe(false);
    expect(has(1, 2, 4, 5)).toBe(true);
    expect(has(2, 3, 4)).toBe(true);
  });

  test('agrees with counting each half', () => {
    fc.assert(
      fc.property(voterSet, voterSet, answers, (old, next, yes) => {
        const has = new Set(yes);
        const system = majorities(old, next);
        expect(isQuorum(system, (voter) => has.has(voter))).toBe(isMajorityOf(old, has) && isMajorityOf(next, has));
      }),
    );
  });

  test('its quorums meet every quorum of the old and of the new configuration', () => {
    fc.assert(
      fc.property(voterSet, voterSet, answers, answers, (old, next, some, others) => {
        const joint = isQuorum(majorities(old, next), (voter) => some.includes(voter));
        const single = [old, next].some((voters) => isQuorum(majorities(voters), (voter) => others.includes(voter)));
        fc.pre(joint && single);
        expect(some.some((voter) => others.includes(voter))).toBe(true);
      }),
    );
  });

  test('names every voter once, in order', () => {
    const system = majorities([5, 3, 1], [3, 2]);
    expect(votersOf(system)).toEqual([1, 2, 3, 5]);
    expect([1, 2, 3, 4, 5].filter((member) => isVoter(system, member))).toEqual([1, 2, 3, 5]);
  });
});

describe('flexible quorums', () => {
  // Flexible Paxos asks only that phase-1 quorums meet phase-2 quorums. Every pair of sizes, every pair of sets, up to 7 members.
  test('the rule q1 + q2 > N is exactly "every two quorums meet", for N up to 7', () => {
    for (let members = 1; members <= 7; members++) {
      const voters = Array.from({ length: members }, (_, place) => place + 1);
      const masks = subsetsOf(voters).map((subset) => subset.reduce((mask, voter) => mask | (1 << voter), 0));
      const sizes = subsetsOf(voters).map((subset) => subset.length);
      for (let q1 = 1; q1 <= members; q1++) {
        for (let q2 = 1; q2 <= members; q2++) {
          const first = masks.filter((_, place) => (sizes[place] ?? 0) >= q1);
          const second = masks.filter((_, place) => (sizes[place] ?? 0) >= q2);
          const meet = first.every((one) => second.every((other) => (one & other) !== 0));
          expect(alwaysIntersect(members, q1, q2), `${q1} and ${q2} of ${members}`).toBe(meet);
        }
      }
    }
  });

  test('sizes that no set can have, or that the empty set has, never intersect', () => {
    expect(alwaysIntersect(5, 0, 6)).toBe(false);
    expect(alwaysIntersect(5, 6, 1)).toBe(false);
    expect(alwaysIntersect(0, 1, 1)).toBe(false);
  });

  test('half of an even number is enough beside a majority', () => {
    expect(alwaysIntersect(4, 3, 2)).toBe(true);
    expect(alwaysIntersect(4, 2, 2)).toBe(false);
  });

  test('counts to the size that was asked for', () => {
    const system = quorumsOfSize([1, 2, 3, 4, 5], 2);
    expect(isQuorum(system, (voter) => voter === 4)).toBe(false);
    expect(isQuorum(system, (voter) => voter >= 4)).toBe(true);
  });
});

describe('nobody to ask', () => {
  test('an empty set of voters never has a quorum', () => {
    expect(isQuorum(majorities([]), () => true)).toBe(false);
    expect(isQuorum({ halves: [] }, () => true)).toBe(false);
    expect(isQuorum(majorities([1], []), () => true)).toBe(false);
  });

  test('a size of 0 never has a quorum', () => {
    expect(isQuorum(quorumsOfSize([1, 2], 0), () => true)).toBe(false);
    expect(isQuorum(quorumsOfSize([], 0), () => true)).toBe(false);
  });

  test('a size above the number of voters never has a quorum', () => {
    expect(isQuorum(quorumsOfSize([1, 2], 3), () => true)).toBe(false);
  });
});
