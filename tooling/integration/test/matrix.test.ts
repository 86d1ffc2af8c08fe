import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CoreKind, Storage, Transport } from '@quorate/interface';
import { multiPaxos } from '@quorate/multi-paxos';
import { freePorts } from '@quorate/processes';
import { raft } from '@quorate/raft';
import { type Member, nodeHost, openMember } from '@quorate/server';
import { fileStorage, nodeDisk } from '@quorate/storage-file';
import { memoryMedium, memoryStorage } from '@quorate/storage-memory';
import { memoryNetwork } from '@quorate/transport-memory';
import { tcpTransport } from '@quorate/transport-tcp';
import { zeromqTransport } from '@quorate/transport-zeromq';
import { zab } from '@quorate/zab';
import { afterAll, describe, expect, test } from 'vitest';
import { appendLog } from './fixtures/append-log.ts';

const host = nodeHost();
const timing = { electionTimeoutMs: 500, heartbeatMs: 50 };
// A core's messages are its own affair, here as in an assembly by name.
const protocols: Readonly<Record<string, () => CoreKind<unknown>>> = {
  raft: () => raft(timing),
  'multi-paxos': () => multiPaxos(timing),
  zab: () => zab(timing),
};
const transports = ['memory', 'tcp', 'zeromq'] as const;
const storages = ['memory', 'file'] as const;

interface Place {
  readonly protocol: string;
  readonly transport: (typeof transports)[number];
  readonly storage: (typeof storages)[number];
}

/** What a cell needs to start, end and start again any of its members. */
interface Cell {
  readonly transport: (url: string) => Transport;
  readonly storage: (name: string) => Storage;
  readonly members: Readonly<Record<string, string>>;
  /** Carried out at the end, the last one first. */
  readonly cleanUps: (() => Promise<unknown>)[];
}

async function cellOf({ transport, storage }: Place): Promise<Cell> {
  const ports = await freePorts(3);
  const members = Object.fromEntries(ports.map((port, place) => [`n${place + 1}`, `tcp://127.0.0.1:${port}`]));
  const network = memoryNetwork({ host, mode: 'serialised' });
  const media = new Map(Object.keys(members).map((name) => [name, memoryMedium()]));
  const directory = await mkdtemp(join(tmpdir(), 'quorate-matrix-'));
  const inMemory = (name: string): Storage => {
    const medium = media.get(name);
    if (medium === undefined) throw new Error('there is no such member');
    return memoryStorage({ host, medium, sync: 'turn' });
  };
  const transportAt = {
    memory: (url: string): Transport => network.transport(url),
    tcp: (url: string): Transport => tcpTransport({ listen: [url] }),
    zeromq: (url: string): Transport => zeromqTransport({ listen: [url] }),
  };
  return {
    members,
    transport: transportAt[transport],
    storage: (name) =>
      storage === 'memory' ? inMemory(name) : fileStorage({ directory: join(directory, name), disk: nodeDisk(), host }),
    cleanUps: [() => rm(directory, { recursive: true, force: true })],
  };
}

async function start(cell: Cell, name: string, core: CoreKind<unknown>): Promise<Member> {
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
  cell.cleanUps.push(() => member.close());
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

/** Every command once, in one order, on all members, across a restart and with snapshots. */
async function proveCell(cell: Cell, core: () => CoreKind<unknown>): Promise<void> {
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
}

const places: readonly Place[] = Object.keys(protocols).flatMap((protocol) =>
  transports.flatMap((transport) => storages.map((storage) => ({ protocol, transport, storage }))),
);
const proved = new Map<Place, number>();

// Cells share nothing but the event loop.
describe.concurrent('any protocol over any transport with any storage', () => {
  test.each(places)('$protocol over $transport with $storage storage', async (place) => {
    const begin = performance.now();
    const core = protocols[place.protocol];
    if (core === undefined) throw new Error(`there is no protocol ${place.protocol}`);
    const cell = await cellOf(place);
    try {
      await proveCell(cell, core);
      proved.set(place, performance.now() - begin);
    } finally {
      for (const cleanUp of cell.cleanUps.toReversed()) await cleanUp();
    }
  });
});

afterAll(() => {
  const columns = transports.flatMap((transport) => storages.map((storage) => ({ transport, storage })));
  const line = (words: readonly string[]): string =>
    words
      .map((word) => word.padEnd(16))
      .join('')
      .trimEnd();
  const cellText = (place: Place | undefined): string => {
    const ms = place === undefined ? undefined : proved.get(place);
    return ms === undefined ? 'FAILED' : `${(ms / 1000).toFixed(1)} s`;
  };
  const rows = Object.keys(protocols).map((protocol) => {
    const cells = columns.map(({ transport, storage }) =>
      cellText(places.find((one) => one.protocol === protocol && one.transport === transport && one.storage === storage)),
    );
    return line([protocol, ...cells]);
  });
  const heads = line(['', ...columns.map(({ transport, storage }) => `${transport}, ${storage}`)]);
  process.stdout.write(`\n${[heads, ...rows].join('\n')}\n\n`);
});
