import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { runChild } from './child.mjs';
import { publicPackages, workspacePackages } from './public-packages.mjs';

const rootFiles = ['package.json', 'pnpm-workspace.yaml', 'tsconfig.base.json', 'LICENSE'];
/** What is no source of a package: what is built, installed, cached, or only there for its tests. */
const leftOut = new Set(['dist', 'node_modules', 'test', 'bench', '.turbo', '.cache']);

/**
 * Copies the public packages to an empty place and builds them there: the compiler never removes the output of a file that is
 * gone, and members of a test that runs beside us live from the workspace's `dist`. Returns what went wrong.
 *
 * @param {string} root
 * @param {string} stage
 */
export async function stageRelease(root, stage) {
  mkdirSync(stage, { recursive: true });
  for (const file of rootFiles) cpSync(join(root, file), join(stage, file));
  symlinkSync(join(root, 'node_modules'), join(stage, 'node_modules'), 'junction');
  const folders = publicPackages(root).map(({ folder }) => folder);
  // Of the others only what pnpm must know: that they are there, and their versions.
  for (const { folder } of workspacePackages(root)) {
    mkdirSync(join(stage, folder), { recursive: true });
    cpSync(join(root, folder, 'package.json'), join(stage, folder, 'package.json'));
  }
  for (const folder of folders) {
    for (const name of readdirSync(join(root, folder)))
      if (!leftOut.has(name)) cpSync(join(root, folder, name), join(stage, folder, name), { recursive: true });
    const modules = join(root, folder, 'node_modules');
    // Links between packages are relative, so that they lead to the copies.
    if (existsSync(modules))
      cpSync(modules, join(stage, folder, 'node_modules'), { recursive: true, verbatimSymlinks: true, filter: isNoProgram });
  }
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { problem } = await runChild(process.execPath, [tsc, '-b', ...folders], { cwd: stage, limitMs: 120_000 });
  // The compiler's notes about this build are nothing to publish.
  for (const folder of folders) rmSync(join(stage, folder, 'dist', '.tsbuildinfo'), { force: true });
  return problem;
}

function isNoProgram(path) {
  return !/[\\/]\.(bin|vite|vitest)$/.test(path);
}
