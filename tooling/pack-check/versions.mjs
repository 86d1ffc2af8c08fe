import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { runChild } from './child.mjs';
import { workspacePackages } from './public-packages.mjs';

const limitMs = 60_000;
const identity = ['-c', 'user.name=release', '-c', 'user.email=release@localhost'];

/**
 * What `changeset version` would make of the waiting changesets, in a copy of all manifests: one new version for everything
 * public, a changelog each, no change of what is private, and no changeset left.
 *
 * @param {string} root
 * @param {string} copy an empty place outside of the tree
 * @returns {Promise<{ problems: readonly string[], note: string | undefined }>}
 */
export async function checkVersions(root, copy) {
  const waiting = changesetsIn(root);
  copyManifests(root, copy, workspacePackages(root));
  // A changelog names the commit that brought a changeset.
  const first = waiting.length === 0 ? undefined : await makeVersion(root, copy);
  // And once more with one package alone, which the others must follow.
  const { manifest } = workspacePackages(copy).find((one) => one.manifest.private !== true);
  writeFileSync(join(copy, '.changeset', 'one-alone.md'), `---\n'${manifest.name}': patch\n---\n\nOne alone.\n`);
  const second = await makeVersion(root, copy);
  const note = first === undefined ? 'no changesets wait' : `${waiting.length} changesets make ${first.version}`;
  return { problems: [...(first?.problems ?? []), ...second.problems], note };
}

async function makeVersion(root, copy) {
  const before = workspacePackages(copy);
  for (const [command, args] of [
    ['git', ['init', '--quiet']],
    ['git', ['add', '.']],
    ['git', [...identity, 'commit', '--quiet', '--no-verify', '-m', 'All changesets']],
    [process.execPath, [join(root, 'node_modules', '@changesets', 'cli', 'bin.js'), 'version']],
  ]) {
    const { problem } = await runChild(command, args, { cwd: copy, limitMs });
    if (problem !== undefined) return { problems: [problem], version: undefined };
  }
  const { problems, version } = compareVersions(before, workspacePackages(copy), (folder) => changelogOf(copy, folder));
  const left = changesetsIn(copy);
  if (left.length > 0) problems.push(`changesets are left: ${left.join(', ')}`);
  return { problems, version };
}

/** What is wrong with the versions after, and the version that they should have. */
export function compareVersions(before, after, changelog) {
  const problems = [];
  const isPublic = ({ manifest }) => manifest.private !== true;
  const version = after.find(isPublic)?.manifest.version;
  for (const { folder, manifest } of after) {
    const old = before.find((one) => one.folder === folder)?.manifest.version;
    if (!isPublic({ manifest })) {
      if (manifest.version !== old)
        problems.push(`${folder} is private, and its version moved from ${old} to ${manifest.version}`);
      continue;
    }
    if (manifest.version === old)
      problems.push(`${folder} stays at ${old}: the group "fixed" in .changeset/config.json must hold it`);
    if (manifest.version !== version) problems.push(`${folder} gets ${manifest.version}, others get ${version}`);
    if (!changelog(folder).includes(`\n## ${manifest.version}\n`))
      problems.push(`${folder}/CHANGELOG.md says nothing about ${manifest.version}`);
    for (const [name, range] of Object.entries(manifest.dependencies ?? {}))
      if (after.some((one) => one.manifest.name === name) && range !== 'workspace:^')
        problems.push(`${folder} now asks for ${name} ${range} instead of workspace:^`);
  }
  return { problems, version };
}

function copyManifests(root, copy, packages) {
  mkdirSync(copy, { recursive: true });
  for (const name of ['package.json', 'pnpm-workspace.yaml', '.changeset'])
    cpSync(join(root, name), join(copy, name), { recursive: true });
  for (const { folder } of packages) {
    mkdirSync(join(copy, folder), { recursive: true });
    for (const name of ['package.json', 'CHANGELOG.md'])
      if (existsSync(join(root, folder, name))) cpSync(join(root, folder, name), join(copy, folder, name));
  }
  // The configuration names its generator of changelogs by a package.
  mkdirSync(join(copy, 'node_modules'));
  symlinkSync(join(root, 'node_modules', '@changesets'), join(copy, 'node_modules', '@changesets'), 'junction');
}

function changesetsIn(root) {
  if (!existsSync(join(root, '.changeset'))) return [];
  return readdirSync(join(root, '.changeset')).filter((name) => name.endsWith('.md') && name !== 'README.md');
}

function changelogOf(root, folder) {
  const file = join(root, folder, 'CHANGELOG.md');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
