import { describe, expect, test } from 'vitest';
import { bannedEverywhere, consoleOutsideApps, pureTokens, testHabits } from '../src/banned-tokens.ts';
import { complaints, file } from './sample.ts';

describe('pure files', () => {
  test.each([
    ['const now = Date.now();', 'Date'],
    ['const now = new Date();', 'Date'],
    ['const chance = Math.random();', 'Math.random'],
    ['const delay = -Math.log(draw);', 'Math.log'],
    ['const factor = Math.pow(2, draw);', 'Math.pow'],
    ['setTimeout(run, 1);', 'setTimeout'],
    ['queueMicrotask(run);', 'queueMicrotask'],
    ['const bytes = Buffer.alloc(1);', 'Buffer'],
    ['const text = new TextEncoder();', 'TextEncoder'],
    ['process.exit(1);', 'process'],
    ['console.log(1);', 'console'],
    ['const value = { process };', 'process'],
    ['export interface Door { close(): Promise<void> }', 'Promise'],
    ['export async function go() {}', 'async'],
    ["import { open } from 'node:fs';", '"node:fs"'],
    ["export { open } from 'node:fs';", '"node:fs"'],
  ])('may not say %s', (text, word) => {
    const found = complaints(pureTokens, file('packages/raft/src/raft.ts', text));
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]).toContain(word);
  });

  test.each([
    '// Date.now() is banned here',
    "const text = 'process.exit';",
    'message.process = entry.Date;',
    'const value = { process: 1 };',
    'function run(process: string) { return process; }',
    'const largest = Math.max(1, 2);',
    'const bits = 32 - Math.clz32(bytes - 1);',
    "import type { Host } from '@quorate/interface';",
  ])('may say %s', (text) => {
    expect(complaints(pureTokens, file('packages/raft/src/raft.ts', text))).toEqual([]);
  });

  test('include the promise façade, but for its promises', () => {
    const facade = 'packages/replica/src/replica-facade.ts';
    expect(complaints(pureTokens, file(facade, 'export async function read(): Promise<void> { await submit(); }'))).toEqual([]);
    expect(complaints(pureTokens, file(facade, 'setTimeout(run, 1);'))).toHaveLength(1);
  });

  test('include the cases of the conformance suites, which are promises by contract', () => {
    const suite = 'packages/conformance/src/transport/link-cases.ts';
    expect(complaints(pureTokens, file(suite, 'export async function play(): Promise<void> { await until(); }'))).toEqual([]);
    expect(complaints(pureTokens, file(suite, 'setTimeout(run, 1);'))).toHaveLength(1);
  });

  test('are the packages, and the state machines of the apps', () => {
    const text = 'Date.now();';
    for (const path of ['packages/zab/src/zab.ts', 'packages/replica/src/replica.ts', 'apps/kv/src/store/store.ts']) {
      expect(complaints(pureTokens, file(path, text))).toHaveLength(1);
    }
    for (const path of [
      'packages/server/src/host.ts',
      'packages/storage-file/src/node-disk.ts',
      'apps/kv/src/etcd/door.ts',
      'packages/raft/test/raft.test.ts',
    ]) {
      expect(complaints(pureTokens, file(path, text))).toEqual([]);
    }
  });
});

describe('everywhere', () => {
  test.each([
    ["export * from './a.ts';", 'export *'],
    ['export default 1;', 'default export'],
    ['let a: any;', 'any'],
    ['const a = b as any;', 'any'],
    ['enum Role { Leader }', 'enum'],
  ])('nobody writes %s', (text, word) => {
    expect(complaints(bannedEverywhere, file('apps/kv/test/a.test.ts', text))[0]).toContain(word);
  });

  test("a tool's configuration exports its default", () => {
    expect(complaints(bannedEverywhere, file('tooling/vitest/package.config.ts', 'export default {};'))).toEqual([]);
  });

  test('the server does not print past its logger', () => {
    expect(complaints(consoleOutsideApps, file('packages/server/src/run.ts', "console.error('no');"))).toHaveLength(1);
  });
});

describe('tests', () => {
  test.each([
    ["test('it should work', () => {});", 'should'],
    ["describe('what Should happen', () => {});", 'should'],
    ["test.each([1])('should %s', () => {});", 'should'],
    ["test.only('a', () => {});", 'test.only'],
    ["describe.only('a', () => {});", 'describe.only'],
    ["it.skip('a', () => {});", 'without a reason'],
    ["test.todo('a');", 'without a reason'],
    ["test('a', { retry: 2 }, () => {});", 'retry'],
  ])('may not say %s', (text, word) => {
    expect(complaints(testHabits, file('packages/a/test/a.test.ts', text)).join()).toContain(word);
  });

  test.each([
    "test('rejects an append whose previous term differs (§5.3)', () => {});",
    "// The kernel of this machine has no such call.\ntest.skip('a', () => {});",
    "test.skipIf(missing)('a', () => {});",
    "call('should');",
  ])('may say %s', (text) => {
    expect(complaints(testHabits, file('packages/a/test/a.test.ts', text))).toEqual([]);
  });
});
