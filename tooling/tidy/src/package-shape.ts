import { publicPackages, type WorkspacePackage, workspacePackages } from './manifest.ts';
import type { Finding, SourceFile } from './source-file.ts';

const sourceScripts: Readonly<Record<string, RegExp>> = {
  build: /^tsc -b$/,
  test: /^vitest run --config \.\.\/\.\.\/tooling\/vitest\/[a-z-]+\.config\.ts$/,
  prepack: /^node \.\.\/\.\.\/tooling\/tidy\/clean-build\.mjs$/,
};

/** Every public package's manifest has the same shape; what differs is the product, not the packaging. */
export function packageShape(files: readonly SourceFile[]): readonly Finding[] {
  const paths = new Set(files.map(({ path }) => path));
  const hasLicence = (folder: string): boolean => paths.has('LICENSE') || paths.has(`${folder}/LICENSE`);
  return publicPackages(files).flatMap((one) => {
    const wrong = [...identity(one), ...exportShape(one), ...published(one, files), ...scripts(one)];
    if (!hasLicence(one.folder)) wrong.push('no licence file: add LICENSE to the root');
    return wrong.map((message) => ({ path: one.file.path, line: 1, message }));
  });
}

/** One version for all public packages, none for the private ones, and no range between them that npm could resolve elsewhere. */
export function packageVersions(files: readonly SourceFile[]): readonly Finding[] {
  const version = publicPackages(files)[0]?.manifest.version;
  const findings: Finding[] = [];
  for (const { file, manifest } of workspacePackages(files)) {
    const report = (message: string): void => void findings.push({ path: file.path, line: 1, message });
    const expected = manifest.private === true ? '0.0.0' : version;
    if (manifest.version !== expected)
      report(`version ${manifest.version}: write ${expected}; the public packages move together`);
    if (manifest.peerDependencies !== undefined)
      report('peerDependencies: use dependencies; below 1.0 a peer turns every minor into a major');
    for (const [name, range] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      const wanted = name.startsWith('@quorate/') ? 'workspace:^' : 'catalog:';
      if (range !== wanted) report(`"${name}": "${range}": write "${wanted}"`);
    }
  }
  return findings;
}

function identity({ folder, manifest }: WorkspacePackage): string[] {
  const name = `@quorate/${folder.split('/')[1]}`;
  const wrong: string[] = [];
  if (manifest.name !== name) wrong.push(`name "${manifest.name}": write "${name}", the folder's`);
  if ((manifest.description ?? '') === '') wrong.push('no description: say in one line what it is');
  if ((manifest.keywords ?? []).length === 0) wrong.push('no keywords: name what people search for');
  if (manifest.license !== 'Apache-2.0') wrong.push('license: write "Apache-2.0"');
  if (manifest.type !== 'module') wrong.push('type: write "module"');
  if (manifest.sideEffects !== false) wrong.push('sideEffects: write false; no file may do anything by being imported');
  if (manifest.engines?.['node'] !== '>=20.19') wrong.push('engines: write { "node": ">=20.19" }');
  if (manifest.repository?.directory !== folder) wrong.push(`repository.directory: write "${folder}"`);
  return wrong;
}

function exportShape({ manifest }: WorkspacePackage): string[] {
  const wrong: string[] = [];
  const exports = manifest.exports ?? {};
  const last = Object.keys(exports).at(-1);
  if (last !== './package.json' || exports[last] !== './package.json')
    wrong.push('exports: end with "./package.json": "./package.json"');
  if (!('.' in exports) || Object.keys(exports)[0] !== '.') wrong.push('exports: start with "."');
  for (const [subpath, target] of Object.entries(exports)) {
    if (subpath === './package.json') continue;
    if (subpath.includes('*')) wrong.push(`exports "${subpath}": no wildcards; name what is public`);
    if (!hasEntryShape(target))
      wrong.push(
        `exports "${subpath}": write exactly "@quorate/source" (./src/X.ts), "types" (./dist/X.d.ts), "default" (./dist/X.js), of one X`,
      );
  }
  for (const field of ['main', 'module', 'types', 'typesVersions', 'browser']) {
    if (field in manifest) wrong.push(`${field}: remove it; "exports" says it all`);
  }
  return wrong;
}

function hasEntryShape(target: unknown): boolean {
  if (typeof target !== 'object' || target === null) return false;
  const conditions = target as Record<string, unknown>;
  if (Object.keys(conditions).join() !== '@quorate/source,types,default') return false;
  const stem = /^\.\/src\/(.+)\.ts$/.exec(String(conditions['@quorate/source']))?.[1];
  return stem !== undefined && conditions['types'] === `./dist/${stem}.d.ts` && conditions['default'] === `./dist/${stem}.js`;
}

/** `dist` and `src` always; `bin` and `proto` where they exist. */
function published({ folder, manifest }: WorkspacePackage, files: readonly SourceFile[]): string[] {
  const wrong: string[] = [];
  const has = (name: string): boolean => files.some(({ path }) => path.startsWith(`${folder}/${name}/`));
  const expected = ['dist', 'src', ...['bin', 'proto'].filter(has)];
  if ((manifest.files ?? []).toSorted().join() !== expected.toSorted().join())
    wrong.push(`files: write ${JSON.stringify(expected)}`);
  if (manifest.publishConfig?.['access'] !== 'public' || manifest.publishConfig['provenance'] !== true) {
    wrong.push('publishConfig: write { "access": "public", "provenance": true }');
  }
  const name = manifest.name.replace('@quorate/', 'quorate-');
  const bin = JSON.stringify(manifest.bin ?? {});
  if (has('bin') && bin !== JSON.stringify({ [name]: `./bin/${name}.mjs` }))
    wrong.push(`bin: write { "${name}": "./bin/${name}.mjs" }`);
  return wrong;
}

function scripts({ manifest }: WorkspacePackage): string[] {
  const wrong: string[] = [];
  for (const [name, form] of Object.entries(sourceScripts)) {
    const script = manifest.scripts?.[name] ?? '';
    if (!form.test(script)) wrong.push(`scripts.${name} "${script}": write what the other packages have`);
  }
  return wrong;
}
