import { must } from '@quorate/core-testing';
import { seededRandom } from '@quorate/datadriven';
import { encodeText, lastOf, packPayloads, payloadBytes, payloadOf, placeEntries } from '@quorate/interface';
import type { EntryBatch } from '@quorate/interface';
import { expect, test } from 'vitest';
import {
  appendBatch,
  appendTerms,
  cachedRun,
  collectEntries,
  compactLog,
  createLog,
  evictPayloads,
  firstCached,
  firstConflict,
  newestWithTermAtMost,
  offsetAfter,
  resetLog,
  tailStart,
  termAt,
  truncateLog,
} from '../src/log.ts';

function batch(first: number, term: number, texts: readonly string[]): EntryBatch {
  return placeEntries(
    packPayloads(
      texts.map((text) => encodeText(text)),
      () => 0,
    ),
    first,
    { round: term, owner: 0 },
    'command',
  );
}

function texts(run: EntryBatch): string[] {
  return Array.from({ length: run.count }, (_, place) => new TextDecoder().decode(payloadOf(run, run.first + place)));
}

/** The same log, one entry at a time. */
interface Naive {
  base: { index: number; term: number };
  entries: { index: number; term: number; text: string }[];
  cachedFrom: number;
}

function naiveTermAt({ base, entries }: Naive, index: number): number | undefined {
  return index === base.index ? base.term : entries.find((each) => each.index === index)?.term;
}

test.each(Array.from({ length: 30 }, (_, place) => place + 1))('behaves as a list of single entries would (seed %i)', (seed) => {
  const random = seededRandom(seed);
  const upTo = (limit: number): number => Math.floor(random() * limit);
  const log = createLog(0, 0);
  const naive: Naive = { base: { index: 0, term: 0 }, entries: [], cachedFrom: 1 };
  let term = 1;
  let commit = 0;
  for (let step = 0; step < 300; step++) {
    const last = log.lastIndex;
    const dice = random();
    if (dice < 0.5) {
      term += upTo(8) === 0 ? 1 : 0;
      const added = Array.from({ length: 1 + upTo(6) }, () => 'x'.repeat(1 + upTo(9)));
      appendBatch(log, batch(last + 1, term, added));
      for (const [place, text] of added.entries()) naive.entries.push({ index: last + 1 + place, term, text });
    } else if (dice < 0.6 && last > commit) {
      const from = commit + 1 + upTo(last - commit);
      truncateLog(log, from);
      naive.entries = naive.entries.filter(({ index }) => index < from);
      term = Math.max(term, log.lastTerm) + 1;
    } else if (dice < 0.75) commit += upTo(log.lastIndex - commit + 1);
    else if (dice < 0.85) {
      evictPayloads(log, commit, upTo(400));
      naive.cachedFrom = firstCached(log);
    } else if (dice < 0.9 && commit > log.baseIndex) {
      const index = log.baseIndex + upTo(commit - log.baseIndex + 1);
      naive.base = { index, term: must(naiveTermAt(naive, index)) };
      compactLog(log, index);
      naive.entries = naive.entries.filter((each) => each.index > index);
    }
    naive.cachedFrom = Math.max(naive.cachedFrom, naive.base.index + 1);
    compare(log, naive, upTo);
  }
});

function compare(log: ReturnType<typeof createLog>, naive: Naive, upTo: (limit: number) => number): void {
  const { base, entries } = naive;
  expect([log.baseIndex, log.baseTerm]).toEqual([base.index, base.term]);
  expect(log.lastIndex).toBe(entries.at(-1)?.index ?? base.index);
  expect(firstCached(log)).toBe(Math.min(naive.cachedFrom, log.lastIndex + 1));
  for (let index = base.index - 1; index <= log.lastIndex + 1; index += 1 + upTo(5))
    expect(termAt(log, index)).toBe(naiveTermAt(naive, index));
  const from = base.index + 1 + upTo(entries.length + 1);
  const maxBytes = 1 + upTo(40);
  const expected: string[] = [];
  let bytes = 0;
  if (from >= naive.cachedFrom)
    for (const { index, text } of entries) {
      if (index < from) continue;
      bytes += text.length;
      if (expected.length > 0 && bytes > maxBytes) break;
      expected.push(text);
    }
  expect(collectEntries(log, from, maxBytes).flatMap((run) => texts(run))).toEqual(expected);
  const run = cachedRun(log, from, maxBytes);
  if (run === undefined) expect(expected).toEqual([]);
  else expect(expected.slice(0, run.count)).toEqual(texts(run));
  const probe = 1 + upTo(log.lastTerm + 1);
  const agreed = entries.findLast((each) => each.index <= from && each.term <= probe)?.index ?? base.index;
  expect(newestWithTermAtMost(log, from, probe, base.index)).toBe(agreed);
}

test('a batch is appended by reference, whatever its size', () => {
  const log = createLog(0, 0);
  const whole = batch(1, 1, ['a', 'bb', 'ccc']);
  appendBatch(log, whole);
  expect(collectEntries(log, 1, 100)[0]).toBe(whole);
  expect(cachedRun(log, 1, 100)).toBe(whole);
  expect(payloadBytes(must(cachedRun(log, 2, 2)))).toBe(2);
});

test('finds the first entry whose term differs, over several runs', () => {
  const log = createLog(0, 0);
  appendTerms(log, 4, 1);
  appendTerms(log, 6, 2);
  expect(firstConflict(log, batch(3, 1, ['a', 'b']))).toBeUndefined();
  expect(firstConflict(log, batch(3, 1, ['a', 'b', 'c', 'd']))).toBe(5);
  expect(firstConflict(log, batch(7, 9, ['a']))).toBeUndefined();
});

test('keeps a tail by bytes, also of what is no longer cached, and nothing of unknown size', () => {
  const log = createLog(0, 0);
  appendTerms(log, 5, 1);
  for (let index = 6; index <= 15; index++) appendBatch(log, batch(index, 1, ['x'.repeat(70_000)]));
  evictPayloads(log, 10, 0);
  expect(firstCached(log)).toBe(11);
  expect(tailStart(log, 15, 140_000)).toBe(14);
  expect(tailStart(log, 15, 560_000)).toBe(8);
  expect(tailStart(log, 15, 10_000_000)).toBe(6);
  expect(tailStart(log, 4, 10_000_000)).toBe(5);
});

test('counts bytes on one scale over truncation, compaction and reset', () => {
  const log = createLog(0, 0);
  appendBatch(log, batch(1, 1, ['aa', 'bb', 'cc']));
  expect(offsetAfter(log, 2)).toBe(4);
  truncateLog(log, 3);
  expect(log.endOffset).toBe(4);
  compactLog(log, 1);
  expect(offsetAfter(log, 2)).toBe(4);
  resetLog(log, 9, 3);
  expect([log.endOffset, log.lastIndex, lastOf(batch(10, 3, ['x']))]).toEqual([4, 9, 10]);
});
