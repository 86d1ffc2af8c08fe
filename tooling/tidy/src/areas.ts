import { packageFolder } from './source-file.ts';

/** What one kind of package may depend on, at run time and for its tests. */
export interface Kind {
  readonly runtime: readonly string[];
  readonly development: readonly string[];
}

const belowServer = ['interface', 'quorum', 'linearizability', 'core', 'adapter', 'runtime', 'simulator', 'conformance'];
const belowTools = [...belowServer, 'server', 'service'];

/** The level rule (in words of the layers in the README). The tags of turbo.json carry the same names. */
export const kinds: Readonly<Record<string, Kind>> = {
  interface: { runtime: [], development: [] },
  quorum: { runtime: [], development: [] },
  linearizability: { runtime: [], development: [] },
  core: { runtime: ['interface', 'quorum'], development: ['conformance', 'core-tooling'] },
  links: { runtime: ['interface'], development: [] },
  adapter: { runtime: ['interface', 'links'], development: ['conformance', 'link-tooling'] },
  runtime: { runtime: ['interface'], development: [] },
  simulator: { runtime: ['interface', 'runtime'], development: [] },
  conformance: { runtime: ['interface', 'linearizability', 'simulator'], development: [] },
  server: { runtime: belowServer, development: [] },
  service: { runtime: [...belowServer, 'server'], development: ['tooling'] },
  tool: { runtime: belowTools, development: ['tooling'] },
  'link-tooling': { runtime: ['interface', 'links', 'conformance'], development: [] },
  'core-tooling': { runtime: ['interface', 'core-tooling'], development: [] },
  tooling: { runtime: [...belowTools, 'tool', 'core-tooling', 'tooling'], development: [] },
};

const kindOfFolder: Readonly<Record<string, string>> = {
  'packages/interface': 'interface',
  'packages/quorum': 'quorum',
  'packages/linearizability': 'linearizability',
  'packages/raft': 'core',
  'packages/multi-paxos': 'core',
  'packages/zab': 'core',
  'packages/links': 'links',
  'packages/failure-detector': 'adapter',
  'packages/codec-protobuf': 'adapter',
  'packages/replica': 'runtime',
  'packages/client': 'runtime',
  'packages/simulator': 'simulator',
  'packages/conformance': 'conformance',
  'packages/server': 'server',
  'apps/kv': 'service',
  'apps/lock': 'service',
  'apps/sim': 'tool',
  'apps/bench': 'tool',
  'apps/visualiser': 'tool',
  'tooling/datadriven': 'core-tooling',
  'tooling/core-testing': 'core-tooling',
  'tooling/link-testing': 'link-tooling',
};

/** The kind of the package in a folder, or undefined where nobody has decided it yet. */
export function kindOf(folder: string): string | undefined {
  if (/^packages\/(transport|storage)-/.test(folder)) return 'adapter';
  return kindOfFolder[folder] ?? (folder.startsWith('tooling/') ? 'tooling' : undefined);
}

/**
 * The files of pure packages that meet the world: `node` is the one that binds the package to Node, `promises` the façade
 * that makes promises of callbacks and is pure otherwise.
 */
export const bindingFiles: Readonly<Record<string, 'node' | 'promises'>> = {
  'packages/storage-file/src/node-disk.ts': 'node',
  'packages/transport-tcp/src/node-network.ts': 'node',
  'packages/transport-zeromq/src/zmq-sockets.ts': 'node',
  'packages/replica/src/replica-facade.ts': 'promises',
  'packages/client/src/client.ts': 'promises',
};

/** Folders of pure sources whose contract is a promise: the cases of a conformance suite, which any test runner awaits. */
const promisingFolders: readonly string[] = ['packages/conformance/src/'];

/** Whether a pure file may make and await promises. */
export function mayPromise(path: string): boolean {
  return bindingFiles[path] === 'promises' || promisingFolders.some((folder) => path.startsWith(folder));
}

/** State machines, and what the bench computes and renders: a page, and equal results for equal seeds, need no Node. */
const pureAppFolders = /^apps\/(?:[^/]+\/src\/(?:store|machine)|bench\/src\/(?:report|result|simulated|statistics))\//;

/** Whether a file belongs to code that must not know time, chance or Node. */
export function isPure(path: string): boolean {
  if (bindingFiles[path] === 'node') return false;
  const folder = packageFolder(path);
  if (folder === undefined || !path.startsWith(`${folder}/src/`)) return false;
  if (folder === 'packages/server') return false;
  return folder.startsWith('packages/') || pureAppFolders.test(path);
}
