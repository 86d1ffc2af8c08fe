import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChild } from './child.mjs';
import { typeProblems } from './declared-types.mjs';
import { byName, compareFiles, expectedFiles } from './expected-files.mjs';
import { filesBelow, publicPackages } from './public-packages.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const limitMs = 60_000;

/** Packs all public packages of a stage, with `workspace:` and `catalog:` replaced. Returns what went wrong. */
export async function packAll(stage, tarballs) {
  mkdirSync(tarballs, { recursive: true });
  const filters = publicPackages(stage).flatMap(({ folder }) => ['--filter', `./${folder}`]);
  // What `prepack` does in a release, an emptied dist and a build, has happened for all of them.
  const args = ['-r', ...filters, '--config.ignore-scripts=true', 'pack', '--pack-destination', tarballs];
  const { problem } = await runChild('pnpm', args, { cwd: stage, limitMs });
  return problem;
}

/** Where the tarball of a package is. */
export function tarballOf(tarballs, { name, version }) {
  return join(tarballs, `${name.slice(1).replace('/', '-')}-${version}.tgz`);
}

/** Everything that is wrong with one tarball, as texts: its list of files, and what publint and attw say. */
export async function inspectTarball(stage, folder, manifest, tarball) {
  const expected = expectedFiles(filesBelow(join(stage, folder, 'src')), listed(stage, folder, manifest));
  const packed = filesInside(tarball);
  const problems = compareFiles(packed, expected);
  const publint = join(here, 'node_modules', '.bin', 'publint');
  const { problem } = await runChild(publint, ['run', tarball, '--strict'], { cwd: stage, limitMs });
  if (problem !== undefined) problems.push(problem);
  problems.push(...(await typeProblems(tarball)));
  return { packed, problems };
}

/** What npm would unpack; every name in a tarball starts with `package/`. */
function filesInside(tarball) {
  const list = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n');
  return list.map((file) => file.replace('package/', '')).toSorted(byName);
}

/** The files of what the manifest lists beside sources and output: programs, protobuf files. */
function listed(stage, folder, manifest) {
  const others = manifest.files.filter((name) => name !== 'dist' && name !== 'src');
  return others.flatMap((name) => {
    const below = filesBelow(join(stage, folder, name));
    return below.length === 0 ? [name] : below.map((file) => `${name}/${file}`);
  });
}
