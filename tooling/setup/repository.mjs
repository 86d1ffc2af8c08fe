import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout. `import.meta.dirname` does not exist on the old versions of Node that must still read our messages. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Generated things that survive between runs, and that git does not see. */
export const cacheFolder = join(root, '.cache');

/** Reads a JSON file below the root. */
export function readJson(...path) {
  return JSON.parse(readFileSync(join(root, ...path), 'utf8'));
}

/** Every folder of the workspace that holds a package, in a fixed order. */
export function workspaceFolders() {
  const folders = [];
  for (const area of ['packages', 'apps', 'tooling']) {
    if (!existsSync(join(root, area))) continue;
    for (const name of readdirSync(join(root, area)).toSorted()) {
      if (existsSync(join(root, area, name, 'package.json'))) folders.push(`${area}/${name}`);
    }
  }
  return folders;
}
