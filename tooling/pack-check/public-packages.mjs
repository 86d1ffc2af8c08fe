import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { byName } from './expected-files.mjs';

/**
 * What a release publishes: every package of the workspace that is not private, in the order of their folders.
 *
 * @param {string} root
 */
export function publicPackages(root) {
  return workspacePackages(root).filter(({ manifest }) => manifest.private !== true);
}

/** Every package of the workspace. */
export function workspacePackages(root) {
  const found = [];
  for (const area of ['packages', 'apps', 'tooling']) {
    if (!existsSync(join(root, area))) continue;
    for (const name of readdirSync(join(root, area)).toSorted(byName)) {
      const folder = `${area}/${name}`;
      if (!existsSync(join(root, folder, 'package.json'))) continue;
      const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      found.push({ folder, manifest });
    }
  }
  return found;
}

/** What a user can import of a package: its name and its subpaths, without the manifest. */
export function entriesOf({ name, exports }) {
  const subpaths = Object.keys(exports).filter((subpath) => subpath !== './package.json');
  return subpaths.map((subpath) => `${name}${subpath.slice(1)}`);
}

/** Every file below a folder, relative to it; none where there is no folder. */
export function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map((entry) =>
    join(entry.parentPath, entry.name)
      .slice(folder.length + 1)
      .replaceAll('\\', '/'),
  );
}
