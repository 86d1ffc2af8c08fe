import type { CoreKind } from '@quorate/interface';
import { decodeLockReply, lockCommands, lockQueries, lockStateMachine, type LockEvent } from '@quorate/lock/state-machine';
import { multiPaxos } from '@quorate/multi-paxos';
import { raft } from '@quorate/raft';
import { type Member, nodeHost, openMember } from '@quorate/server';
import { memoryStorage } from '@quorate/storage-memory';
import { memoryNetwork } from '@quorate/transport-memory';
import { zab } from '@quorate/zab';
import { afterEach, describe, expect, test } from 'vitest';

const host = nodeHost();
const names = ['n1', 'n2', 'n3'] as const;
const peerUrl = (name: string): string => `tcp://127.0.0.1:${name.slice(1)}`;
const timing = { electionTimeoutMs: 400, heartbeatMs: 40 };
const ttlMs = 1_500;

const protocols: readonly (readonly [string, () => CoreKind<unknown>])[] = [
  ['raft', () => raft(timing)],
  ['multi-paxos', () => multiPaxos(timing)],
  ['zab', () => zab({ ...timing, finalizeWaitMs: 80 })],
];

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

interface Node {
  readonly member: Member;
  readonly machine: ReturnType<typeof lockStateMachine>;
  readonly events: LockEvent[];
}

async function until<T>(what: string, found: () => T | undefined | false): Promise<T> {
  const end = performance.now() + 20_000;
  for (;;) {
    const result = found();
    if (result !== undefined && result !== false) return result;
    if (performance.now() > end) throw new Error(`20 s were not enough for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function started(core: () => CoreKind<unknown>): Promise<Node[]> {
  const network = memoryNetwork({ host, mode: 'serialised' });
  return Promise.all(
    names.map(async (name): Promise<Node> => {
      const machine = lockStateMachine();
      const events: LockEvent[] = [];
      const member = await openMember({
        name,
        members: Object.fromEntries(names.map((each) => [each, peerUrl(each)])),
        core: core(),
        stateMachine: machine,
        transport: network.transport(peerUrl(name)),
        storage: memoryStorage({ host, sync: 'turn' }),
      });
      member.subscribe((given) => void events.push(...(given as LockEvent[])));
      cleanUps.push(() => member.close());
      return { member, machine, events };
    }),
  );
}

const inOffice = (nodes: readonly Node[]): Promise<Node> =>
  until('a tenure', () => nodes.find(({ member }) => member.status().settled && member.status().tenure > 0));

async function execute({ member }: Node, command: Uint8Array, timeoutMs = 10_000): Promise<ReturnType<typeof decodeLockReply>> {
  return decodeLockReply(await member.execute(command, { timeoutMs }));
}

describe.each(protocols)('sessions over %s', (_name, core) => {
  test('live while they are renewed, over the end of a leader too, and end everywhere alike when they are silent', async () => {
    const nodes = await started(core);
    const leader = await inOffice(nodes);
    const door = nodes.find((node) => node !== leader) as Node;
    const open = async (): Promise<number> => {
      const reply = await execute(door, lockCommands.openSession(ttlMs));
      return reply.kind === 'session-opened' ? reply.session : 0;
    };
    const [silent, renewed] = [await open(), await open()];
    await execute(door, lockCommands.acquire({ session: silent, lock: 'x', request: 1 }));
    expect(await execute(door, lockCommands.acquire({ session: renewed, lock: 'x', request: 1 }))).toMatchObject({
      kind: 'queued',
    });
    const renewing = { on: true };
    const renewals = (async () => {
      while (renewing.on) {
        // One that was refused, or whose fate is unknown, is followed by another one, as every door does.
        await execute(door, lockCommands.keepAlive([renewed]), ttlMs / 5).catch((error: unknown) => {
          if ((error as { readonly outcome?: unknown }).outcome === undefined) throw error;
        });
        await new Promise((resolve) => setTimeout(resolve, ttlMs / 10));
      }
    })();
    cleanUps.push(async () => {
      renewing.on = false;
      await renewals;
    });
    const ended = ({ events }: Node, session: number): boolean =>
      events.some((event) => event.type === 'session-ended' && event.session === session && event.cause === 'expired');
    await until('the end of the silent one', () => nodes.every((node) => ended(node, silent)));
    const grants = ({ events }: Node): number[] =>
      events.flatMap((event) => (event.type === 'granted' && event.lock === 'x' && event.waited ? [event.session] : []));
    for (const node of nodes) expect(grants(node)).toEqual([renewed]);

    await leader.member.close();
    const others = nodes.filter((node) => node !== leader);
    const { tenure } = leader.member.status();
    await until('another tenure', () => others.every(({ member }) => member.status().tenure > tenure));
    expect(others.some((node) => ended(node, renewed))).toBe(false);
    renewing.on = false;
    await renewals;
    await until('the end of the other one', () => others.every((node) => ended(node, renewed)));
    const totals = decodeLockReply(await door.member.read(lockQueries.totals(), { timeoutMs: 10_000 }));
    expect(totals).toMatchObject({ sessions: 0, locks: 0, claims: 0 });
    await until('equal logs', () => others.every(({ member }) => member.status().ordinal === others[0]?.member.status().ordinal));
    expect(new Set(others.map(({ machine }) => machine.stateHash())).size).toBe(1);
  }, 60_000);
});
