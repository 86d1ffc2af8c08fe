import { describe, expect, test } from 'vitest';
import { fileAims, fileBudget, functionBudget, sizeBudget } from '../src/budgets.ts';
import { complaints, file } from './sample.ts';

const statements = (count: number): string => Array.from({ length: count }, (_, n) => `export const a${n} = ${n};\n`).join('');
const body = (count: number): string => Array.from({ length: count }, () => '  call();\n').join('');

describe('the budget of files', () => {
  test('is 400 lines', () => {
    expect(complaints(fileBudget, file('packages/a/src/a.ts', statements(400)))).toEqual([]);
    expect(complaints(fileBudget, file('packages/a/src/a.ts', statements(401)))[0]).toContain('401 lines');
  });

  test('does not count comments', () => {
    const comments = `${'// why\n'.repeat(200)}/*\n${' * more\n'.repeat(100)} */\n`;
    expect(complaints(fileBudget, file('packages/a/src/a.ts', comments + statements(390)))).toEqual([]);
  });

  test('counts a line that holds code beside its comment', () => {
    expect(complaints(fileBudget, file('packages/a/src/a.ts', 'call(); // why\n'.repeat(401)))).toHaveLength(1);
  });

  test('aims for 300 lines without failing', () => {
    expect(complaints(fileAims, file('packages/a/src/a.ts', statements(301)))[0]).toContain('aim 300');
  });
});

describe('the budget of functions', () => {
  test('is 70 lines, its head and its end included', () => {
    expect(complaints(functionBudget, file('packages/a/src/a.ts', `function step() {\n${body(68)}}\n`))).toEqual([]);
    expect(complaints(functionBudget, file('packages/a/src/a.ts', `function step() {\n${body(69)}}\n`))).toEqual([
      'step has 71 lines (limit 70): move straight-line parts into functions below it',
    ]);
  });

  test.each([
    ['const step = () => {\n', '};\n', 'step has'],
    ['class Core {\n  step() {\n', '}\n}\n', 'step has'],
    ['const core = { step() {\n', '} };\n', 'step has'],
    ['on(() => {\n', '});\n', 'a function has'],
  ])('covers %s', (head, end, words) => {
    expect(complaints(functionBudget, file('packages/a/src/a.ts', `${head}${body(80)}${end}`))[0]).toContain(words);
  });

  test.each(['describe("chapter", () => {\n', 'describe.skipIf(no)("chapter", () => {\n'])(
    'leaves the chapters of tests alone',
    (head) => {
      expect(complaints(functionBudget, file('packages/a/test/a.test.ts', `${head}${body(80)}});\n`))).toEqual([]);
      expect(complaints(functionBudget, file('packages/a/src/a.ts', `${head}${body(80)}});\n`))).toHaveLength(1);
    },
  );
});

test('no file is larger than 100 kB, but for the lockfile', () => {
  const found = sizeBudget([
    { path: 'packages/a/test/golden/big.txt', bytes: 100_001 },
    { path: 'pnpm-lock.yaml', bytes: 200_000 },
    { path: 'README.md', bytes: 100_000 },
  ]);
  expect(found.map(({ path }) => path)).toEqual(['packages/a/test/golden/big.txt']);
});
