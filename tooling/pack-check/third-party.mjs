import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The third-party packages below some packages of the workspace, as they are installed: name to folder. A consumer gets these very
 * versions without a registry, so that the check works offline and has no surprise of the day.
 *
 * @param {readonly string[]} folders of packages, each with its own `node_modules`
 * @param {(name: string) => boolean} isOurs
 * @returns {Map<string, string>}
 */
export function thirdParties(folders, isOurs) {
  const found = new Map();
  for (const folder of folders) look(namesIn(folder), join(folder, 'node_modules'), isOurs, found);
  return found;
}

/** The same for one package by its name, and what is below it. */
export function installed(name, modules, found = new Map()) {
  look([name], modules, () => false, found);
  return found;
}

function namesIn(folder) {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return Object.keys({ ...dependencies, ...optionalDependencies });
}

function look(names, modules, isOurs, found) {
  for (const name of names) {
    // Absent: optional, and of another platform.
    if (isOurs(name) || !existsSync(join(modules, name))) continue;
    const real = realpathSync(join(modules, name));
    const known = found.get(name);
    if (known === real) continue;
    if (known !== undefined) throw new Error(`two versions of ${name} are installed: ${known} and ${real}`);
    found.set(name, real);
    look(namesIn(real), modulesAround(real, name), isOurs, found);
  }
}

/** pnpm puts what a package depends on beside it: `…/node_modules/@types/node` has its neighbours in `…/node_modules`. */
function modulesAround(real, name) {
  return name.startsWith('@') ? dirname(dirname(real)) : dirname(real);
}
