import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeFindings } from '../src/describe-findings.ts';
import { entriesOf, publicPackages } from '../src/manifest.ts';
import { describeExports, publicExports, undocumentedExports } from '../src/public-api.ts';
import { repositoryFiles, root } from '../src/repository-files.ts';

const files = repositoryFiles();
const packages = publicPackages(files).map((one) => {
  const entries = entriesOf(one).map(({ title, path }) => {
    const entry = files.find((file) => file.path === path);
    return { title, exports: entry === undefined ? [] : publicExports(entry, files) };
  });
  return { name: one.manifest.name, folder: one.folder, entries };
});

describe.each(packages)('$name', ({ folder, entries }) => {
  test('documents every public name', () => {
    expect(describeFindings(entries.flatMap(({ exports }) => undocumentedExports(exports)))).toBe('');
  });

  test('exports exactly what api.txt says', async () => {
    await expect(
      describeExports(entries),
      'the exported names changed: if that is wanted, run "pnpm api:update" and read the difference',
    ).toMatchFileSnapshot(join(root, folder, 'api.txt'));
  });
});
