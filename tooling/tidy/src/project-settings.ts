import { posix } from 'node:path';
import { bindingFiles, isPure } from './areas.ts';
import { type WorkspacePackage, workspacePackages } from './manifest.ts';
import type { Finding, SourceFile } from './source-file.ts';

interface ProjectSettings {
  readonly compilerOptions?: { readonly types?: readonly string[] };
  readonly references?: readonly { readonly path: string }[];
}

/** The compiler builds what a package stands on because its project refers to it: the two lists say the same. */
export function projectReferences(files: readonly SourceFile[]): readonly Finding[] {
  const packages = workspacePackages(files);
  const folders = new Map(packages.map(({ manifest, folder }) => [manifest.name, folder]));
  const findings: Finding[] = [];
  for (const { folder, manifest } of packages) {
    const project = projectOf(folder, files);
    if (project === undefined) continue;
    const path = `${folder}/tsconfig.json`;
    const listed = (project.references ?? []).map((reference) => posix.join(folder, reference.path)).toSorted();
    const standsOn = { ...manifest.dependencies, ...manifest.optionalDependencies };
    const needed = Object.keys(standsOn).flatMap((name) => folders.get(name) ?? []);
    for (const one of needed.filter((other) => !listed.includes(other))) {
      findings.push({
        path,
        line: 1,
        message: `references: add { "path": "${posix.relative(folder, one)}" }, which package.json depends on`,
      });
    }
    for (const one of listed.filter((other) => !needed.includes(other))) {
      findings.push({
        path,
        line: 1,
        message: `references: remove ${posix.relative(folder, one)}, or list it under dependencies`,
      });
    }
  }
  return findings;
}

/** A package without a binding file compiles without the types of Node, so that the compiler itself keeps it pure. */
export function pureSettings(files: readonly SourceFile[]): readonly Finding[] {
  const bound = (one: WorkspacePackage): boolean => Object.keys(bindingFiles).some((path) => path.startsWith(`${one.folder}/`));
  const wrong = workspacePackages(files).filter((one) => {
    if (bound(one) || !isPure(`${one.folder}/src/index.ts`)) return false;
    const types = projectOf(one.folder, files)?.compilerOptions?.types;
    return types === undefined || types.length > 0;
  });
  return wrong.map(({ folder }) => ({
    path: `${folder}/tsconfig.json`,
    line: 1,
    message: 'compilerOptions.types: write []; the package is pure',
  }));
}

function projectOf(folder: string, files: readonly SourceFile[]): ProjectSettings | undefined {
  const file = files.find(({ path }) => path === `${folder}/tsconfig.json`);
  return file === undefined ? undefined : (JSON.parse(file.text) as ProjectSettings);
}
