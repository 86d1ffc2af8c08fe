import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { inParallel, runChild } from './child.mjs';
import { loadWithImport, loadWithRequire, typeScriptSettings, typesOfAll, typesOfAllFromCommonJs } from './consumer-programs.mjs';
import { firstExample } from './first-example.mjs';
import { entriesOf } from './public-packages.mjs';
import { tarballOf } from './tarballs.mjs';
import { installed, thirdParties } from './third-party.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const toolLimitMs = 120_000;
/** A first example says what it has to say, and ends, within a second or two; this long only on a machine that has no time for it. */
const exampleLimitMs = 60_000;

/**
 * Three users that have nothing but the tarballs: one with ECMAScript modules, one with CommonJS, one with TypeScript. They stand
 * outside of the workspace, so that nothing of it can be found from there. Returns what went wrong.
 *
 * @param {{ stage: string, tarballs: string, place: string, packages: readonly { folder: string, manifest: any }[] }} setup
 */
export async function installConsumers({ stage, tarballs, place, packages }) {
  const names = packages.map(({ manifest }) => manifest.name);
  const ours = packages.map(({ manifest }) => [manifest.name, `file:${tarballOf(tarballs, manifest)}`]);
  const folders = packages.map(({ folder }) => join(stage, folder));
  // Our declarations name types of Node's; whoever writes TypeScript for Node has these.
  const types = installed('@types/node', join(here, 'node_modules'));
  const others = [...thirdParties(folders, (name) => names.includes(name)), ...types];
  const overrides = Object.fromEntries([...ours, ...others.map(([name, folder]) => [name, `file:${folder}`])]);
  mkdirSync(place, { recursive: true });
  writeJson(join(place, 'package.json'), { private: true, pnpm: { overrides } });
  writeFileSync(join(place, 'pnpm-workspace.yaml'), "packages: ['esm', 'commonjs', 'typescript']\n");
  const dependencies = Object.fromEntries(names.map((name) => [name, '*']));
  for (const [name, type] of Object.entries({ esm: 'module', commonjs: 'commonjs', typescript: 'module' })) {
    mkdirSync(join(place, name));
    const more = name === 'typescript' ? { '@types/node': '*' } : {};
    writeJson(join(place, name, 'package.json'), { name, private: true, type, dependencies: { ...dependencies, ...more } });
  }
  // Without hoisting a package finds what it lists, and nothing that only its neighbours list.
  const args = ['install', '--offline', '--config.hoist=false', '--ignore-scripts', '--no-frozen-lockfile'];
  const { problem } = await runChild('pnpm', args, { cwd: place, limitMs: toolLimitMs });
  return problem;
}

/**
 * What the users do: load every entry, type-check every entry, start every program, run every first example.
 *
 * @param {{ root: string, stage: string, place: string, packages: readonly { folder: string, manifest: any }[] }} setup
 * @returns {Promise<{ title: string, problem?: string | undefined, note?: string }[]>}
 */
export async function tryConsumers({ root, stage, place, packages }) {
  const entries = packages.flatMap(({ manifest }) => entriesOf(manifest));
  const examples = packages.map(({ folder }) => ({ folder, example: readExample(stage, folder) }));
  writeFileSync(join(place, 'esm', 'main.js'), loadWithImport(entries));
  writeFileSync(join(place, 'commonjs', 'main.js'), loadWithRequire(entries));
  writeFileSync(join(place, 'typescript', 'main.ts'), typesOfAll(entries));
  writeFileSync(join(place, 'typescript', 'legacy.cts'), typesOfAllFromCommonJs(entries));
  for (const { folder, example } of examples)
    if (example !== undefined) writeFileSync(join(place, 'typescript', `${nameOf(folder)}.ts`), example.code);
  writeJson(join(place, 'typescript', 'tsconfig.json'), typeScriptSettings);
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const node =
    (title, cwd, args, limitMs = toolLimitMs) =>
    async () => ({
      title,
      ...(await runChild(process.execPath, args, { cwd, limitMs })),
    });
  const first = [
    node('TypeScript consumer', join(place, 'typescript'), [tsc, '-p', '.', '--pretty', 'false']),
    node('ESM consumer', join(place, 'esm'), ['main.js']),
    node('CommonJS consumer', join(place, 'commonjs'), ['main.js']),
    ...packages.flatMap(({ manifest }) =>
      Object.entries(manifest.bin ?? {}).map(([name, file]) =>
        node(`${name} --help`, join(place, 'esm'), [join('node_modules', manifest.name, file), '--help'], exampleLimitMs),
      ),
    ),
  ];
  const results = await inParallel(first, 2, (run) => run());
  // The compiler wrote the examples' JavaScript, also where it complained.
  return [...results, ...(await inParallel(examples, 2, (one) => tryExample(place, one)))];
}

async function tryExample(place, { folder, example }) {
  const title = `${folder}: first example`;
  if (example === undefined) return { title, problem: 'README.md has no `ts` block below "## Example"' };
  if (example.reason !== undefined) return { title, note: `type-checked, but not run alone: ${example.reason}` };
  // A place of its own: an example may write files.
  const cwd = join(place, 'typescript', 'runs', nameOf(folder));
  mkdirSync(cwd, { recursive: true });
  const program = join(place, 'typescript', 'out', `${nameOf(folder)}.js`);
  return { title, ...(await runChild(process.execPath, [program], { cwd, limitMs: exampleLimitMs })) };
}

function readExample(stage, folder) {
  return firstExample(readFileSync(join(stage, folder, 'README.md'), 'utf8'));
}

function nameOf(folder) {
  return `example-${folder.replaceAll('/', '-')}`;
}

function writeJson(file, value) {
  writeFileSync(file, `${JSON.stringify(value, undefined, 2)}\n`);
}
