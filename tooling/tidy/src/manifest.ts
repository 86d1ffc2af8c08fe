import type { SourceFile } from './source-file.ts';

/** The parts of a package.json that the checks read. */
export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly version: string;
  readonly description?: string;
  readonly license?: string;
  readonly keywords?: readonly string[];
  readonly type?: string;
  readonly sideEffects?: boolean;
  readonly engines?: Readonly<Record<string, string>>;
  readonly repository?: { readonly directory?: string };
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly files?: readonly string[];
  readonly bin?: Readonly<Record<string, string>>;
  readonly publishConfig?: Readonly<Record<string, unknown>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** A package of the workspace. */
export interface WorkspacePackage {
  readonly folder: string;
  readonly file: SourceFile;
  readonly manifest: Manifest;
}

/** Every package below packages, apps and tooling. */
export function workspacePackages(files: readonly SourceFile[]): readonly WorkspacePackage[] {
  const found: WorkspacePackage[] = [];
  for (const file of files) {
    const folder = /^((?:packages|apps|tooling)\/[^/]+)\/package\.json$/.exec(file.path)?.[1];
    if (folder === undefined) continue;
    const manifest = JSON.parse(file.text) as Manifest;
    found.push({ folder, file, manifest });
  }
  return found;
}

/** The packages that a release publishes. */
export function publicPackages(files: readonly SourceFile[]): readonly WorkspacePackage[] {
  return workspacePackages(files).filter(({ manifest }) => manifest.private !== true);
}

/** The entries of a package: the subpath's full name and the source file behind it. */
export function entriesOf({ folder, manifest }: WorkspacePackage): readonly { readonly title: string; readonly path: string }[] {
  const entries: { title: string; path: string }[] = [];
  for (const [subpath, target] of Object.entries(manifest.exports ?? {})) {
    if (typeof target !== 'object' || target === null) continue;
    const source = (target as Record<string, unknown>)['@quorate/source'];
    if (typeof source === 'string')
      entries.push({ title: `${manifest.name}${subpath.slice(1)}`, path: `${folder}/${source.slice(2)}` });
  }
  return entries;
}
