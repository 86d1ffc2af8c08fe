// pnpm release:dry: what a release would publish, built from nothing, packed, inspected, installed and used. Publishes nothing.
//   --list     the files of every tarball
//   --keep     leaves the stage and the consumers where they are, and says where
import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { checkRelease } from './check-release.mjs';
import { runChild } from './child.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const keep = process.argv.includes('--keep');
// Node resolves links, so that the place must be named as it is.
const place = mkdtempSync(join(realpathSync(tmpdir()), 'quorate-release-'));
try {
  const generate = ['exec', 'turbo', 'run', 'generate', '--output-logs=errors-only'];
  const { problem } = await runChild('pnpm', generate, { cwd: root, limitMs: 120_000 });
  if (problem !== undefined) throw new Error(problem);
  const results = await checkRelease(root, place);
  const failed = results.filter((result) => result.problems.length > 0).length;
  for (const { title, files = [], problems, note } of results) {
    process.stdout.write(`${problems.length === 0 ? '✓' : '✗'} ${title}${note === undefined ? '' : ` (${note})`}\n`);
    if (process.argv.includes('--list')) for (const file of files) process.stdout.write(`    ${file}\n`);
    for (const text of problems) process.stdout.write(`    ${text.replaceAll('\n', '\n    ')}\n`);
  }
  process.stdout.write(failed === 0 ? `${results.length} checks: ready to publish\n` : `${failed} of ${results.length} failed\n`);
  process.exitCode = failed > 0 ? 1 : 0;
  rmSync(join(root, '.cache', 'tarballs'), { recursive: true, force: true });
  cpSync(join(place, 'tarballs'), join(root, '.cache', 'tarballs'), { recursive: true });
} finally {
  if (keep) process.stdout.write(`kept: ${place}\n`);
  else rmSync(place, { recursive: true, force: true });
}
