import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { checkNode } from './node-version.mjs';
import { environmentWithPnpm, explainFetch, runPnpm } from './pnpm.mjs';
import { Problem } from './problem.mjs';
import { during, say } from './progress.mjs';
import { cacheFolder, readJson, root, workspaceFolders } from './repository.mjs';

const stampFile = join(cacheFolder, 'installed');

/**
 * Everything a command needs before it can start: Node's version, the pinned pnpm, the dependencies, the generated codecs.
 * Returns the environment in which `pnpm` and `turbo` run. What is up to date is left alone.
 */
export async function prepare() {
  const manifest = readJson('package.json');
  checkNode(manifest.engines.node);
  mkdirSync(cacheFolder, { recursive: true });
  const env = await environmentWithPnpm(manifest.packageManager, say);
  await install(env);
  await generate(env);
  return env;
}

/** Runs turbo from the root, with the given arguments. */
export function runTurbo(args, env, options = {}) {
  return runPnpm(['exec', 'turbo', ...args], { cwd: root, env, ...options });
}

/** Builds all packages, or what turbo's arguments choose, and says which one it is at. */
export async function build(env, args = []) {
  const built = await during('building', (at) => {
    const onLine = (line) => {
      const task = /^(\S+):build: cache (?:hit|miss)/.exec(line);
      if (task !== null) at(task[1]);
    };
    return runTurbo(['run', 'build', '--output-logs=new-only', ...args], env, { capture: true, onLine });
  });
  if (built.code === 0) return;
  process.stderr.write(built.output);
  throw new Problem('The build failed.', "read the compiler's errors above, mend them and run the command again.");
}

/** Changes whenever an install could have another result: lockfile, workspace settings, any package's own list. */
export function installStamp(folders = workspaceFolders()) {
  const hash = createHash('sha256').update(`${process.version} ${process.platform} ${process.arch}\n`);
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...folders.map((folder) => `${folder}/package.json`)];
  for (const file of files) hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

async function install(env) {
  const stamp = installStamp();
  const present = existsSync(join(root, 'node_modules', '.modules.yaml'));
  if (present && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  const args = [
    'install',
    '--frozen-lockfile',
    '--prefer-offline',
    '--config.confirmModulesPurge=false',
    '--reporter=append-only',
  ];
  const result = await during('installing dependencies', () => runPnpm(args, { cwd: root, env, capture: true }));
  if (result.code !== 0) {
    process.stderr.write(result.output);
    throw new Problem('pnpm could not install the dependencies.', explainInstall(result.output));
  }
  writeFileSync(stampFile, stamp);
}

function explainInstall(output) {
  if (!output.includes('ERR_PNPM_OUTDATED_LOCKFILE')) return explainFetch(output);
  return 'a package.json changed without the lockfile. Run "pnpm install" and commit pnpm-lock.yaml.';
}

async function generate(env) {
  const result = await runTurbo(['run', 'generate', '--output-logs=errors-only'], env, { capture: true });
  if (result.code === 0) return;
  process.stderr.write(result.output);
  throw new Problem('The codecs could not be generated.', 'read the output above; the .proto files are in packages/*/proto.');
}
