import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceFile } from './source-file.ts';

/** The root of the checkout. */
export const root: string = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** Every text file that git knows or would take; what is ignored or generated is not ours to judge. */
export function repositoryFiles(): readonly SourceFile[] {
  return repositoryPaths()
    .filter((path) => !/\.(png|svg|gif|ico|woff2)$/.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/** The size of every file, text or not. */
export function repositorySizes(): readonly { readonly path: string; readonly bytes: number }[] {
  return repositoryPaths().map((path) => ({ path, bytes: lstatSync(join(root, path)).size }));
}

function repositoryPaths(): readonly string[] {
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  return list
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(root, path)))
    .toSorted();
}
