import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const areas = ['packages', 'apps', 'tooling'];
// Built, cached or measured: a copy makes its own, and must never run a build of the unmutated sources.
const left = new Set(['node_modules', 'dist', '.turbo', '.cache', '.tests', 'coverage', '.git']);
const made = new Set();

/**
 * A copy of the tree in a temporary folder: sources as files of its own, and installed packages as links. Links between the
 * packages of the workspace are relative, so that they lead from one package of the copy to another of the same copy.
 */
export function copyTree(root) {
  const tree = mkdtempSync(join(tmpdir(), 'quorate-mutation-'));
  made.add(tree);
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (entry.isFile()) cpSync(join(root, entry.name), join(tree, entry.name));
  }
  for (const area of areas) if (existsSync(join(root, area))) copySources(join(root, area), join(tree, area));
  copyInstalled(root, tree);
  for (const area of areas) {
    if (!existsSync(join(root, area))) continue;
    for (const name of readdirSync(join(root, area))) copyInstalled(join(root, area, name), join(tree, area, name));
  }
  return tree;
}

/** Removes every copy that was made. */
export function removeCopies() {
  for (const tree of made) rmSync(tree, { recursive: true, force: true, maxRetries: 3 });
  made.clear();
}

function copySources(from, to) {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (left.has(entry.name) || entry.name.endsWith('.quorate')) continue;
    if (entry.isDirectory()) copySources(join(from, entry.name), join(to, entry.name));
    else if (entry.isFile()) cpSync(join(from, entry.name), join(to, entry.name));
  }
}

/** `node_modules` of one folder: its links as they are, and the store behind them as one link to the original. */
function copyInstalled(from, to) {
  const installed = join(from, 'node_modules');
  if (!existsSync(installed)) return;
  const target = join(to, 'node_modules');
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(installed)) {
    const path = join(installed, name);
    if (name === '.pnpm') symlinkSync(path, join(target, name));
    else if (lstatSync(path).isSymbolicLink()) symlinkSync(readlinkSync(path), join(target, name));
    else if (name.startsWith('@')) copyScope(path, join(target, name));
  }
}

function copyScope(from, to) {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    const path = join(from, name);
    if (lstatSync(path).isSymbolicLink()) symlinkSync(readlinkSync(path), join(to, name));
  }
}
