import process from 'node:process';
import { expect, test } from 'vitest';
import { inParallel, runChild } from '../child.mjs';

const node = (script: string, limitMs = 10_000) => runChild(process.execPath, ['-e', script], { cwd: '.', limitMs });

test('a program that ends well is no problem', async () => {
  expect(await node('console.log(1)')).toEqual({ output: '1\n', problem: undefined });
});

test('a program that fails or never ends is one, with its output', async () => {
  expect((await node('console.log(1); throw new Error("two")')).problem).toMatch(/exit code 1[^]*1\n[^]*Error: two/);
  expect((await node('setInterval(() => {}, 1000)', 300)).problem).toContain('did not end within 0.3 s');
  expect((await runChild('no-such-program', [], { cwd: '.', limitMs: 1000 })).problem).toContain('ENOENT');
});

test('some things at a time, and the results in order', async () => {
  let running = 0;
  let most = 0;
  const results = await inParallel([3, 1, 2], 2, async (item) => {
    most = Math.max(most, ++running);
    for (let i = 0; i < item; i++) await Promise.resolve();
    running--;
    return item * 10;
  });
  expect(results).toEqual([30, 10, 20]);
  expect(most).toBe(2);
});
