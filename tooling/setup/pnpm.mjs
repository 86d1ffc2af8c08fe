import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { run } from './child.mjs';
import { Problem } from './problem.mjs';
import { cacheFolder } from './repository.mjs';

// pnpm and corepack like to fetch other versions of themselves; here they may only say what they are.
const quiet = {
  npm_config_manage_package_manager_versions: 'false',
  COREPACK_ENABLE_NETWORK: '0',
  COREPACK_ENABLE_STRICT: '0',
};

/** The exact version in a `packageManager` field such as `pnpm@10.34.8+sha512.…`. */
export function pinnedVersion(packageManager) {
  const found = /^pnpm@(\d+\.\d+\.\d+)(?:\+.*)?$/.exec(packageManager ?? '');
  if (found === null)
    throw new Problem(
      `packageManager is "${packageManager}", not an exact pnpm version.`,
      'write "pnpm@X.Y.Z" in the root package.json.',
    );
  return found[1];
}

/** What an output of npm says went wrong, in words that lead on. */
export function explainFetch(output) {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/i.test(output)) {
    return 'the package registry cannot be reached. Connect this machine (or set npm\'s "proxy" and "registry"), then run the command again: the first run fetches the tools, later ones need no network.';
  }
  if (/SELF_SIGNED|UNABLE_TO_GET_ISSUER|CERT_/.test(output)) {
    return 'the registry\'s certificate is not trusted. Set npm\'s "cafile" to the certificate of your proxy, then run the command again.';
  }
  if (/ENOSPC/.test(output)) return 'the disk is full. Make room, then run the command again.';
  return 'read the output above, mend what it names, then run the command again.';
}

/** An environment in which `pnpm` is the pinned version: the one on the path if it matches exactly, else our own copy. */
export async function environmentWithPnpm(packageManager, say) {
  const version = pinnedVersion(packageManager);
  const environment = {
    ...process.env,
    ...quiet,
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
  };
  if ((await versionOnPath(environment)) === version) return environment;
  const folder = join(cacheFolder, `pnpm-${version}`);
  const binaries = join(folder, 'node_modules', '.bin');
  if (!existsSync(join(binaries, 'pnpm'))) await fetchPnpm(version, folder, say);
  const pathName = Object.keys(environment).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  return { ...environment, [pathName]: `${binaries}${delimiter}${environment[pathName] ?? ''}` };
}

/** Runs pnpm, found on the path of `environment`. */
export function runPnpm(args, options) {
  return runScript('pnpm', args, options);
}

async function versionOnPath(environment) {
  try {
    const answer = await runScript('pnpm', ['--version'], { cwd: tmpdir(), env: environment, capture: true });
    return answer.code === 0 ? answer.output.trim() : undefined;
  } catch {
    return undefined;
  }
}

/** Fetches into a folder beside the final one and renames it, so that an interrupted fetch leaves nothing that looks finished. */
async function fetchPnpm(version, folder, say) {
  say(`fetching pnpm ${version} into .cache (once)`);
  const partial = `${folder}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  try {
    const args = [
      'install',
      '--prefix',
      partial,
      '--no-save',
      '--no-package-lock',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel',
      'error',
    ];
    const npm = await runNpm([...args, `pnpm@${version}`]);
    if (npm.code !== 0) {
      process.stderr.write(npm.output);
      throw new Problem(`npm could not fetch pnpm ${version}.`, explainFetch(npm.output));
    }
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

function runNpm(args) {
  const script = process.env.npm_execpath;
  if (script !== undefined && /npm-cli\.c?js$/.test(script))
    return run(process.execPath, [script, ...args], { cwd: cacheFolder, capture: true });
  return runScript('npm', args, { cwd: cacheFolder, env: process.env, capture: true });
}

/** On Windows the programs of npm are command files, which only a shell starts. */
function runScript(name, args, options) {
  if (process.platform !== 'win32') return run(name, args, options);
  return run('cmd.exe', ['/d', '/s', '/c', name, ...args], options);
}
