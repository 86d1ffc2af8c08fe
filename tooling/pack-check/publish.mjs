// pnpm release:publish: puts the tarballs that "pnpm release:dry" has made and checked on the registry, dependencies first, and
// tags them. What is there already is left alone, so that a release that broke off goes on where it was.
//   --dry-run     only says what it would do, and asks nobody
// The tarballs are published, not the packages: changesets would pack up to ten at a time, and each packing empties a `dist` that the
// next one's compiler reads.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { runChild } from './child.mjs';
import { publicPackages } from './public-packages.mjs';
import { publishOrder } from './publish-order.mjs';
import { tarballOf } from './tarballs.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const tarballs = join(root, '.cache', 'tarballs');
const limitMs = 300_000;
const dryRun = process.argv.includes('--dry-run');

process.exitCode = await publishAll();

async function publishAll() {
  const manifests = publishOrder(publicPackages(root).map(({ manifest }) => manifest));
  const missing = manifests.filter((manifest) => !existsSync(tarballOf(tarballs, manifest)));
  if (missing.length > 0) return complain(`no tarball of ${missing[0].name} ${missing[0].version}: run "pnpm release:dry" first`);
  for (const manifest of manifests) {
    const title = `${manifest.name}@${manifest.version}`;
    if (dryRun) {
      process.stdout.write(`would publish ${title}\n`);
      continue;
    }
    const there = await isPublished(title);
    if (typeof there === 'string') return complain(there);
    if (there) {
      process.stdout.write(`${title} is there already\n`);
      continue;
    }
    const args = ['publish', tarballOf(tarballs, manifest), '--access', 'public'];
    const { problem } = await runChild('npm', args, { cwd: tarballs, limitMs });
    if (problem !== undefined) return complain(problem);
    process.stdout.write(`published ${title}\n`);
  }
  if (dryRun) return 0;
  // Its lines "New tag: …" tell the workflow's action what to make releases of.
  const { output, problem } = await runChild('pnpm', ['exec', 'changeset', 'tag'], { cwd: root, limitMs });
  process.stdout.write(output);
  return problem === undefined ? 0 : complain(problem);
}

/** True, false, or why nobody knows: a registry that cannot be asked is no registry without the package. */
async function isPublished(title) {
  const { output, problem } = await runChild('npm', ['view', title, 'version'], { cwd: tarballs, limitMs });
  if (problem === undefined) return output.trim() !== '';
  return problem.includes('E404') ? false : problem;
}

function complain(text) {
  process.stderr.write(`✗ ${text}\n`);
  return 1;
}
