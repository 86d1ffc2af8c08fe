import { describe, expect, test } from 'vitest';
import { bindingFilesExist, levelRule, levelTags, oneOwner, publishedImports } from '../src/levels.ts';
import { packageShape, packageVersions } from '../src/package-shape.ts';
import { projectReferences, pureSettings } from '../src/project-settings.ts';
import { complaints, file, manifest } from './sample.ts';

const licence = file('LICENSE', 'Apache');
const entry = { '@quorate/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' };
const uses = (...names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [`@quorate/${name}`, 'workspace:^']));

describe('the shape of a manifest', () => {
  test('accepts the template', () => {
    expect(complaints(packageShape, licence, manifest('packages/raft'))).toEqual([]);
  });

  test.each([
    ['name', { name: '@quorate/paxos' }],
    ['description', { description: '' }],
    ['keywords', { keywords: [] }],
    ['license', { license: 'MIT' }],
    ['type', { type: 'commonjs' }],
    ['sideEffects', { sideEffects: undefined }],
    ['engines', { engines: { node: '>=18' } }],
    ['repository', { repository: { directory: 'raft' } }],
    ['wildcards', { exports: { '.': entry, './*': './dist/*', './package.json': './package.json' } }],
    ['end with', { exports: { '.': entry } }],
    ['start with', { exports: { './a': entry, './package.json': './package.json' } }],
    ['write exactly', { exports: { '.': { default: './dist/index.js' }, './package.json': './package.json' } }],
    ['of one X', { exports: { '.': { ...entry, default: './dist/other.js' }, './package.json': './package.json' } }],
    ['main', { main: './dist/index.js' }],
    ['files', { files: ['dist'] }],
    ['publishConfig', { publishConfig: { access: 'public' } }],
    ['scripts.prepack', { scripts: { build: 'tsc -b', test: 'vitest run --config ../../tooling/vitest/package.config.ts' } }],
  ])('refuses a wrong %s', (word, changes) => {
    expect(complaints(packageShape, licence, manifest('packages/raft', changes)).join()).toContain(word);
  });

  test('asks for a licence file, and for bin where there is one', () => {
    expect(complaints(packageShape, manifest('packages/raft'))).toEqual(['no licence file: add LICENSE to the root']);
    const bin = file('apps/kv/bin/quorate-kv.mjs', '');
    expect(complaints(packageShape, licence, manifest('apps/kv'), bin).join()).toContain('quorate-kv.mjs');
  });

  test('leaves private packages alone', () => {
    expect(complaints(packageShape, manifest('tooling/tidy', { private: true, files: [] }))).toEqual([]);
  });
});

test.each([
  [{ version: '0.2.0' }, 'move together'],
  [{ dependencies: { '@quorate/interface': '^0.1.0' } }, 'workspace:^'],
  [{ dependencies: { protobufjs: '8.8.1' } }, 'catalog:'],
  [{ peerDependencies: { a: '1' } }, 'peerDependencies'],
])('versions and ranges: refuses %o', (changes, word) => {
  expect(complaints(packageVersions, manifest('packages/interface'), manifest('packages/raft', changes)).join()).toContain(word);
});

describe('levels', () => {
  const all = ['interface', 'quorum', 'raft', 'zab', 'replica', 'links', 'transport-tcp', 'server', 'conformance'].map((name) =>
    manifest(`packages/${name}`),
  );
  const withOne = (folder: string, changes: object): readonly string[] =>
    complaints(levelRule, ...all.filter(({ path }) => path !== `${folder}/package.json`), manifest(folder, changes));

  test.each([
    ['packages/raft', { dependencies: uses('interface', 'quorum') }],
    ['packages/raft', { devDependencies: uses('conformance') }],
    ['packages/transport-tcp', { dependencies: uses('links') }],
    ['packages/server', { dependencies: uses('raft', 'zab', 'transport-tcp', 'replica') }],
    ['apps/kv', { dependencies: uses('server', 'replica') }],
    ['tooling/integration', { devDependencies: uses('server', 'zab', 'raft') }],
  ])('%s may list %o', (folder, changes) => {
    expect(withOne(folder, changes)).toEqual([]);
  });

  test.each([
    ['packages/raft', { dependencies: uses('zab') }, 'may not use @quorate/zab (core)'],
    ['packages/raft', { dependencies: uses('conformance') }, 'dependencies: @quorate/raft'],
    ['packages/replica', { devDependencies: uses('raft') }, 'may not use @quorate/raft'],
    ['packages/interface', { dependencies: uses('quorum') }, 'may not use'],
    ['packages/transport-tcp', { dependencies: uses('quorum') }, 'may not use'],
    ['packages/links', { dependencies: uses('transport-tcp') }, 'may not use'],
    ['packages/raft', { dependencies: uses('links') }, 'may not use'],
    ['packages/raft', { dependencies: uses('server') }, 'may not use'],
    ['packages/novelty', {}, 'no level is decided'],
  ])('%s may not list %o', (folder, changes, words) => {
    expect(withOne(folder, changes).join()).toContain(words);
  });

  test('carry the tags of turbo.json', () => {
    const settings = (tag: string) => file('packages/raft/turbo.json', JSON.stringify({ extends: ['//'], tags: [tag] }));
    expect(complaints(levelTags, manifest('packages/raft'), settings('core'))).toEqual([]);
    expect(complaints(levelTags, manifest('packages/raft'), settings('adapter'))).toHaveLength(1);
    expect(complaints(levelTags, manifest('packages/raft'))).toHaveLength(1);
  });
});

describe('imports of published code', () => {
  const raft = manifest('packages/raft', { dependencies: uses('interface'), devDependencies: { vitest: 'catalog:' } });
  const withImport = (from: string): readonly string[] =>
    complaints(publishedImports, raft, file('packages/raft/src/raft.ts', `import { a } from '${from}';`));

  test.each(['@quorate/interface', './log.ts', 'node:fs'])('may name %s', (from) => {
    expect(withImport(from)).toEqual([]);
  });

  test.each([
    ['vitest', 'only under devDependencies'],
    ['@quorate/quorum', 'not in its package.json'],
    ['protobufjs/minimal.js', 'not in its package.json'],
    ['@quorate/raft', 'front door'],
    ['./log', 'end in .ts'],
    ['fs', 'write "node:fs"'],
  ])('may not name %s', (from, words) => {
    expect(withImport(from).join()).toContain(words);
  });
});

test('a third-party dependency has one owner', () => {
  const one = manifest('packages/codec-protobuf', { dependencies: { protobufjs: 'catalog:' } });
  expect(complaints(oneOwner, one, manifest('packages/raft'))).toEqual([]);
  expect(complaints(oneOwner, one, manifest('packages/raft', { dependencies: { protobufjs: 'catalog:' } }))).toHaveLength(2);
});

test('a binding file that is gone is no exception any more', () => {
  expect(complaints(bindingFilesExist, file('packages/storage-file/src/index.ts', ''))).toHaveLength(1);
  expect(complaints(bindingFilesExist, file('packages/storage-file/src/node-disk.ts', ''))).toEqual([]);
});

describe('projects', () => {
  const raft = manifest('packages/raft', { dependencies: uses('interface') });
  const project = (settings: object) => file('packages/raft/tsconfig.json', JSON.stringify(settings));
  const references = (...paths: readonly string[]) => project({ references: paths.map((path) => ({ path })) });

  test('refer to what the package depends on, and to nothing else', () => {
    const all = [manifest('packages/interface'), manifest('packages/quorum'), raft];
    expect(complaints(projectReferences, ...all, references('../interface'))).toEqual([]);
    expect(complaints(projectReferences, ...all, references())[0]).toContain('add { "path": "../interface" }');
    expect(complaints(projectReferences, ...all, references('../interface', '../quorum'))[0]).toContain('remove ../quorum');
    const optional = [manifest('packages/interface'), manifest('packages/raft', { optionalDependencies: uses('interface') })];
    expect(complaints(projectReferences, ...optional, references('../interface'))).toEqual([]);
    expect(complaints(projectReferences, ...optional, references())[0]).toContain('add { "path": "../interface" }');
  });

  test('of pure packages have no types of Node', () => {
    expect(complaints(pureSettings, raft, project({ compilerOptions: { types: [] } }))).toEqual([]);
    expect(complaints(pureSettings, raft, project({ compilerOptions: { types: ['node'] } }))).toHaveLength(1);
    expect(complaints(pureSettings, raft, project({}))).toHaveLength(1);
    expect(complaints(pureSettings, manifest('packages/server'))).toEqual([]);
  });
});
