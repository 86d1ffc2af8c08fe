import { fileURLToPath } from 'node:url';
import { etcdctl, type EtcdServer, hasProgram, type MemberCluster, startCluster, startEtcd } from '@quorate/processes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lastLine, normal, shape } from './fixtures/normal.ts';

const program = fileURLToPath(new URL('../../../apps/kv/bin/quorate-kv.mjs', import.meta.url));

// Skipped where Debian's etcd-client or etcd-server is missing: there is nothing to compare with.
const comparable = hasProgram('etcdctl') && hasProgram('etcd');

/** One run: the words, and what is typed. */
type Run = readonly string[] | { readonly words: readonly string[]; readonly input: string };

const txn = (input: string): Run => ({ words: ['txn', '-i', '-w', 'json'], input });

// Revisions run on from story to story, as both stores start empty.
const stories: Readonly<Record<string, readonly Run[]>> = {
  'put and get': [
    ['put', 'a', '1', '-w', 'json'],
    ['put', 'a', '2', '--prev-kv', '-w', 'json'],
    ['put', 'b', '', '-w', 'json'],
    ['put', 'a', '--ignore-value', '-w', 'json'],
    ['put', 'none', '--ignore-value', '-w', 'json'],
    ['put', 'x', '1', '--lease', '1234', '-w', 'json'],
    ['put', '', 'x'],
    ['get', 'a'],
    ['get', 'a', '-w', 'fields'],
    ['get', 'a', '-w', 'json'],
    ['get', 'a', '--rev', '2', '-w', 'json'],
    ['get', 'a', '--rev', '99'],
    ['get', 'missing', '-w', 'json'],
    ['get', '', '--prefix', '--keys-only'],
  ],
  ranges: [
    ['put', 'k1', 'z'],
    ['put', 'k2', 'y'],
    ['put', 'k3', 'x'],
    ['put', 'k2', 'w'],
    ['put', '__proto__', 'p'],
    ['get', 'k', '--prefix', '-w', 'json'],
    ['get', 'k', '--prefix', '--limit', '2', '-w', 'json'],
    ['get', 'k', '--prefix', '--limit', '-2', '-w', 'json'],
    ['get', 'k', '--prefix', '--keys-only', '-w', 'json'],
    ['get', 'k2', '--from-key', '-w', 'json'],
    ['get', 'k1', 'k3', '-w', 'json'],
    ['get', 'k3', 'k1', '-w', 'json'],
    ['get', 'k', '--prefix', '--order', 'DESCEND', '-w', 'json'],
    ['get', 'k', '--prefix', '--order', 'DESCEND', '--limit', '1', '-w', 'json'],
    ...['CREATE', 'KEY', 'MODIFY', 'VALUE', 'VERSION'].flatMap((target) => [
      ['get', 'k', '--prefix', '--sort-by', target, '--order', 'ASCEND', '--limit', '2', '-w', 'json'],
      ['get', 'k', '--prefix', '--sort-by', target, '--order', 'DESCEND', '-w', 'json'],
      ['get', 'k', '--prefix', '--sort-by', target, '-w', 'json'],
    ]),
    ['get', '', '--from-key', '--consistency', 's', '-w', 'json'],
  ],
  deletes: [
    ['del', 'k1', '--prev-kv', '-w', 'json'],
    ['del', 'k1', '-w', 'json'],
    ['del', 'k', '--prefix', '--prev-kv', '-w', 'json'],
    ['put', 'k1', 'again', '-w', 'json'],
    ['get', 'k1', '-w', 'json'],
    ['del', 'z', 'a', '-w', 'json'],
    ['del', '--from-key', 'k1'],
  ],
  txns: [
    txn('create("t") = "0"\n\nput t first\nget t\n\nget t\n\n'),
    txn('create("t") = "0"\n\nput t second\n\nget t\nget t\n\n'),
    txn('value("t") = "first"\nversion("t") > "0"\nmod("t") < "1000"\n\ndel t\nput u 1\nget u\n\nput v 1\n\n'),
    txn('value("missing") != "x"\n\nput w then\n\nput w else\n\n'),
    txn('\nput w 1\nput w 2\n\n\n'),
    txn('\nput w 1\ndel w\n\n\n'),
    txn('\nput w9 1\ndel w w99\n\n\n'),
    txn('\nput zz 1\ndel w --from-key\n\n\n'),
    txn('\nget w --rev=9999\n\n\n'),
    txn('\n\n\n'),
    ['get', '', '--from-key', '-w', 'json'],
    { words: ['txn', '-i', '-w', 'json'], input: `\n${Array.from({ length: 129 }, (_, i) => `put many${i} x\n`).join('')}\n\n` },
  ],
  compaction: [
    ['compaction', '9999'],
    ['compaction', '12', '-w', 'json'],
    ['compaction', '12'],
    ['compaction', '--physical', '14'],
    ['get', 'a', '--rev', '13'],
    ['get', 'a', '--rev', '14', '-w', 'json'],
    ['compaction', '-w', 'json', '--', '-3'],
  ],
  'the rest': [
    ['alarm', 'list'],
    ['alarm', 'disarm'],
    ['member', 'list', '-w', 'json'],
    ['endpoint', 'health'],
    ['endpoint', 'status', '-w', 'json'],
    ['put', 'big', 'x'.repeat(100_000), '-w', 'json'],
    ['get', 'big', '-w', 'json'],
  ],
};

// One member: the same answers come from every member of three, which the other story tells.
describe.runIf(comparable)('stock etcdctl sees no difference to etcd 3.4', () => {
  let etcd: EtcdServer;
  let cluster: MemberCluster;

  beforeAll(async () => {
    [etcd, cluster] = await Promise.all([startEtcd(), startCluster({ program, size: 1 })]);
    await cluster.untilHealthy();
  });
  afterAll(() => Promise.all([etcd.close(), cluster.close()]));

  /** Says the same to both. */
  const both = (words: readonly string[], input: string, place: (url: string) => string = hostOf) =>
    Promise.all([etcd.endpoint, ...cluster.endpoints].map((url) => etcdctl(words, { endpoints: [place(url)], input })));

  test.each(Object.keys(stories))('%s', { timeout: 60_000 }, async (name) => {
    for (const each of stories[name] ?? []) {
      const { words, input } = 'words' in each ? each : { words: each, input: '' };
      const [theirs, ours] = (await both(words, input)).map(normal);
      expect(ours, words.join(' ').slice(0, 200)).toEqual(theirs);
    }
  });

  // With these etcdctl 3.4 sends the URL as the authority of some calls.
  test.each([
    ['endpoint', 'status', '-w', 'json'],
    ['endpoint', 'health'],
    ['put', 'url', '1'],
    ['get', 'url'],
    ['member', 'list'],
  ])('endpoints that are URLs: %s %s', async (...words) => {
    const [theirs, ours] = (await both(words, '', (url) => url)).map(shape);
    expect(ours).toMatchObject({ code: 0 });
    expect(ours).toEqual(theirs);
  });

  test('a value of 1.6 MiB, which is too large for both', async () => {
    const errors = (await both(['put', 'huge'], 'x'.repeat(1_677_722))).map(({ stderr }) => lastLine(stderr));
    expect(errors).toEqual(Array.from({ length: 2 }, () => 'Error: etcdserver: request is too large'));
  });
});

function hostOf(url: string): string {
  return new URL(url).host;
}
