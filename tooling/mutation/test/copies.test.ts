import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copyTree, removeCopies } from '../copies.mjs';
import { TinyTree } from './tiny-tree.ts';

let tree: TinyTree;
beforeEach(() => {
  tree = new TinyTree();
});
afterEach(() => {
  removeCopies();
  tree.remove();
});

test('links between packages lead from the copy into the copy, those to installed packages into the original', () => {
  const copy = copyTree(tree.root);
  const inside = realpathSync(join(copy, 'packages/user/node_modules/@tiny/numbers'));
  expect(inside).toBe(join(realpathSync(copy), 'packages/numbers'));
  const installed = realpathSync(join(copy, 'packages/user/node_modules/other'));
  expect(installed).toBe(join(realpathSync(tree.root), 'node_modules/.pnpm/other'));
});

test('sources are files of their own, and no build comes along', () => {
  const copy = copyTree(tree.root);
  writeFileSync(join(copy, 'packages/numbers/largest.mjs'), 'changed');
  expect(readFileSync(join(tree.root, 'packages/numbers/largest.mjs'), 'utf8')).not.toBe('changed');
  expect(existsSync(join(copy, 'packages/numbers/dist'))).toBe(false);
  expect(existsSync(join(copy, 'package.json'))).toBe(true);
});

test('copies go, and what they link to stays', () => {
  const copies = [copyTree(tree.root), copyTree(tree.root)];
  removeCopies();
  expect(copies.map((copy) => existsSync(copy))).toEqual([false, false]);
  expect(existsSync(join(tree.root, 'node_modules/.pnpm/other/index.js'))).toBe(true);
});
