import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mutate, plant, StaleMutation, staleMutations } from '../patch.mjs';
import { tinyMutation, TinyTree } from './tiny-tree.ts';

let tree: TinyTree;
beforeEach(() => {
  tree = new TinyTree();
});
afterEach(() => tree.remove());

const read = (): string => readFileSync(join(tree.root, 'packages/numbers/largest.mjs'), 'utf8');

describe('a mutation', () => {
  test('is written in its one place, and taken out again to the byte', () => {
    const before = read();
    const restore = plant(tree.root, tinyMutation());
    expect(read()).toBe(before.replace('a > b', 'a < b'));
    restore();
    expect(read()).toBe(before);
  });

  test('is taken literally: no character of it has a meaning of its own', () => {
    expect(mutate('a.b(c) + a.b(c', tinyMutation({ find: 'a.b(c)', replace: "$& $' $1" }))).toBe("$& $' $1 + a.b(c");
  });

  test.each([
    ['nowhere', 'a >= b', 0],
    ['twice', 'larg', 2],
  ])('whose text is there %s is stale, and nothing is written', (_name, find, count) => {
    const before = read();
    const mutation = tinyMutation({ find });
    expect(() => plant(tree.root, mutation)).toThrow(StaleMutation);
    expect(() => plant(tree.root, mutation)).toThrow(`packages/numbers/largest.mjs holds its text ${count} times`);
    expect(read()).toBe(before);
  });
});

test('all stale mutations are named at once, before anything runs', () => {
  const mutations = [tinyMutation(), tinyMutation({ id: 'old', find: 'gone' }), tinyMutation({ id: 'wide', find: 'b' })];
  expect(staleMutations(tree.root, mutations).map((line) => line.split(':')[0])).toEqual([
    'stale mutation old',
    'stale mutation wide',
  ]);
});
