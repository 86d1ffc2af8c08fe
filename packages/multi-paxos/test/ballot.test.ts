import { noEpoch } from '@quorate/interface';
import { expect, test } from 'vitest';
import { decodePromised, encodePromised, higherBallot, nextBallot } from '../src/ballot.ts';

test.each([
  [{ round: 0, owner: 0 }, 2, { round: 1, owner: 2 }],
  [{ round: 1, owner: 1 }, 2, { round: 1, owner: 2 }],
  [{ round: 1, owner: 2 }, 2, { round: 2, owner: 2 }],
  [{ round: 4, owner: 3 }, 1, { round: 5, owner: 1 }],
])('the smallest ballot above %o of member %i is %o (P1)', (seen, owner, next) => {
  expect(nextBallot(seen, owner)).toEqual(next);
});

test('ballots are compared by round, then by owner', () => {
  expect(higherBallot({ round: 2, owner: 1 }, { round: 1, owner: 9 })).toEqual({ round: 2, owner: 1 });
  expect(higherBallot({ round: 2, owner: 1 }, { round: 2, owner: 3 })).toEqual({ round: 2, owner: 3 });
});

test('a promise comes back from the disk as it was', () => {
  for (const ballot of [noEpoch, { round: 1, owner: 3 }, { round: 2 ** 52, owner: 2 ** 48 - 1 }])
    expect(decodePromised(encodePromised(ballot))).toEqual(ballot);
  expect(decodePromised(undefined)).toEqual(noEpoch);
});

test('a promise that cannot be read is not taken for none (B-29)', () => {
  const good = encodePromised({ round: 3, owner: 1 });
  expect(decodePromised(good.subarray(1))).toBeUndefined();
  expect(decodePromised(Uint8Array.from([2, ...good.subarray(1)]))).toBeUndefined();
  expect(decodePromised(good.map((byte, place) => (place === 0 ? byte : 255)))).toBeUndefined();
});
