import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type MemberCluster, startCluster } from '@quorate/processes';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

const program = fileURLToPath(new URL('../../../apps/kv/bin/quorate-kv.mjs', import.meta.url));
let cluster: MemberCluster;
const written = new Map<string, string>();

// ZAB leans on complete and ordered links more than the other two.
beforeAll(async () => {
  cluster = await startCluster({ program, size: 3, protocol: 'zab', transport: 'zeromq' });
  await cluster.untilHealthy();
}, 60_000);
afterAll(() => cluster.close());

/** Writes through every member, `count` keys each, all at once. */
async function writeSome(label: string, count: number): Promise<void> {
  const puts = cluster.connections.flatMap((connection, place) =>
    Array.from({ length: count }, async (_, i) => {
      const key = `key ${label}-${place}-${i}`;
      await connection.put(key, label, 10_000);
      written.set(key, label);
    }),
  );
  await Promise.all(puts);
}

/** Sends a stranger's bytes to every peer port over plain TCP. */
async function disturb(bytes: Uint8Array): Promise<void> {
  for (const { peerPort } of cluster.plan.members) {
    await new Promise<void>((resolve) => {
      const socket = connect(peerPort, '127.0.0.1', () => void socket.end(bytes));
      socket.resume();
      socket.on('error', () => undefined); // A reset is a way of hanging up; 'close' follows.
      socket.once('close', () => resolve());
    });
  }
}

test('commits through every member', () => writeSome('first', 30), 30_000);

test('goes on whatever strangers send to the peer ports', { timeout: 30_000 }, async () => {
  await disturb(Buffer.from(`GET / HTTP/1.1\r\nHost: here\r\n${'X-Long: header\r\n'.repeat(60)}\r\n`));
  await disturb(Uint8Array.from({ length: 4_096 }, (_, i) => (i * 7_919 + 13) & 0xff));
  await disturb(Uint8Array.of(0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0, ...new Uint8Array(4_000).fill(0x41)));
  await writeSome('disturbed', 5);
  for (const member of cluster.processes) expect(member.hasEnded()).toBe(false);
});

test('loses nothing when the leader is killed and comes back', { timeout: 60_000 }, async () => {
  const leader = await cluster.leaderPlace();
  const before = await cluster.connections[leader]?.status(1_000);
  expect(await cluster.end(leader, 'SIGKILL')).toBe('SIGKILL');
  const survivor = cluster.connections.find((_, place) => place !== leader);
  // What is on its way to a leader that nobody misses yet has an unknown outcome, and is told so after seconds.
  await vi.waitFor(async () => expect([undefined, 0n, before?.memberId]).not.toContain((await survivor?.status(1_000))?.leader), {
    timeout: 20_000,
  });
  await survivor?.put('key without', 'the leader', 20_000);
  written.set('key without', 'the leader');
  await cluster.restart(leader);
  await writeSome('after', 10);
  for (const connection of cluster.connections) {
    const { kvs } = await connection.getPrefix('key ', { serializable: false, timeoutMs: 10_000 });
    expect(new Map(kvs)).toEqual(written);
  }
});

test('stops in order at a signal, at once, with nothing left to wait for', { timeout: 30_000 }, async () => {
  const begin = performance.now();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) expect(await cluster.end(1, signal)).toBe('exit code 0');
  expect(await cluster.end(2, 'SIGTERM')).toBe('exit code 0');
  expect(performance.now() - begin).toBeLessThan(5_000);
  for (const member of cluster.processes) expect(member.lastWords()).not.toContain('WARNING');
});
