import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isQuorum, majorities, quorumIndex, quorumsOfSize, votersOf } from '../src/index.ts';
import { naiveMajorityIndex } from './naive-quorum.ts';

const voterSet = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 40 });
const indexes = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 41, maxLength: 41 });

function reader(values: readonly number[]): (voter: number) => number {
  return (voter) => values[voter] ?? 0;
}

describe('quorum index', () => {
  test('is what a majority of three has reached (Raft §5.3)', () => {
    const reached = new Map([
      [1, 9],
      [2, 4],
      [3, 7],
    ]);
    expect(quorumIndex(majorities([1, 2, 3]), (voter) => reached.get(voter) ?? 0)).toBe(7);
  });

  test('agrees with sorting, also beyond its scratch of 16', () => {
    fc.assert(
      fc.property(voterSet, indexes, (voters, values) => {
        const reached = new Map(values.map((value, voter) => [voter, value]));
        expect(quorumIndex(majorities(voters), reader(values))).toBe(naiveMajorityIndex(voters, reached));
      }),
    );
  });

  test('is the lower of both halves of a joint configuration (thesis §4.3)', () => {
    fc.assert(
      fc.property(voterSet, voterSet, indexes, (old, next, values) => {
        const reached = new Map(values.map((value, voter) => [voter, value]));
        const naive = Math.min(naiveMajorityIndex(old, reached), naiveMajorityIndex(next, reached));
        expect(quorumIndex(majorities(old, next), reader(values))).toBe(naive);
      }),
    );
  });

  test('is the highest index that has a quorum', () => {
    fc.assert(
      fc.property(voterSet, indexes, fc.integer({ min: 1, max: 40 }), (voters, values, size) => {
        const system = quorumsOfSize(voters, size);
        const found = quorumIndex(system, reader(values));
        const has = (index: number) => isQuorum(system, (voter) => (values[voter] ?? 0) >= index);
        expect(found === 0 || has(found)).toBe(true);
        expect(has(found + 1)).toBe(false);
      }),
    );
  });

  test('never falls when a voter moves on', () => {
    fc.assert(
      fc.property(voterSet, voterSet, indexes, fc.nat(40), (old, next, values, moved) => {
        const system = majorities(old, next);
        const before = quorumIndex(system, reader(values));
        const after = quorumIndex(system, reader(values.map((value, voter) => (voter === moved ? value + 5 : value))));
        expect(after).toBeGreaterThanOrEqual(before);
      }),
    );
  });

  test('asks each voter once per half and nobody else', () => {
    const asked: number[] = [];
    quorumIndex(majorities([3, 1, 2], [2, 4]), (voter) => asked.push(voter));
    expect(asked).toEqual([3, 1, 2, 2, 4]);
    expect(votersOf(majorities([3, 1, 2], [2, 4]))).toEqual([1, 2, 3, 4]);
  });

  test('is 0 where there is no voter, or no such quorum', () => {
    expect(quorumIndex(majorities([]), () => 5)).toBe(0);
    expect(quorumIndex({ halves: [] }, () => 5)).toBe(0);
    expect(quorumIndex(majorities([1], []), () => 5)).toBe(0);
    expect(quorumIndex(quorumsOfSize([1, 2], 3), () => 5)).toBe(0);
    expect(quorumIndex(quorumsOfSize([1, 2], 0), () => 5)).toBe(0);
  });
});
