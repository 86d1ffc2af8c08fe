import { fileURLToPath } from 'node:url';
import { etcdctl, type EtcdctlResult, hasProgram, type MemberCluster, startCluster } from '@quorate/processes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const program = fileURLToPath(new URL('../../../apps/kv/bin/quorate-kv.mjs', import.meta.url));

// CI installs it, so that there its absence is an error.
const installed = hasProgram('etcdctl') || process.env['CI'] === 'true';
const skipReason = 'etcdctl is not installed (Debian package etcd-client)';

describe.skipIf(!installed)(`a session of etcdctl${installed ? '' : ` — skipped: ${skipReason}`}`, () => {
  describe.each(['raft', 'multi-paxos', 'zab'])('on members that run %s', (protocol) => {
    let cluster: MemberCluster;
    beforeAll(async () => {
      cluster = await startCluster({ program, size: 3, protocol });
      await cluster.untilHealthy();
    }, 60_000);
    afterAll(() => cluster.close());

    /** Runs one command against the given endpoints, all of them by default, and demands that it succeeds. */
    const told = async (args: readonly string[], { endpoints = cluster.endpoints, input = '' } = {}): Promise<string> => {
      const result: EtcdctlResult = await etcdctl(args, { endpoints, input });
      expect(result.code, `${args.join(' ')}: ${result.stderr}`).toBe(0);
      return result.stdout;
    };

    test('puts, gets, runs transactions and compacts, at any member', async () => {
      const [first = '', second = '', third = ''] = cluster.endpoints;
      expect(await told(['put', 'a', '1'], { endpoints: [first] })).toBe('OK\n');
      expect(await told(['put', 'a', '2'], { endpoints: [second] })).toBe('OK\n');
      expect(await told(['get', 'a'], { endpoints: [third] })).toBe('a\n2\n');
      const bought = 'value("a") = "2"\n\nput a "3"\nget a\n\nput a "never"\n\n';
      expect(await told(['txn', '-i'], { endpoints: [second], input: bought })).toContain('SUCCESS');
      expect(await told(['get', 'a', '--rev', '3', '--print-value-only'], { endpoints: [first] })).toBe('2\n');
      expect(await told(['compaction', '4'], { endpoints: [third] })).toBe('compacted revision 4\n');
      const gone = await etcdctl(['get', 'a', '--rev', '3'], { endpoints: [first] });
      expect(gone.code).not.toBe(0);
      expect(gone.stderr).toContain('required revision has been compacted');
    });

    test('lists the members, finds all of them healthy, and one leader', async () => {
      const { members } = JSON.parse(await told(['member', 'list', '-w', 'json'])) as { members: { name: string }[] };
      expect(members.map(({ name }) => name).sort()).toEqual(['n1', 'n2', 'n3']);
      await told(['endpoint', 'health']);
      const states = JSON.parse(await told(['endpoint', 'status', '-w', 'json'])) as {
        Status: { leader: number; header: { member_id: number } };
      }[];
      expect(states).toHaveLength(3);
      expect(new Set(states.map(({ Status }) => Status.leader)).size).toBe(1);
      expect(states.filter(({ Status }) => Status.leader === Status.header.member_id)).toHaveLength(1);
    });

    test('keeps every answered write over kill -9 of the leader', async () => {
      for (let i = 0; i < 5; i++) expect(await told(['put', `kill/${i}`, `before ${i}`])).toBe('OK\n');
      const victim = await cluster.leaderPlace();
      expect(await cluster.end(victim, 'SIGKILL')).toBe('SIGKILL');
      const survivors = cluster.endpoints.filter((_, place) => place !== victim);
      expect(await told(['put', 'kill/after', 'without the old leader'], { endpoints: survivors })).toBe('OK\n');
      expect(survivors[await leaderAmong(survivors)]).toBeDefined();
      await cluster.restart(victim);
      const expected = [...Array.from({ length: 5 }, (_, i) => `before ${i}`), 'without the old leader'];
      for (const endpoint of cluster.endpoints) {
        const values = await told(['get', 'kill/', '--prefix', '--print-value-only'], { endpoints: [endpoint] });
        expect(values.trimEnd().split('\n').sort()).toEqual(expected.toSorted());
      }
    }, 60_000);

    /** The place of the leader, as the survivors see it. */
    const leaderAmong = async (endpoints: readonly string[]): Promise<number> => {
      const states = JSON.parse(await told(['endpoint', 'status', '-w', 'json'], { endpoints: [...endpoints] })) as {
        Status: { leader: number; header: { member_id: number } };
      }[];
      return states.findIndex(({ Status }) => Status.leader === Status.header.member_id);
    };

    test('hands leadership over on SIGTERM and ends with code 0', async () => {
      const leader = await cluster.leaderPlace();
      expect(await cluster.end(leader, 'SIGTERM')).toBe('exit code 0');
      const survivors = cluster.endpoints.filter((_, place) => place !== leader);
      expect(await told(['put', 'term', 'x'], { endpoints: survivors })).toBe('OK\n');
      await cluster.restart(leader);
      expect(await told(['get', 'term', '--print-value-only'])).toBe('x\n');
    }, 60_000);
  });
});
