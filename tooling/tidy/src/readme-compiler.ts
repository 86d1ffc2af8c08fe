import { entriesOf, workspacePackages } from './manifest.ts';
import type { ReadmeExample } from './readmes.ts';
import type { SourceFile } from './source-file.ts';

/** The name of an example's file: `packages/raft/README.md` line 12 becomes `packages-raft-12.ts`. */
export function exampleFile({ path, line }: ReadmeExample): string {
  const place = path.replace(/\/?README\.md$/, '').replaceAll('/', '-');
  return `${place === '' ? 'root' : place}-${line}.ts`;
}

/**
 * Compiler settings for a folder two levels below the root. Every package is found by its name, in its sources: a reader's
 * example has no package.json of its own. What only matters for publishing is off.
 */
export function exampleSettings(files: readonly SourceFile[]): object {
  const paths: Record<string, readonly string[]> = {};
  for (const one of workspacePackages(files)) {
    for (const { title, path } of entriesOf(one)) paths[title] = [`../../${path}`];
  }
  return {
    extends: '../../tsconfig.base.json',
    compilerOptions: {
      types: ['node'],
      composite: false,
      incremental: false,
      declaration: false,
      declarationMap: false,
      isolatedDeclarations: false,
      noEmit: true,
      noUnusedLocals: false,
      noUnusedParameters: false,
      allowImportingTsExtensions: true,
      rewriteRelativeImportExtensions: false,
      rootDir: '../..',
      tsBuildInfoFile: null,
      paths,
    },
    include: ['*.ts'],
  };
}
