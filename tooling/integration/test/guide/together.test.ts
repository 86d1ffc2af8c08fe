import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Member, openMember } from '@quorate/server';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { appendLog } from '../fixtures/append-log.ts';
import { oneFileStorage } from './one-file-storage.ts';
import { PortHub } from './port-hub.ts';
import { portTransport } from './port-transport.ts';
import { primaryBackupCodec } from './primary-backup/json-codec.ts';
import type { PrimaryBackupMessage } from './primary-backup/messages.ts';
import { primaryBackup } from './primary-backup/primary-backup.ts';

const members = { n1: 'port://1', n2: 'port://2', n3: 'port://3' };
const hub = new PortHub();
const open = new Map<string, Member>();
let directory = '';

async function start(name: keyof typeof members): Promise<void> {
  const member = await openMember<PrimaryBackupMessage>({
    name,
    members,
    core: primaryBackup(),
    codec: primaryBackupCodec,
    transport: portTransport({ hub, url: members[name], queueBytes: 1 << 25 }),
    storage: oneFileStorage(join(directory, name)),
    stateMachine: appendLog(),
    snapshotCount: 20,
    limits: { snapshotGrowthBytes: 1 },
  });
  open.set(name, member);
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'quorate-guide-'));
});

afterAll(async () => {
  // The primary last and alone: while it sees a backup it waits for it to take over, which it never will.
  const [primary, ...backups] = [...open.values()].toSorted((a, b) => Number(b.status().ready) - Number(a.status().ready));
  for (const backup of backups) await backup.close();
  await vi.waitFor(() => {
    if (primary?.status().links.length !== 0) throw new Error('the primary never found out that its backups stopped');
  }, 10_000);
  await primary?.close();
  await rm(directory, { recursive: true, force: true });
});

test('the transport, the storage and the protocol of the guide make a cluster', async () => {
  for (const name of ['n1', 'n2', 'n3'] as const) await start(name);
  const expected: string[] = [];
  const execute = async (member: Member, label: string): Promise<void> => {
    for (let i = 0; i < 30; i++) {
      const text = `${label}-${i}`;
      await member.execute(new TextEncoder().encode(text), { timeoutMs: 20_000 });
      expected.push(text);
    }
  };
  // Whoever is asked, the primary orders it.
  for (const [name, member] of open) await execute(member, name);
  const primary = [...open].find(([, member]) => member.status().ready);
  if (primary === undefined) throw new Error('nobody is the primary');
  // One backup is away while the log is compacted, so that it comes back by a snapshot.
  const away = primary[0] === 'n2' ? 'n3' : 'n2';
  await open.get(away)?.close();
  for (let round = 0; round < 3; round++) await execute(primary[1], `without-${round}`);
  await start(away);
  for (const member of open.values()) {
    const text = new TextDecoder().decode(await member.read(new Uint8Array(0), { timeoutMs: 20_000 }));
    expect(text.split('\n')).toEqual(expected);
  }
});
