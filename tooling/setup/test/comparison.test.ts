import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { comparison } from '../comparison.mjs';

const folders = { reportFolder: 'reports', directory: 'cache' };
const files = ['report.html', 'report.md', 'report.json'].map((name) => join('reports', name));

test('npm start is the short comparison, and writes all three files', () => {
  const [html, markdown, json] = files;
  expect(comparison([], folders)).toEqual({
    command: [
      'compare',
      '--short',
      '--summary',
      `--html=${html}`,
      `--markdown=${markdown}`,
      `--json=${json}`,
      '--directory=cache',
    ],
    files,
  });
});

test('--protocol restricts it, and other flags are handed on', () => {
  expect(comparison(['--protocol', 'zab'], folders).command.slice(-2)).toEqual(['--protocols', 'zab']);
  expect(comparison(['--protocol=zab', '--seconds=3'], folders).command.slice(-2)).toEqual(['--protocols=zab', '--seconds=3']);
  expect(comparison(['--protocols', 'zab'], folders).command.slice(-2)).toEqual(['--protocols', 'zab']);
});

test('--verbose prints the whole report, and is no flag of the bench', () => {
  const { command } = comparison(['--verbose', '--seconds=3'], folders);
  expect(command).not.toContain('--summary');
  expect(command).not.toContain('--verbose');
  expect(command.at(-1)).toBe('--seconds=3');
});

test('what was typed is not given twice', () => {
  const { command, files: written } = comparison(['--quick', '--json', 'mine.json', '--directory=/disk'], folders);
  expect(command.filter((one) => /^--(json|directory|short)/u.test(one))).toEqual(['--json', '--directory=/disk']);
  expect(written).toEqual(files.slice(0, 2));
});

test('npm start -- --help says what it does, and does nothing', () => {
  const program = fileURLToPath(new URL('../start.mjs', import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, [program, '--help'], { encoding: 'utf8' });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^npm start \[-- flags\][\s\S]*report\/[\s\S]*--protocol P[\s\S]*The long comparison:/u);
  expect(stdout).not.toContain('building');
});
