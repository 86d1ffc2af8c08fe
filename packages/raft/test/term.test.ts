import { expect, test } from 'vitest';
import { decodeHardState, encodeHardState, isUpToDate } from '../src/term.ts';

test.each([
  [0, 0],
  [1, 2 ** 48 - 1],
  [2 ** 32, 2 ** 32 + 5],
  [Number.MAX_SAFE_INTEGER, 1],
])('the hard state (term %i, vote %i) survives the journal', (currentTerm, votedFor) => {
  expect(decodeHardState(encodeHardState({ currentTerm, votedFor }))).toEqual({ currentTerm, votedFor });
});

test('reads a view into a larger buffer', () => {
  const bytes = new Uint8Array(40).fill(9);
  bytes.set(encodeHardState({ currentTerm: 3, votedFor: 4 }), 11);
  expect(decodeHardState(bytes.subarray(11, 28))).toEqual({ currentTerm: 3, votedFor: 4 });
});

test('refuses another length, another version and unsafe numbers', () => {
  const good = encodeHardState({ currentTerm: 3, votedFor: 4 });
  expect(decodeHardState(good.subarray(1))).toBeUndefined();
  expect(decodeHardState(Uint8Array.of(2, ...good.subarray(1)))).toBeUndefined();
  expect(decodeHardState(new Uint8Array(17).fill(255).fill(1, 0, 1))).toBeUndefined();
});

test('the later last term wins, then the longer log (§5.4.1)', () => {
  expect(isUpToDate(2, 1, 1, 9)).toBe(true);
  expect(isUpToDate(1, 9, 2, 1)).toBe(false);
  expect(isUpToDate(2, 5, 2, 5)).toBe(true);
  expect(isUpToDate(2, 4, 2, 5)).toBe(false);
});
