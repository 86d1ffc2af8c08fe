import type { EtcdConnection } from '@quorate/processes';
import { expectationOf, type KeyRecord, mayRead } from './key-record.ts';
import type { ProgressBar } from './progress-bar.ts';

const readMs = 10_000;
const pollMs = 20;

/**
 * Reads every key from every member by a linearizable read, then waits until each member's own copy has come as far as the newest.
 * Returns what nothing in the history explains.
 */
export async function verifyEverywhere(
  connections: readonly EtcdConnection[],
  keys: readonly KeyRecord[],
  bar: ProgressBar,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const revisions: number[] = [];
  for (const [place, connection] of connections.entries()) {
    bar.update(place / connections.length, `member ${place + 1} of ${connections.length}`);
    const { kvs, revision } = await connection.getPrefix('demo/', { serializable: false, timeoutMs: readMs });
    revisions.push(revision);
    for (const record of keys) {
      const value = kvs.get(record.key);
      if (!mayRead(record, value)) {
        problems.push(`member ${place + 1} holds ${value ?? 'nothing'} at ${record.key}, expected ${expectationOf(record)}`);
      }
    }
  }
  const newest = Math.max(...revisions);
  for (const [place, connection] of connections.entries()) await untilRevision(connection, { newest, place });
  return problems;
}

async function untilRevision(connection: EtcdConnection, { newest, place }: { newest: number; place: number }): Promise<void> {
  const deadline = performance.now() + readMs;
  for (;;) {
    const { revision } = await connection.getPrefix('demo/none', { serializable: true, timeoutMs: readMs });
    if (revision >= newest) return;
    if (performance.now() > deadline)
      throw new Error(`member ${place + 1} stays at revision ${revision}, others are at ${newest}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
