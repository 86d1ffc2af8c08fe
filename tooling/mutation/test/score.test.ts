import { describe, expect, test } from 'vitest';
import { resultLine, summaryLines } from '../report.mjs';
import { isGood, median, scoreOf } from '../score.mjs';
import { tinyMutation } from './tiny-tree.ts';

const real = (
  fate: string,
  ms = 1000,
  id = 'm',
): { mutation: ReturnType<typeof tinyMutation>; fate: string; ms: number; about: string } => ({
  mutation: tinyMutation({ id }),
  fate,
  ms,
  about: 'a test',
});
const harmless = (fate: string): ReturnType<typeof real> => ({
  ...real(fate),
  mutation: tinyMutation({ id: 'n', harmless: true }),
});

describe('the score', () => {
  test('counts mutations and null patches apart, and times of the killed only', () => {
    const results = [
      real('killed', 3000, 'slow'),
      real('survived', 90_000),
      real('killed', 1000),
      harmless('survived'),
      harmless('killed'),
    ];
    const score = scoreOf(results);
    expect(score).toMatchObject({ mutations: 3, killed: 2, nullPatches: 2, spared: 1, medianMs: 2000 });
    expect(score.worst?.mutation.id).toBe('slow');
    expect(score.failures).toHaveLength(2);
  });

  test('knows no times where nothing was killed', () => {
    expect(scoreOf([])).toMatchObject({ mutations: 0, killed: 0, medianMs: undefined, worst: undefined, failures: [] });
    expect(summaryLines(scoreOf([]), 0).at(-1)).toBe('time to kill: none');
  });

  test.each(['survived', 'stale', 'broken', 'undecided'])('a mutation that is %s is no success', (fate) => {
    expect(isGood(real(fate))).toBe(false);
    expect(scoreOf([real(fate)]).failures).toHaveLength(1);
  });

  test.each(['killed', 'stale', 'broken', 'undecided'])('a null patch that is %s is no success', (fate) => {
    expect(isGood(harmless(fate))).toBe(false);
  });

  test('the median is the middle, or the mean of the two in the middle', () => {
    expect([median([]), median([5]), median([1, 5]), median([1, 2, 9])]).toEqual([undefined, 5, 3, 2]);
  });
});

describe('what is printed', () => {
  test('one line per mutation: where it stands, what became of it and who did it', () => {
    const result = { ...real('killed', 1234), suite: 'raft' };
    expect(resultLine(result, { done: 3, total: 12 })).toMatch(/^\[ 3\/12\] ✓ m +killed in 1\.2 s by raft: a test$/u);
    expect(resultLine(real('survived'), { done: 3, total: 12 })).toContain('✗ m');
    expect(resultLine(harmless('survived'), { done: 3, total: 12 })).toContain('✓ n');
  });

  test('the end says what to do about each failure, then score and times', () => {
    const lines = summaryLines(scoreOf([real('killed', 1500), real('survived', 1, 'lives'), harmless('survived')]), 61_000);
    expect(lines[0]).toMatch(/^✗ lives \(packages\/numbers\/largest\.mjs\): no test sees this bug\. Write one/u);
    expect(lines.slice(1)).toEqual([
      'in 61.0 s',
      '1 of 2 mutations killed (50 %), 1 of 1 null patches spared',
      'time to kill: median 1.5 s, worst 1.5 s (m)',
    ]);
  });
});
