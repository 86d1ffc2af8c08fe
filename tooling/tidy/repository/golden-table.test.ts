import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';
import { goldenTable } from '../src/golden-table.ts';
import { repositoryFiles, root } from '../src/repository-files.ts';

const begin = '<!-- Generated from the golden traces by "pnpm table:update". -->\n\n';
const end = '\n\n<!-- End of what is generated. -->';

test('the README says what each protocol does when…, as the golden traces do', () => {
  const path = join(root, 'README.md');
  const text = readFileSync(path, 'utf8');
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  expect(from, 'the README has a place for the table').toBeGreaterThan(begin.length);
  const table = goldenTable(repositoryFiles());
  if (process.env['QUORATE_UPDATE'] === 'true') writeFileSync(path, text.slice(0, from) + table + text.slice(to));
  else expect(text.slice(from, to), 'a trace says something else than the table: run "pnpm table:update"').toBe(table);
});
