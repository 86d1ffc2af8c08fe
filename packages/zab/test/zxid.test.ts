import { expect, test } from 'vitest';
import { compareZxids, decodeEpochStarts, decodeHardState, encodeEpochStarts, encodeHardState, noZxid } from '../src/zxid.ts';

test('orders zxids by epoch, then by counter, far beyond 32 bits', () => {
  const rising = [
    noZxid,
    { epoch: 1, counter: 1 },
    { epoch: 1, counter: 2 ** 32 },
    { epoch: 2, counter: 1 },
    { epoch: 2 ** 40, counter: 1 },
  ];
  for (const [place, zxid] of rising.entries())
    for (const [other, than] of rising.entries()) expect(Math.sign(compareZxids(zxid, than))).toBe(Math.sign(place - other));
});

test('keeps both epochs of the hard state, and no vote', () => {
  const state = { acceptedEpoch: 2 ** 45 + 3, currentEpoch: 2 ** 33 };
  const bytes = encodeHardState(state);
  expect(bytes).toHaveLength(17);
  expect(decodeHardState(bytes)).toEqual(state);
});

test('refuses a hard state that is cut, longer, of another version, or no safe integer', () => {
  const bytes = encodeHardState({ acceptedEpoch: 5, currentEpoch: 4 });
  const other = bytes.slice();
  other[0] = 2;
  const huge = bytes.slice().fill(255, 1);
  for (const bad of [bytes.subarray(1), new Uint8Array([...bytes, 0]), other, huge]) expect(decodeHardState(bad)).toBeUndefined();
});

test('keeps the table of first indexes', () => {
  const starts = [
    { epoch: 1, first: 1 },
    { epoch: 2 ** 34, first: 2 ** 40 },
  ];
  expect(decodeEpochStarts(encodeEpochStarts(starts))).toEqual(starts);
  expect(decodeEpochStarts(encodeEpochStarts([]))).toEqual([]);
});

test('refuses a table that is cut, of another version, or whose epochs or indexes do not rise', () => {
  const good = encodeEpochStarts([{ epoch: 1, first: 1 }]);
  const other = good.slice();
  other[0] = 9;
  for (const bad of [
    new Uint8Array(0),
    good.subarray(0, 10),
    other,
    encodeEpochStarts([
      { epoch: 2, first: 1 },
      { epoch: 2, first: 5 },
    ]),
    encodeEpochStarts([
      { epoch: 1, first: 5 },
      { epoch: 2, first: 5 },
    ]),
    encodeEpochStarts([{ epoch: 0, first: 1 }]),
    encodeEpochStarts([{ epoch: 1, first: 0 }]),
  ])
    expect(decodeEpochStarts(bad)).toBeUndefined();
});
