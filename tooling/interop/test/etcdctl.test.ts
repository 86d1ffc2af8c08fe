import { fileURLToPath } from 'node:url';
import {
  etcdctl,
  type EtcdctlResult,
  type EtcdServer,
  hasProgram,
  type MemberCluster,
  startCluster,
  startEtcd,
} from '@quorate/processes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withoutIdentity, withoutPlace } from './fixtures/normal.ts';

const program = fileURLToPath(new URL('../../../apps/kv/bin/quorate-kv.mjs', import.meta.url));

interface Step {
  readonly args: readonly string[];
  readonly input?: string;
}

const put = (key: string, value: string): Step => ({ args: ['put', key, value] });

/** One story, told to both systems; the whole of what etcdctl prints must agree after every line. */
const story: readonly Step[] = [
  put('a', '1'),
  put('a', '2'),
  put('b/1', 'x'),
  put('b/2', 'y'),
  put('b/3', ''),
  put('__proto__', 'plain'),
  { args: ['get', 'a'] },
  { args: ['get', 'a', '-w', 'json'] },
  { args: ['get', 'b/', '--prefix', '-w', 'json'] },
  { args: ['get', 'b/', '--prefix', '--keys-only'] },
  { args: ['get', 'b/', '--prefix', '--limit', '2', '-w', 'json'] },
  { args: ['get', 'a', '--rev', '2', '-w', 'json'] },
  { args: ['get', 'a', '--rev', '99'] },
  { args: ['get', '', '--from-key', '--sort-by', 'MODIFY', '--order', 'DESCEND', '-w', 'json'] },
  { args: ['get', 'a', 'b0', '-w', 'json'] },
  { args: ['get', '__proto__'] },
  { args: ['get', 'missing', '-w', 'json'] },
  { args: ['put', 'a', '3', '--prev-kv', '-w', 'json'] },
  { args: ['put', 'new', '--ignore-value'] },
  { args: ['put', '', 'no key'] },
  { args: ['del', 'b/2', '--prev-kv', '-w', 'json'] },
  { args: ['del', 'b/2'] },
  { args: ['del', 'b/', '--prefix', '--prev-kv'] },
  { args: ['txn', '-i'], input: 'value("a") = "3"\n\nput a "4"\nget a\n\nput a "5"\n\n' },
  { args: ['txn', '-i', '-w', 'json'], input: 'mod("a") < "2"\n\nput a "never"\n\nget a\ndel c\n\n' },
  { args: ['txn', '-i'], input: 'ver("absent") = "0"\n\nput absent "now here"\n\n\n' },
  { args: ['txn', '-i'], input: '\n\nput twice "1"\nput twice "2"\n\n\n' },
  { args: ['get', 'a', '-w', 'json'] },
  { args: ['compaction', '5'] },
  { args: ['compaction', '5'] },
  { args: ['compaction', '1000'] },
  { args: ['get', 'a', '--rev', '3'] },
  { args: ['get', 'a', '--rev', '5', '-w', 'json'] },
];

// CI installs both, so that there their absence is an error.
const hasEtcd = hasProgram('etcd');
const installed = hasProgram('etcdctl') || process.env['CI'] === 'true';
const skipReason = 'etcdctl is not installed (Debian package etcd-client)';

describe.skipIf(!installed)(`stock etcdctl${installed ? '' : ` — skipped: ${skipReason}`}`, () => {
  let cluster: MemberCluster;
  let etcd: EtcdServer | undefined;

  beforeAll(async () => {
    [cluster, etcd] = await Promise.all([startCluster({ program, size: 3 }), hasEtcd ? startEtcd() : undefined]);
    await cluster.untilHealthy();
  }, 60_000);
  afterAll(() => Promise.all([cluster.close(), etcd?.close()]));

  const told = async (step: Step, endpoints: readonly string[]): Promise<EtcdctlResult> => {
    const result = await etcdctl(step.args, { endpoints, ...(step.input === undefined ? {} : { input: step.input }) });
    return { ...result, stdout: withoutIdentity(result.stdout), stderr: withoutPlace(result.stderr) };
  };

  test.skipIf(!hasEtcd)(
    'prints the same as against etcd, line by line of a story told to each member in turn',
    async () => {
      const reference = etcd?.endpoint ?? '';
      for (const [line, step] of story.entries()) {
        const ours = await told(step, [cluster.endpoints[line % 3] ?? '']);
        const theirs = await told(step, [reference]);
        expect({ line: step.args.join(' '), ...ours }).toEqual({ line: step.args.join(' '), ...theirs });
      }
    },
    60_000,
  );

  test('lists all members with their names and client URLs', async () => {
    const { stdout } = await etcdctl(['member', 'list', '-w', 'json'], { endpoints: cluster.endpoints });
    const { members } = JSON.parse(stdout) as { members: { name: string; clientURLs: string[]; peerURLs: string[] }[] };
    expect(members.map(({ name }) => name).sort()).toEqual(['n1', 'n2', 'n3']);
    expect(members.flatMap(({ clientURLs }) => clientURLs).sort()).toEqual([...cluster.endpoints].sort());
  });

  test('finds every endpoint healthy and exactly one leader', async () => {
    const health = await etcdctl(['endpoint', 'health'], { endpoints: cluster.endpoints });
    expect(health.code, health.stderr).toBe(0);
    const { stdout } = await etcdctl(['endpoint', 'status', '-w', 'json'], { endpoints: cluster.endpoints });
    const states = JSON.parse(stdout) as { Status: { leader: number; header: { member_id: number } } }[];
    expect(states).toHaveLength(3);
    expect(new Set(states.map(({ Status }) => Status.leader)).size).toBe(1);
    expect(states.filter(({ Status }) => Status.leader === Status.header.member_id)).toHaveLength(1);
    const table = await etcdctl(['endpoint', 'status', '-w', 'table'], { endpoints: cluster.endpoints });
    expect(table.stdout).toContain('RAFT APPLIED INDEX');
  });

  test('answers a value over the limit with the text of etcd', async () => {
    const { stderr, code } = await etcdctl(['put', 'big'], { endpoints: cluster.endpoints, input: 'v'.repeat(1_600_000) });
    expect(code).not.toBe(0);
    expect(stderr).toContain('etcdserver: request is too large');
  });

  test('keeps every answered write when the leader is killed in between', async () => {
    const victim = await cluster.leaderPlace();
    const { endpoints } = cluster;
    for (let i = 0; i < 10; i++) expect((await etcdctl(['put', `kill/${i}`, `before ${i}`], { endpoints })).stdout).toBe('OK\n');
    expect(await cluster.end(victim, 'SIGKILL')).toBe('SIGKILL');
    const survivors = endpoints.filter((_, place) => place !== victim);
    const after = await etcdctl(['put', 'kill/after', 'written without the old leader'], { endpoints: survivors });
    expect(after.stdout, after.stderr).toBe('OK\n');
    await cluster.restart(victim);
    for (const endpoint of endpoints) {
      const { stdout } = await etcdctl(['get', 'kill/', '--prefix', '--print-value-only'], { endpoints: [endpoint] });
      const expected = [...Array.from({ length: 10 }, (_, i) => `before ${i}`), 'written without the old leader'];
      expect(stdout.trimEnd().split('\n').sort()).toEqual(expected.sort());
    }
  }, 60_000);

  test('ends with code 0 on SIGTERM, hands leadership over, and comes back', async () => {
    const leader = await cluster.leaderPlace();
    expect(await cluster.end(leader, 'SIGTERM')).toBe('exit code 0');
    const survivors = cluster.endpoints.filter((_, place) => place !== leader);
    const { stdout, stderr } = await etcdctl(['put', 'term', 'x'], { endpoints: survivors });
    expect(stdout, stderr).toBe('OK\n');
    await cluster.restart(leader);
    expect((await etcdctl(['get', 'term', '--print-value-only'], { endpoints: cluster.endpoints })).stdout).toBe('x\n');
  }, 60_000);
});
