import { builtinModules } from 'node:module';
import { bindingFiles, kindOf, kinds } from './areas.ts';
import { type WorkspacePackage, workspacePackages } from './manifest.ts';
import { type Finding, isSource, lineAt, packageFolder, type SourceFile } from './source-file.ts';
import { importsOf } from './syntax.ts';

/** Arrows point down: what a package lists, and lists for its tests, is on a level below it. */
export function levelRule(files: readonly SourceFile[]): readonly Finding[] {
  const packages = workspacePackages(files);
  const kindByName = new Map(packages.map(({ folder, manifest }) => [manifest.name, kindOf(folder)]));
  const findings: Finding[] = [];
  for (const { folder, file, manifest } of packages) {
    const report = (message: string): void => void findings.push({ path: file.path, line: 1, message });
    const kind = kindOf(folder);
    const rule = kinds[kind ?? ''];
    if (kind === undefined || rule === undefined) {
      report('no level is decided for this folder: add it to tooling/tidy/src/areas.ts and to the tags of turbo.json');
      continue;
    }
    const refuse = (name: string, allowed: readonly string[], field: string): void => {
      const other = kindByName.get(name);
      if (other === undefined || allowed.includes(other)) return;
      report(
        `${field}: ${manifest.name} (${kind}) may not use ${name} (${other}): move the code down a level, or the test to tooling/integration`,
      );
    };
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }))
      refuse(name, rule.runtime, 'dependencies');
    for (const name of Object.keys(manifest.devDependencies ?? {}))
      refuse(name, [...rule.runtime, ...rule.development], 'devDependencies');
  }
  return findings;
}

/** turbo.json's tag is the kind that the level rule knows. */
export function levelTags(files: readonly SourceFile[]): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { folder } of workspacePackages(files)) {
    const path = `${folder}/turbo.json`;
    const settings = files.find((file) => file.path === path);
    const tags = settings === undefined ? [] : ((JSON.parse(settings.text) as { tags?: readonly string[] }).tags ?? []);
    const kind = kindOf(folder);
    if (tags.length === 1 && tags[0] === kind) continue;
    findings.push({ path, line: 1, message: `tags ${JSON.stringify(tags)}: write ["${kind}"], and "extends": ["//"]` });
  }
  return findings;
}

/** What a package publishes imports only what it lists under `dependencies`: a tool for tests would be missing at the user's. */
export function publishedImports(files: readonly SourceFile[]): readonly Finding[] {
  const packages = new Map(workspacePackages(files).map((one) => [one.folder, one]));
  const findings: Finding[] = [];
  for (const file of files.filter(isSource)) {
    const own = packages.get(packageFolder(file.path) ?? '');
    if (own === undefined) continue;
    for (const { from, node } of importsOf(file)) {
      const message = importProblem(own, from);
      if (message !== undefined) findings.push({ path: file.path, line: lineAt(file.text, node.start), message });
    }
  }
  return findings;
}

/** Each third-party dependency of published code belongs to one package, which the others ask. */
export function oneOwner(files: readonly SourceFile[]): readonly Finding[] {
  const owners = new Map<string, WorkspacePackage[]>();
  for (const one of workspacePackages(files)) {
    if (one.manifest.private === true) continue;
    for (const name of Object.keys({ ...one.manifest.dependencies, ...one.manifest.optionalDependencies })) {
      if (!name.startsWith('@quorate/')) owners.set(name, [...(owners.get(name) ?? []), one]);
    }
  }
  const shared = [...owners].filter(([, list]) => list.length > 1);
  return shared.flatMap(([name, list]) =>
    list.map(({ file }) => ({
      path: file.path,
      line: 1,
      message: `"${name}" is a dependency of ${list.length} packages: one package owns it and offers what the others need`,
    })),
  );
}

/** A binding file that no longer exists must not stay on the list, or the next file of that name is born impure. */
export function bindingFilesExist(files: readonly SourceFile[]): readonly Finding[] {
  const paths = new Set(files.map(({ path }) => path));
  const folders = new Set(files.map(({ path }) => packageFolder(path)));
  const gone = Object.keys(bindingFiles).filter((path) => !paths.has(path) && folders.has(packageFolder(path)));
  return gone.map((path) => ({
    path,
    line: 1,
    message: 'listed as a binding file in tooling/tidy/src/areas.ts, but missing: correct the list',
  }));
}

function importProblem({ folder, manifest }: WorkspacePackage, from: string): string | undefined {
  if (from.startsWith('.'))
    return from.endsWith('.ts') || from.endsWith('.js') ? undefined : `"${from}": relative imports end in .ts`;
  if (from.startsWith('node:')) return undefined;
  if (builtinModules.includes(from)) return `"${from}": write "node:${from}"`;
  const name = from
    .split('/')
    .slice(0, from.startsWith('@') ? 2 : 1)
    .join('/');
  if (name === manifest.name) return `"${from}": import the file itself, not the package through its front door`;
  if (name in { ...manifest.dependencies, ...manifest.optionalDependencies }) return undefined;
  const listedForTests = name in (manifest.devDependencies ?? {});
  // Nobody installs a private package, so that its two lists are one.
  if (listedForTests && manifest.private === true) return undefined;
  const where = listedForTests ? 'only under devDependencies' : 'not in its package.json';
  return `"${from}" is imported by ${folder}/src, but is ${where}: list it under dependencies, or do without it`;
}
