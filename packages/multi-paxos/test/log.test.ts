import { seededRandom } from '@quorate/datadriven';
import { lastOf, noEpoch } from '@quorate/interface';
import type { EntryBatch } from '@quorate/interface';
import { expect, test } from 'vitest';
import {
  ballotAt,
  bytesBetween,
  cachedRun,
  collectVotes,
  createLog,
  evictPayloads,
  noteVotes,
  putHigherVotes,
  putVotes,
  tailStart,
  trimLog,
} from '../src/log.ts';
import type { SlotLog } from '../src/log.ts';
import { textOf, vote } from './fixture/lone.ts';

function logOf(...votes: string[]): SlotLog {
  const log = createLog(0, noEpoch);
  for (const text of votes) putVotes(log, vote(text));
  return log;
}

const all = (log: SlotLog): string[] => textOf(collectVotes(log, 1, log.last, 10_000));

test('holds votes above holes, and replaces them slot by slot', () => {
  const log = logOf('1:a@1.1', '4:d@1.1', '2:b@1.2', '4:e@2.1');
  expect(all(log)).toEqual(['1:a@1.1', '2:b@1.2', '4:e@2.1']);
  expect(log.last).toBe(4);
  expect(ballotAt(log, 3)).toBeUndefined();
  expect(ballotAt(log, 4)).toEqual({ round: 2, owner: 1 });
  expect(log.runs.map(({ from, to }) => [from, to])).toEqual([
    [1, 1],
    [2, 2],
    [4, 4],
  ]);
});

test('of two votes in a slot the higher ballot stays (P2c)', () => {
  const log = logOf('1:a@2.1', '2:b@1.1');
  for (const text of ['1:x@1.9', '2:y@1.2', '3:z@1.1']) putHigherVotes(log, vote(text));
  expect(all(log)).toEqual(['1:a@2.1', '2:y@1.2', '3:z@1.1']);
});

test('hands out runs within the bytes asked for, but at least one vote', () => {
  const log = logOf('1:aaaa@1.1', '2:bbbb@1.1', '4:cccc@1.1');
  expect(textOf(collectVotes(log, 1, 4, 8))).toEqual(['1:aaaa@1.1', '2:bbbb@1.1']);
  expect(textOf(collectVotes(log, 1, 4, 1))).toEqual(['1:aaaa@1.1']);
  expect(textOf(collectVotes(log, 2, 3, 100))).toEqual(['2:bbbb@1.1']);
  expect(cachedRun(log, 3, 100)).toBeUndefined();
  expect(bytesBetween(log, 2, 4)).toBe(8);
});

test('evicts only what it is told may go, and knows what a tail costs', () => {
  const log = logOf('1:aaaa@1.1', '2:bbbb@1.1', '3:cccc@1.1');
  evictPayloads(log, 2, 0);
  expect(log.cachedFrom).toBe(3);
  expect(cachedRun(log, 2, 100)).toBeUndefined();
  expect(cachedRun(log, 3, 100)).toBeDefined();
  expect(tailStart(log, 3, 4)).toBe(3);
  expect(tailStart(log, 3, 100)).toBe(1);
  expect(tailStart(log, 3, 0)).toBe(4);
});

test('trims in the middle of a run, and keeps the ballot of its base', () => {
  const log = createLog(0, noEpoch);
  noteVotes(log, { from: 1, to: 5, ballot: { round: 1, owner: 1 } });
  putVotes(log, vote('7:x@1.2'));
  trimLog(log, 3, { round: 1, owner: 1 });
  expect(ballotAt(log, 3)).toEqual({ round: 1, owner: 1 });
  expect(ballotAt(log, 2)).toBeUndefined();
  expect(log.runs[0]).toMatchObject({ from: 4, to: 5 });
  trimLog(log, 9, { round: 2, owner: 2 });
  expect(log.last).toBe(9);
  expect(log.runs).toEqual([]);
});

test('holds what a map of slots would hold', () => {
  const random = seededRandom(3);
  for (let round = 0; round < 100; round++) {
    const log = createLog(0, noEpoch);
    const model = new Map<number, string>();
    for (let step = 1; step < 25; step++) {
      const first = 1 + Math.floor(random() * 20);
      const batch = run(first, 1 + Math.floor(random() * 4), step);
      putVotes(log, batch);
      for (const text of textOf([batch])) model.set(Number.parseInt(text, 10), text);
    }
    expect(all(log)).toEqual([...model].sort(([a], [b]) => a - b).map(([, text]) => text));
    for (const [slot] of model) expect(ballotAt(log, slot)).toBeDefined();
  }
});

function run(first: number, count: number, round: number): EntryBatch {
  const one = vote(`${first}:v${round % 10}@${round}.1`);
  const body = Array.from({ length: count }, () => one.body[0] ?? new Uint8Array(0));
  const ends = Uint32Array.from(body, (_, place) => (place + 1) * 2);
  const batch = { ...one, count, body, ends, checksums: new Uint32Array(count) };
  expect(lastOf(batch)).toBe(first + count - 1);
  return batch;
}
