import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createBench } from '../bench.mjs';
import { judge, stepsFor } from '../judge.mjs';
import { programSuite } from '../suites.mjs';
import { tinyMutation, tinySuites, TinyTree } from './tiny-tree.ts';
import type { TinyMutation } from './tiny-tree.ts';

let tree: TinyTree;
beforeEach(() => {
  tree = new TinyTree();
});
afterEach(() => tree.remove());

const path = 'packages/numbers/largest.mjs';
const { exact, weak, user } = tinySuites;

/** Judges with all suites of the tiny tree, and demands that the source is as it was. */
async function verdict(mutation: TinyMutation, suites = [exact, weak, user]): Promise<Record<string, unknown>> {
  const before = readFileSync(join(tree.root, path), 'utf8');
  const bench = createBench({ suites, limitMs: 20_000, workers: 1 });
  const result = await judge(tree.root, mutation, bench);
  expect(readFileSync(join(tree.root, path), 'utf8')).toBe(before);
  return result;
}

describe('the fate of a mutation', () => {
  test('killed, with who killed it and what was said', async () => {
    const result = await verdict(tinyMutation());
    expect(result).toMatchObject({ fate: 'killed', suite: 'exact', about: 'the larger of two is not found' });
  });

  test('killed by a wider suite, where the named one is blind', async () => {
    expect(await verdict(tinyMutation({ suites: ['weak'] }))).toMatchObject({ fate: 'killed', suite: 'user' });
  });

  test('survived, where no suite sees it', async () => {
    const mutation = tinyMutation({ suites: ['weak'] });
    expect(await verdict(mutation, [exact, weak])).toMatchObject({ fate: 'survived', about: 'weak' });
  });

  test('stale, where its text is not there', async () => {
    expect(await verdict(tinyMutation({ find: 'gone' }))).toMatchObject({ fate: 'stale', ms: 0 });
  });

  test.each([
    ['killed at the limit, where the suite alone is quick', false, 'killed'],
    ['undecided at the limit, where the suite alone may need as long', true, 'undecided'],
  ])('%s', async (_name, slow, fate) => {
    const run = async (): Promise<object> => ({ verdict: 'late', about: 'no end', ms: 7 });
    const bench = { suites: [exact, user], run, isSlow: () => slow };
    expect(await judge(tree.root, tinyMutation(), bench)).toMatchObject({
      fate,
      suite: 'exact',
      about: 'ran into the limit',
      ms: 7,
    });
  });

  test('broken, where it does not even load', async () => {
    const run = async (): Promise<object> => ({ verdict: 'broken', about: 'Unexpected token', ms: 7 });
    const bench = { suites: [exact], run, isSlow: () => false };
    expect(await judge(tree.root, tinyMutation(), bench)).toMatchObject({ fate: 'broken', about: 'Unexpected token' });
  });

  test('a null patch survives when every suite is green, and is killed by the first that is not', async () => {
    const comment = { harmless: true, find: '// The larger one.', replace: '// One of the two.' };
    expect(await verdict(tinyMutation(comment))).toMatchObject({ fate: 'survived', about: 'exact, user' });
    expect(await verdict(tinyMutation({ harmless: true }))).toMatchObject({ fate: 'killed', suite: 'exact' });
  });
});

describe('the steps', () => {
  const suites = [exact, weak, user];
  const names = (mutation: TinyMutation): string[] =>
    stepsFor(mutation, suites).map(({ suite, only = [], except = [] }) => {
      const chosen = [...only.map((file) => ` with ${file}`), ...except.map((file) => ` without ${file}`)];
      return `${suite.name}${chosen.join('')}`;
    });

  test('the likeliest files, the rest of their suite, the other named ones, the wide ones', () => {
    const mutation = tinyMutation({ suites: ['weak', 'exact'], first: ['a.test.ts'] });
    expect(names(mutation)).toEqual(['weak with a.test.ts', 'weak without a.test.ts', 'exact', 'user']);
    expect(names(tinyMutation({ suites: ['user'] }))).toEqual(['user']);
  });

  test('a null patch meets every suite whole, with time enough to pass', () => {
    const mutation = tinyMutation({ suites: ['weak'], first: ['a.test.ts'], harmless: true });
    expect(names(mutation)).toEqual(['weak', 'user']);
    expect(stepsFor(mutation, suites).every(({ mustPass }) => mustPass)).toBe(true);
  });
});

describe('a bench', () => {
  test('takes a suite for slow until it is known to pass in less than half of the limit', async () => {
    const bench = createBench({ suites: [exact], limitMs: 1e9, workers: 1 });
    expect(bench.isSlow(exact)).toBe(true);
    expect(await bench.baseline(tree.root, exact)).toMatchObject({ verdict: 'passed' });
    expect(bench.isSlow(exact)).toBe(false);
  });

  test('ends what a suite leaves running, at the limit', async () => {
    // The grandchild holds the pipes open: only its end lets the run end.
    const program =
      "require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });";
    const messy = programSuite({ name: 'messy', folder: 'packages/numbers', args: ['-e', program] });
    const bench = createBench({ suites: [messy], limitMs: 1000, workers: 1 });
    expect(await bench.run(tree.root, { suite: messy })).toMatchObject({ verdict: 'late' });
  });
});
