import type { Check, SourceFile } from '../src/source-file.ts';

/** A file that only a test knows. */
export function file(path: string, text: string): SourceFile {
  return { path, text };
}

/** What a check says about some files, without the places. */
export function complaints(check: Check, ...files: readonly SourceFile[]): readonly string[] {
  return check(files).map(({ message }) => message);
}

/** A package.json that breaks no rule, with changes. */
export function manifest(folder: string, changes: object = {}): SourceFile {
  const name = folder.split('/')[1] ?? '';
  const good = {
    name: `@quorate/${name}`,
    version: '0.0.0',
    description: 'A sample',
    license: 'Apache-2.0',
    keywords: ['sample'],
    repository: { directory: folder },
    type: 'module',
    sideEffects: false,
    engines: { node: '>=20.19' },
    exports: {
      '.': { '@quorate/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
      './package.json': './package.json',
    },
    files: ['dist', 'src'],
    publishConfig: { access: 'public', provenance: true },
    scripts: {
      build: 'tsc -b',
      test: 'vitest run --config ../../tooling/vitest/package.config.ts',
      prepack: 'node ../../tooling/tidy/clean-build.mjs',
    },
  };
  return file(`${folder}/package.json`, JSON.stringify({ ...good, ...changes }));
}
