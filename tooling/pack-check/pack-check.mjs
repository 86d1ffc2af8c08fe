// pnpm release:dry: packs every public package as a release would, and looks at what is inside. Publishes nothing.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { byName, compareFiles, expectedFiles } from './expected-files.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));
const tarballs = join(root, '.cache', 'tarballs');

rmSync(tarballs, { recursive: true, force: true });
mkdirSync(tarballs, { recursive: true });
let failed = 0;
const folders = publicFolders();
for (const folder of folders) {
  const problems = checkPackage(folder);
  if (problems.length > 0) failed += 1;
  for (const problem of problems) process.stdout.write(`    ${problem.replaceAll('\n', '\n    ')}\n`);
}
process.stdout.write(`${folders.length - failed} of ${folders.length} packages are ready to publish\n`);
process.exitCode = failed > 0 ? 1 : 0;

/** Everything that is wrong with one package, as lines to print. */
function checkPackage(folder) {
  const manifest = readManifest(folder);
  const packing = attempt('pnpm', ['pack', '--pack-destination', tarballs], join(root, folder));
  if (packing.error !== undefined) {
    process.stdout.write(`✗ ${folder}\n`);
    return [packing.error];
  }
  const tarball = join(tarballs, `${manifest.name.slice(1).replace('/', '-')}-${manifest.version}.tgz`);
  const packed = filesInside(tarball);
  const attempts = [
    attempt(tool('publint'), ['run', tarball, '--strict'], root),
    attempt(tool('attw'), [tarball, '--profile', 'esm-only', '--no-emoji'], root),
    ...entryFiles(manifest).map((entry) =>
      attempt(process.execPath, ['--input-type=module', '-e', importing(join(root, folder, entry))], root),
    ),
  ];
  const problems = compareFiles(packed, expectedFiles(filesBelow(join(root, folder, 'src')), listed(folder, manifest)));
  for (const { error } of attempts) if (error !== undefined) problems.push(error);
  process.stdout.write(`${problems.length === 0 ? '✓' : '✗'} ${manifest.name} ${manifest.version}: ${packed.length} files\n`);
  if (process.argv.includes('--list')) for (const file of packed) process.stdout.write(`    ${file}\n`);
  return problems;
}

/** What npm would unpack; every name in a tarball starts with `package/`. */
function filesInside(tarball) {
  const list = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n');
  return list.map((file) => file.replace('package/', '')).toSorted(byName);
}

function publicFolders() {
  const found = [];
  for (const area of ['packages', 'apps']) {
    for (const name of readdirSync(join(root, area)).toSorted(byName)) {
      const folder = `${area}/${name}`;
      if (existsSync(join(root, folder, 'package.json')) && readManifest(folder).private !== true) found.push(folder);
    }
  }
  return found;
}

/** The files of what the manifest lists beside sources and output: programs, protobuf files. */
function listed(folder, manifest) {
  const others = manifest.files.filter((name) => name !== 'dist' && name !== 'src');
  return others.flatMap((name) => filesBelow(join(root, folder, name)).map((file) => `${name}/${file}`));
}

/** The files that Node loads for a user, one for each subpath. */
function entryFiles(manifest) {
  return Object.values(manifest.exports).flatMap((target) => (typeof target === 'object' ? [target.default] : []));
}

/** Loading an entry runs nothing and needs no flag; a leftover of TypeScript or a missing file would show here. */
function importing(file) {
  return `await import(${JSON.stringify(pathToFileURL(file).href)})`;
}

function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map((entry) =>
    join(entry.parentPath, entry.name)
      .slice(folder.length + 1)
      .replaceAll('\\', '/'),
  );
}

function readManifest(folder) {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
}

function tool(name) {
  return join(here, 'node_modules', '.bin', name);
}

/** Runs a program; a failure becomes a text. */
function attempt(command, args, cwd) {
  try {
    return {
      output: execFileSync(command, args, {
        cwd,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        shell: process.platform === 'win32',
      }),
    };
  } catch (error) {
    return {
      output: '',
      error: `${command.split(/[\\/]/).at(-1)} ${args[0]}: ${error.stdout ?? ''}${error.stderr ?? ''}`.trim(),
    };
  }
}
