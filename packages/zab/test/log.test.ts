import { lastOf } from '@quorate/interface';
import { expect, test } from 'vitest';
import {
  appendBatch,
  appendEpochs,
  cachedRun,
  collectEntries,
  compactLog,
  createLog,
  epochAt,
  evictPayloads,
  firstCached,
  firstIndexOf,
  indexOf,
  predecessorOf,
  resetLog,
  truncateLog,
  zxidAt,
} from '../src/log.ts';
import type { ZabLog } from '../src/log.ts';
import { entry } from './fixture/lone.ts';

/** A history whose txns have these epochs, from index 1. */
function historyOf(...epochs: number[]): ZabLog {
  const log = createLog(0, []);
  for (const [place, epoch] of epochs.entries()) appendBatch(log, entry(place + 1, epoch));
  return log;
}

const history = (): ZabLog => historyOf(1, 1, 1, 3, 3, 7);

test('maps indexes to zxids and back: index = firstIndex(epoch) + counter - 1', () => {
  const log = history();
  const zxids = [0, 1, 2, 3, 4, 5, 6].map((index) => zxidAt(log, index));
  expect(zxids.map(({ epoch, counter }) => `${epoch},${counter}`)).toEqual(['0,0', '1,1', '1,2', '1,3', '3,1', '3,2', '7,1']);
  for (const [index, zxid] of zxids.entries()) expect(indexOf(log, zxid)).toBe(index);
});

test('knows no index for a zxid that is not in the history', () => {
  const log = history();
  for (const [epoch, counter] of [
    [1, 4],
    [1, 0],
    [2, 1],
    [3, 3],
    [7, 2],
    [8, 1],
  ] as const)
    expect(indexOf(log, { epoch, counter })).toBeUndefined();
});

test.each([
  ['one of the same epoch that goes on here', [1, 3], 6, 2],
  ['one beyond the end of its epoch', [1, 9], 6, 3],
  ['the first of an epoch that is here', [3, 1], 6, 3],
  ['one of an epoch that never was', [2, 4], 6, 3],
  ['one of a later epoch', [9, 1], 6, 6],
  ['one of the last epoch', [7, 5], 6, 6],
  ['one beyond what may be seen', [7, 5], 4, 4],
  ['the first of all', [1, 1], 6, 0],
] as const)('finds the predecessor of %s', (_what, [epoch, counter], upTo, index) => {
  expect(predecessorOf(history(), { epoch, counter }, upTo)).toBe(index);
});

test('knows no predecessor below its base', () => {
  const log = history();
  compactLog(log, 3);
  expect(predecessorOf(log, { epoch: 1, counter: 3 }, 6)).toBeUndefined();
  expect(predecessorOf(log, { epoch: 2, counter: 1 }, 6)).toBe(3);
  expect(indexOf(log, { epoch: 1, counter: 2 })).toBeUndefined();
  expect(indexOf(log, { epoch: 0, counter: 0 })).toBeUndefined();
});

test('keeps the zxid of its base over compaction, also in the middle of an epoch', () => {
  const log = history();
  compactLog(log, 5);
  expect(zxidAt(log, 5)).toEqual({ epoch: 3, counter: 2 });
  expect(log.epochs).toEqual([
    { epoch: 3, first: 4 },
    { epoch: 7, first: 6 },
  ]);
  compactLog(log, 6);
  expect(zxidAt(log, 6)).toEqual({ epoch: 7, counter: 1 });
  appendBatch(log, entry(7, 7));
  expect(zxidAt(log, 7)).toEqual({ epoch: 7, counter: 2 });
});

test('cuts whole epochs and parts of them', () => {
  const log = history();
  truncateLog(log, 5);
  expect([log.lastIndex, log.lastEpoch]).toEqual([4, 3]);
  expect(firstIndexOf(log, 7)).toBeUndefined();
  truncateLog(log, 4);
  expect([log.lastIndex, log.lastEpoch]).toEqual([3, 1]);
  truncateLog(log, 1);
  expect([log.lastIndex, log.lastEpoch]).toEqual([0, 0]);
  appendBatch(log, entry(1, 2));
  expect(zxidAt(log, 1)).toEqual({ epoch: 2, counter: 1 });
});

test('continues behind a snapshot with its table', () => {
  const log = history();
  resetLog(log, 40, [
    { epoch: 3, first: 4 },
    { epoch: 9, first: 31 },
  ]);
  expect([log.baseIndex, log.lastIndex, log.lastEpoch]).toEqual([40, 40, 9]);
  expect(zxidAt(log, 40)).toEqual({ epoch: 9, counter: 10 });
  expect(firstCached(log)).toBe(41);
  expect(epochAt(log, 39)).toBeUndefined();
});

test('refuses epochs that fall, gaps, and cuts of what is compacted', () => {
  const log = history();
  expect(() => appendBatch(log, entry(7, 6))).toThrow(/never fall/);
  expect(() => appendBatch(log, entry(8, 7))).toThrow(/without a gap/);
  expect(() => truncateLog(log, 7)).toThrow(/inside/);
  compactLog(log, 2);
  expect(() => truncateLog(log, 2)).toThrow(/inside/);
});

test('collects runs up to a place and a size', () => {
  const log = history();
  const lasts = (from: number, to: number, bytes: number): number[] => collectEntries(log, from, to, bytes).map(lastOf);
  expect(lasts(2, 6, 1_000)).toEqual([2, 3, 4, 5, 6]);
  expect(lasts(2, 4, 1_000)).toEqual([2, 3, 4]);
  expect(lasts(2, 6, 1)).toEqual([2]);
  expect(lasts(5, 4, 1_000)).toEqual([]);
  const wide = createLog(0, []);
  appendBatch(wide, { ...entry(1, 1), count: 3, ends: Uint32Array.of(2, 2, 2), checksums: new Uint32Array(3) });
  expect(collectEntries(wide, 1, 2, 1_000).map(({ count }) => count)).toEqual([2]);
});

test('evicts payloads of committed txns only, and keeps their zxids', () => {
  const log = history();
  evictPayloads(log, 4, 0);
  expect(firstCached(log)).toBe(5);
  expect(cachedRun(log, 4, 100)).toBeUndefined();
  expect(zxidAt(log, 2)).toEqual({ epoch: 1, counter: 2 });
});

test('notes the epochs of what stays in the journal', () => {
  const log = createLog(0, []);
  appendEpochs(log, 3, 1);
  appendEpochs(log, 5, 4);
  expect(zxidAt(log, 5)).toEqual({ epoch: 4, counter: 2 });
  expect(firstCached(log)).toBe(6);
});
