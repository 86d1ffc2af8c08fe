import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

/**
 * The suites that may kill a mutation. A suite has
 *   name      what the catalogue calls it;
 *   folder    where its command runs, from the root of the tree;
 *   wide      true: it looks at whole members, and is tried last on whatever the named suites let live;
 *   command   the arguments of Node for some of its files, or for all but some;
 *   verdict   what one run says: `passed`, `failed`, or `broken` where the tests could not even be loaded, and about what.
 * A later suite (a simulator that runs a number of seeds, say) is one more line here.
 */
export const suites = [
  ...['quorum', 'raft', 'multi-paxos', 'zab', 'replica', 'client', 'codec-protobuf', 'storage-file', 'storage-memory'].map(
    (name) => vitestSuite({ name, folder: `packages/${name}` }),
  ),
  ...['links', 'transport-tcp', 'transport-zeromq', 'transport-memory', 'interface', 'failure-detector', 'linearizability'].map(
    (name) => vitestSuite({ name, folder: `packages/${name}` }),
  ),
  // Without the tests that start processes: those need a build.
  vitestSuite({
    name: 'kv-store',
    folder: 'apps/kv',
    files: ['store-model', 'snapshot', 'compaction', 'key-tree', 'mvcc-store', 'wire'].map((file) => `test/${file}.test.ts`),
  }),
  vitestSuite({
    name: 'lock-machine',
    folder: 'apps/lock',
    files: [
      'conformance',
      'deaths-and-bounds',
      'duties',
      'lock-model',
      'locks',
      'semaphores-and-elections',
      'sessions',
      'snapshot',
      'tokens-and-requests',
    ].map((file) => `test/${file}.test.ts`),
  }),
  vitestSuite({
    name: 'lock-door',
    folder: 'apps/lock',
    files: ['bad-input', 'client', 'long-poll', 'open-api'].map((file) => `test/${file}.test.ts`),
  }),
  // What the simulator judges locks by; its seeds need a build.
  vitestSuite({ name: 'sim-lock', folder: 'apps/sim', files: ['test/lock-replay.test.ts'] }),
  vitestSuite({ name: 'matrix', folder: 'tooling/integration', files: ['test/matrix.test.ts'], wide: true }),
];

/**
 * Some files of a suite, or all; `workers`: how many of them at the same time.
 * @typedef {{ only?: readonly string[], except?: readonly string[], workers: number }} Part
 */

/**
 * Tests under vitest. `files`: only those; without it, all of the folder.
 * @param {{ name: string, folder: string, files?: readonly string[], wide?: boolean }} suite
 */
export function vitestSuite({ name, folder, files, wide = false }) {
  const report = join('.cache', 'mutation.json');
  return {
    name,
    folder,
    wide,
    /** @param {Part} part */
    command({ only, except = [], workers }) {
      const chosen = (only ?? files ?? []).filter((file) => !except.includes(file));
      const excluded = files === undefined ? except.flatMap((file) => ['--exclude', file]) : [];
      return [
        join('..', '..', 'node_modules', 'vitest', 'vitest.mjs'),
        'run',
        '--config',
        join('..', '..', 'tooling', 'vitest', 'package.config.ts'),
        '--bail=1',
        `--maxWorkers=${workers}`,
        '--reporter=json',
        `--outputFile.json=${report}`,
        ...chosen,
        ...excluded,
      ];
    },
    before: (tree) => rmSync(join(tree, folder, report), { force: true }),
    verdict(tree, { code, output }) {
      const path = join(tree, folder, report);
      return readReport(code, existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined, output);
    },
  };
}

/** Any program of Node: exit code 0 passes, everything else fails, and its last line says why. Its files cannot be chosen. */
export function programSuite({ name, folder, args, wide = false }) {
  return {
    name,
    folder,
    wide,
    command: () => args,
    before: () => undefined,
    verdict: (_tree, { code, output }) => ({ verdict: code === 0 ? 'passed' : 'failed', about: lastLine(output) }),
  };
}

/** What a report of vitest says of a run that ended with `code`. */
export function readReport(code, report, output) {
  if (report === undefined) return { verdict: 'broken', about: lastLine(output) };
  for (const file of report.testResults) {
    const failed = file.assertionResults.find(({ status }) => status === 'failed');
    if (failed !== undefined) return { verdict: 'failed', about: `${baseName(file.name)} › ${failed.fullName}` };
  }
  // A file without tests that failed did not load: a mutation that only breaks the syntax shows nothing about the tests.
  const unloaded = report.testResults.find((file) => file.status === 'failed' && file.assertionResults.length === 0);
  if (unloaded !== undefined) return { verdict: 'broken', about: `${baseName(unloaded.name)}: ${firstLine(unloaded.message)}` };
  if (code !== 0) return { verdict: 'failed', about: 'an error outside of the tests' };
  return { verdict: report.numPassedTests > 0 ? 'passed' : 'broken', about: 'no test ran' };
}

/** The environment of every run: nothing is written next to golden files, and no colours. */
export function suiteEnvironment() {
  return { ...process.env, CI: 'true', NO_COLOR: '1', FORCE_COLOR: '0' };
}

function baseName(path) {
  return path.split(/[\\/]/).at(-1);
}

function firstLine(text) {
  return (text ?? '').split('\n')[0];
}

function lastLine(text) {
  return text.trim().split('\n').at(-1) ?? '';
}
