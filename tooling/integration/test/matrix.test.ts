import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CoreKind, Storage, Transport } from '@quorate/interface';
import { freePorts } from '@quorate/processes';
import { raft } from '@quorate/raft';
import { type Member, nodeHost, openMember } from '@quorate/server';
import { fileStorage, nodeDisk } from '@quorate/storage-file';
import { memoryMedium, memoryStorage } from '@quorate/storage-memory';
import { memoryNetwork } from '@quorate/transport-memory';
import { tcpTransport } from '@quorate/transport-tcp';
import { zab } from '@quorate/zab';
import { afterEach, describe, expect, test } from 'vitest';
import { appendLog } from './fixtures/append-log.ts';

const host = nodeHost();
const timing = { electionTimeoutMs: 300, heartbeatMs: 50 };
const protocols: Readonly<Record<string, () => CoreKind<never>>> = {
  raft: () => raft(timing) as unknown as CoreKind<never>,
  zab: () => zab(timing) as unknown as CoreKind<never>,
};
const transports = ['memory', 'tcp'] as const;
const storages = ['memory', 'file'] as const;

/** What a cell needs to start, end and start again any of its members. */
interface Cell {
  readonly transport: (url: string) => Transport;
  readonly storage: (name: string) => Storage;
  readonly members: Readonly<Record<string, string>>;
}

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function cellOf(transport: (typeof transports)[number], storage: (typeof storages)[number]): Promise<Cell> {
  const ports = await freePorts(3);
  const members = Object.fromEntries(ports.map((port, place) => [`n${place + 1}`, `tcp://127.0.0.1:${port}`]));
  const network = memoryNetwork({ host, mode: 'serialised' });
  const media = new Map(Object.keys(members).map((name) => [name, memoryMedium()]));
  const directory = await mkdtemp(join(tmpdir(), 'quorate-matrix-'));
  cleanUps.push(() => rm(directory, { recursive: true, force: true }));
  const inMemory = (name: string): Storage => {
    const medium = media.get(name);
    if (medium === undefined) throw new Error('there is no such member');
    return memoryStorage({ host, medium, sync: 'turn' });
  };
  return {
    members,
    transport: (url) => (transport === 'memory' ? network.transport(url) : tcpTransport({ listen: [url] })),
    storage: (name) =>
      storage === 'memory' ? inMemory(name) : fileStorage({ directory: join(directory, name), disk: nodeDisk(), host }),
  };
}

async function start(cell: Cell, name: string, core: CoreKind<never>): Promise<Member> {
  const { members } = cell;
  const member = await openMember({
    name,
    members,
    core,
    stateMachine: appendLog(),
    transport: cell.transport(members[name] ?? ''),
    storage: cell.storage(name),
    snapshotCount: 50,
    limits: { snapshotGrowthBytes: 1 },
  });
  cleanUps.push(() => member.close());
  return member;
}

const linesOf = async (member: Member): Promise<string[]> => {
  const text = new TextDecoder().decode(await member.read(new Uint8Array(0), { timeoutMs: 10_000 }));
  return text === '' ? [] : text.split('\n');
};

/** Every member executes `count` commands at once; resolves when all are answered. */
async function load(members: readonly Member[], { label, count }: { label: string; count: number }): Promise<string[]> {
  const commands = members.flatMap((member, place) =>
    Array.from({ length: count }, (_, i) => ({ member, text: `${label}-${place}-${i}` })),
  );
  await Promise.all(commands.map(({ member, text }) => member.execute(new TextEncoder().encode(text), { timeoutMs: 10_000 })));
  return commands.map(({ text }) => text);
}

for (const [protocol, core] of Object.entries(protocols)) {
  describe.each(transports)(`${protocol} over %s`, (transport) => {
    test.each(storages)(
      'with %s storage: every command once, in one order, on all members, across a restart',
      async (storage) => {
        const cell = await cellOf(transport, storage);
        const first = await Promise.all(Object.keys(cell.members).map((name) => start(cell, name, core())));
        const done = await load(first, { label: 'all', count: 60 });

        const [leaving, ...staying] = first;
        await leaving?.close();
        done.push(...(await load(staying, { label: 'two', count: 60 })));

        const back = await start(cell, 'n1', core());
        const members = [back, ...staying];
        done.push(...(await load(members, { label: 'again', count: 60 })));

        const histories = await Promise.all(members.map(linesOf));
        expect(histories[1]).toEqual(histories[0]);
        expect(histories[2]).toEqual(histories[0]);
        expect([...(histories[0] ?? [])].sort()).toEqual(done.sort());
        expect(members.some((member) => member.status().snapshot.index > 0)).toBe(true);
      },
    );
  });
}
