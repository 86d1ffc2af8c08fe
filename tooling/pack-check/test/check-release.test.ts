import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { checkRelease } from '../check-release.mjs';

// A small workspace with two packages, broken in one way each: a check that finds nothing proves nothing.
const repository = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const limitMs = 120_000;
const places: string[] = [];

type Files = Record<string, string | undefined>;

const entry = (stem: string) => ({ types: `./dist/${stem}.d.ts`, default: `./dist/${stem}.js` });
const manifest = (name: string, changes: object = {}): string =>
  JSON.stringify({
    name: `@sample/${name}`,
    version: '1.2.3',
    type: 'module',
    license: 'Apache-2.0',
    files: ['dist', 'src'],
    sideEffects: false,
    exports: { '.': entry('index'), './package.json': './package.json' },
    ...changes,
  });
const readme = (code: string): string => `# A\n\n## Example\n\n\`\`\`ts\n${code}\n\`\`\`\n`;
const settings = (references: readonly string[] = []): string =>
  JSON.stringify({
    extends: '../../tsconfig.base.json',
    include: ['src'],
    references: references.map((name) => ({ path: `../${name}` })),
  });

const sound: Files = {
  'package.json': '{ "private": true, "packageManager": "pnpm@10.34.8" }',
  'pnpm-workspace.yaml': "packages: ['packages/*', 'apps/*']\n",
  'tsconfig.base.json': JSON.stringify({
    compilerOptions: {
      composite: true,
      declaration: true,
      declarationMap: true,
      sourceMap: true,
      stripInternal: true,
      strict: true,
      skipLibCheck: true,
      target: 'es2023',
      lib: ['es2023'],
      module: 'nodenext',
      types: [],
      rewriteRelativeImportExtensions: true,
      rootDir: '${configDir}/src',
      outDir: '${configDir}/dist',
      tsBuildInfoFile: '${configDir}/dist/.tsbuildinfo',
    },
  }),
  LICENSE: 'Apache-2.0\n',
  '.changeset/config.json': JSON.stringify({
    changelog: '@changesets/cli/changelog',
    fixed: [['@sample/*']],
    access: 'public',
    baseBranch: 'main',
    privatePackages: false,
  }),
  '.changeset/change.md': "---\n'@sample/low': minor\n---\n\nTwo.\n",
  'packages/low/package.json': manifest('low'),
  'packages/low/README.md': readme("import { two } from '@sample/low';\nif (two !== 2) throw new Error('not two');"),
  'packages/low/tsconfig.json': settings(),
  'packages/low/src/index.ts': "export { two } from './two.ts';\n",
  'packages/low/src/two.ts': 'export const two: number = 2;\n',
  // An orphan of an older build, which must not be published.
  'packages/low/dist/old.js': 'export {};\n',
  'packages/high/package.json': manifest('high', { dependencies: { '@sample/low': 'workspace:^' } }),
  'packages/high/README.md': readme("import { four } from '@sample/high';\nconsole.log(four());"),
  'packages/high/tsconfig.json': settings(['low']),
  'packages/high/src/index.ts':
    "import { two } from '@sample/low';\n/** Four. */\nexport function four(): number {\n  return two + two;\n}\n",
  'packages/hidden/package.json': '{ "name": "hidden", "version": "0.0.0", "private": true }',
};

/** What is wrong with a workspace, as `title: text`. */
async function problemsOf(changes: Files): Promise<readonly string[]> {
  const place = mkdtempSync(join(realpathSync(tmpdir()), 'quorate-pack-check-'));
  places.push(place);
  const root = join(place, 'root');
  for (const [path, text] of Object.entries({ ...sound, ...changes })) {
    if (text === undefined) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  mkdirSync(join(root, 'node_modules'));
  for (const name of ['typescript', '@changesets'])
    symlinkSync(join(repository, 'node_modules', name), join(root, 'node_modules', name));
  mkdirSync(join(root, 'packages/high/node_modules/@sample'), { recursive: true });
  symlinkSync('../../../low', join(root, 'packages/high/node_modules/@sample/low'));
  const results = await checkRelease(root, join(place, 'work'));
  return results.flatMap(({ title, problems }) => problems.map((problem) => `${title}: ${problem}`));
}

afterEach(() => {
  for (const place of places.splice(0)) rmSync(place, { recursive: true, force: true });
});

describe('a release', { timeout: limitMs }, () => {
  test('that is sound is found sound', async () => {
    expect(await problemsOf({})).toEqual([]);
  });

  test('is looked at from all sides, and everything is told at once', async () => {
    const exports = { '.': { types: './dist/indx.d.ts', default: './dist/index.js' }, './package.json': './package.json' };
    const problems = await problemsOf({
      // A declaration that lacks what was stripped from it, and an example that throws.
      'packages/low/src/two.ts':
        '/** @internal */\nexport interface Box {\n  n: number;\n}\nexport const box = (): Box => ({ n: 2 });\nexport const two: number = 2;\n',
      'packages/low/src/index.ts': "export { box, two } from './two.ts';\n",
      // It imports what it does not list among its dependencies.
      'packages/high/package.json': manifest('high', { devDependencies: { '@sample/low': 'workspace:^' } }),
      // A path to types that do not exist, a file that is needed and not packed, and a program that fails.
      'apps/tool/package.json': manifest('tool', {
        exports,
        files: ['bin', 'src', 'dist/index.*'],
        bin: { tool: './bin/tool.mjs' },
      }),
      'apps/tool/README.md': '# A\n\n## Example\n\nNone.\n',
      'apps/tool/tsconfig.json': settings(),
      'apps/tool/src/index.ts': "export { three } from './three.ts';\n",
      'apps/tool/src/three.ts': 'export const three: number = 3;\n',
      'apps/tool/bin/tool.mjs': "throw new Error('no help');\n",
      'packages/low/README.md': readme("throw new Error('an example that throws');"),
    });
    const text = problems.join('\n');
    expect(text).toContain('@sample/tool 1.2.3: expected, but not packed: dist/three.js');
    expect(text).toContain('pkg.exports["."].types is ./dist/indx.d.ts but the file does not exist');
    expect(text).toMatch(/^@sample\/tool 1.2.3: attw: .*FallbackCondition/m);
    expect(text).toMatch(/^TypeScript consumer: [^]*Cannot find name 'Box'/m);
    expect(text).toMatch(/^ESM consumer: [^]*@sample\/high: Cannot find package '@sample\/low'/m);
    expect(text).toMatch(/^CommonJS consumer: [^]*three\.js/m);
    expect(text).toMatch(/^tool --help: [^]*no help/m);
    expect(text).toMatch(/^apps\/tool: first example: README.md has no/m);
    expect(text).toMatch(/^packages\/low: first example: [^]*an example that throws/m);
  });

  test('goes no further than a build that fails', async () => {
    const problems = await problemsOf({ 'packages/low/src/two.ts': 'export const two: string = 2;\n' });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^builds from an empty dist: [^]*TS2322/);
  });
});
