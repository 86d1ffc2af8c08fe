import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';
import { describe, expect, test } from 'vitest';
import { browserOnly } from '../browser-only.ts';
import config from '../vite.config.ts';

const worker = fileURLToPath(new URL('../src/worker.ts', import.meta.url));
const core = fileURLToPath(new URL('../../../packages/raft/src/raft.ts', import.meta.url));

/** Lines at the end of a file, and what a build says about them. */
const plants = [
  { file: worker, code: `import { readFileSync } from 'node:fs'; globalThis.a = readFileSync;`, says: 'node:fs is imported by' },
  { file: worker, code: `import path from 'path'; globalThis.b = path;`, says: 'path is imported by' },
  { file: worker, code: `import 'node:process';`, says: 'node:process is imported by' },
  { file: worker, code: `globalThis.c = () => import('node:os');`, says: 'node:os is imported by' },
  { file: worker, code: `globalThis.d = () => Buffer.alloc(1);`, says: 'Buffer is used by' },
  { file: core, code: `globalThis.e = () => process.hrtime();`, says: 'process is used by' },
];

/** Names of one's own that are spelled like those of Node. */
const innocent = 'globalThis.f = (process, { Buffer }) => [process.start(), Buffer, globalThis.e.process];';

/** Builds the page with more lines at the end of some files, writes nothing, and gives what the build complains about. */
async function complaint(planted: readonly { readonly file: string; readonly code: string }[]): Promise<string> {
  const planting: Plugin = {
    name: 'planting',
    enforce: 'pre',
    transform: (text, id) => [text, ...planted.filter(({ file }) => file === id).map(({ code }) => code)].join('\n'),
  };
  const plugins = (): Plugin[] => [planting, browserOnly()];
  try {
    await build({
      ...config,
      configFile: false,
      plugins: plugins(),
      worker: { format: 'es', plugins },
      build: { write: false, target: 'es2023', modulePreload: false },
      logLevel: 'silent',
    });
    return '';
  } catch (error) {
    return String(error);
  }
}

describe('a build of the page', () => {
  test('ends with whatever needs Node, and names it and its file', async () => {
    const complained = await complaint([...plants, { file: worker, code: innocent }]);
    const lines = complained.split('\n').filter((line) => / is (imported|used) by /.test(line));
    expect(lines.toSorted()).toEqual(plants.map(({ file, says }) => `${says} ${file}`).toSorted());
  });

  test('minds names of its own that are spelled like those of Node', async () => {
    expect(await complaint([{ file: worker, code: innocent }])).toBe('');
  });
});
