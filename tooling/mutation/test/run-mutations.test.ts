import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { removeCopies } from '../copies.mjs';
import { runMutations } from '../run-mutations.mjs';
import { scoreOf } from '../score.mjs';
import { tinyMutation, tinySuites, TinyTree } from './tiny-tree.ts';

let tree: TinyTree;
beforeEach(() => {
  tree = new TinyTree();
});
afterEach(() => {
  removeCopies();
  tree.remove();
});

const suites = Object.values(tinySuites);

test('every mutation is judged in a copy, several at a time, and the tree is left alone', async () => {
  const source = join(tree.root, 'packages/numbers/largest.mjs');
  const before = readFileSync(source, 'utf8');
  const lines: string[] = [];
  const mutations = [
    tinyMutation(),
    tinyMutation({ id: 'always-a', find: 'a > b ? a : b', replace: 'a' }),
    tinyMutation({ id: 'always-b', find: 'a > b ? a : b', replace: 'b', suites: ['weak'] }),
    tinyMutation({ id: 'comment', find: 'The larger one', replace: 'One of the two', harmless: true }),
  ];
  const options = { suites, jobs: 3, limitMs: 20_000, say: (line: string) => lines.push(line) };
  const results = (await runMutations(tree.root, mutations, options)) ?? [];
  // The user compares 3 with 4, and 4 is the second.
  expect(results.map(({ mutation, fate }) => [mutation.id, fate])).toEqual([
    ['the-smaller-one', 'killed'],
    ['always-a', 'killed'],
    ['always-b', 'survived'],
    ['comment', 'survived'],
  ]);
  expect(scoreOf(results)).toMatchObject({ mutations: 3, killed: 2, nullPatches: 1, spared: 1 });
  expect(lines.filter((line) => /^\[\d\/4\] [✓✗] /u.test(line))).toHaveLength(4);
  expect(readFileSync(source, 'utf8')).toBe(before);
});

test('nothing is judged where the tests are red to begin with', async () => {
  tree.write('packages/numbers/exact.mjs', "console.log('red'); process.exit(1);");
  const lines: string[] = [];
  const options = { suites, jobs: 1, limitMs: 20_000, say: (line: string) => lines.push(line) };
  expect(await runMutations(tree.root, [tinyMutation()], options)).toBeUndefined();
  expect(lines.some((line) => line.startsWith('✗ exact: failed, red'))).toBe(true);
});

test('an interrupted run ends its suites and removes its copies', async () => {
  const folder = join(tree.root, 'temporary');
  mkdirSync(folder);
  const program = join(dirname(dirname(fileURLToPath(import.meta.url))), 'mutate.mjs');
  const env = { ...process.env, TMPDIR: folder };
  const child = spawn(process.execPath, [program, '--only', 'quorum-half-of-an-even-number', '--jobs', '1'], { env });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await vi.waitFor(() => expect(output).toContain('suites without any mutation'), { timeout: 15_000 });
  expect(readdirSync(folder)).not.toEqual([]);
  child.kill('SIGINT');
  expect(await once(child, 'close')).toEqual([130, null]);
  expect(readdirSync(folder)).toEqual([]);
});
