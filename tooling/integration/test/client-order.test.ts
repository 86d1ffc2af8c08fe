import { type Client, createClient } from '@quorate/client';
import { runtimeCodec } from '@quorate/codec-protobuf';
import { encodeText, type MemberId } from '@quorate/interface';
import { multiPaxos } from '@quorate/multi-paxos';
import { type Member, nodeHost, openMember } from '@quorate/server';
import { memoryStorage } from '@quorate/storage-memory';
import { memoryNetwork } from '@quorate/transport-memory';
import { afterEach, expect, test } from 'vitest';
import { appendLog } from './fixtures/append-log.ts';
import { losingTransport } from './fixtures/losing-transport.ts';
import { watchedCore, wordIn } from './fixtures/watched-core.ts';

const host = nodeHost();
const names = ['n1', 'n2', 'n3'] as const;
const peerUrl = (name: string): string => `tcp://127.0.0.1:${name.slice(1)}`;
const doorUrl = (name: string): string => `tcp://127.0.0.2:${name.slice(1)}`;

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** A member, and what it has committed so far. */
interface Node {
  readonly name: string;
  readonly member: Member;
  readonly committed: string[];
  readonly id: MemberId;
}

/** What the network does to frames with a word in them. */
interface Weather {
  isLost: (to: MemberId, word: string) => boolean;
  readonly lost: { readonly to: MemberId; readonly word: string }[];
}

async function until<T>(what: string, found: () => T | undefined): Promise<T> {
  const end = performance.now() + 20_000;
  for (;;) {
    const result = found();
    if (result !== undefined) return result;
    if (performance.now() > end) throw new Error(`20 s were not enough for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const linesOf = async (member: Member): Promise<string[]> => {
  const text = new TextDecoder().decode(await member.read(new Uint8Array(0), { timeoutMs: 10_000 }));
  return text === '' ? [] : text.split('\n');
};

/** Three members of Multi-Paxos, the first of which is the leader, over a network that can lose frames. */
async function started(weather: Weather): Promise<{ nodes: Node[]; network: ReturnType<typeof memoryNetwork> }> {
  const network = memoryNetwork({ host, mode: 'serialised' });
  const nodes = await Promise.all(
    names.map(async (name): Promise<Node> => {
      const committed: string[] = [];
      const transport = losingTransport(network.transport(peerUrl(name)), (to, bytes) => {
        const word = wordIn(bytes);
        const isLost = word !== 'other' && weather.isLost(to, word);
        if (isLost) weather.lost.push({ to, word });
        return isLost;
      });
      const member = await openMember({
        name,
        members: Object.fromEntries(names.map((each) => [each, peerUrl(each)])),
        core: watchedCore(multiPaxos({ electionTimeoutMs: 400, heartbeatMs: 40 }), (word) => committed.push(word)),
        stateMachine: appendLog(),
        transport,
        clientTransport: network.transport(doorUrl(name)),
        storage: memoryStorage({ host, sync: 'turn' }),
      });
      cleanUps.push(() => member.close());
      return { name, member, committed, id: member.status().identity?.member ?? 0 };
    }),
  );
  await until('a settled leader', () => nodes.find(({ member }) => member.status().settled));
  return { nodes: nodes.toSorted((a, b) => Number(b.member.status().ready) - Number(a.member.status().ready)), network };
}

function clientOf(nodes: readonly Node[], network: ReturnType<typeof memoryNetwork>, sessions: boolean): Client {
  const client = createClient({
    endpoints: nodes.map(({ name }) => doorUrl(name)),
    transport: network.transport(),
    host,
    codec: runtimeCodec,
    sessions,
    stallMs: 1000,
    timeoutMs: sessions ? 15_000 : 2000,
  });
  cleanUps.push(() => client.close());
  return client;
}

function cut(network: ReturnType<typeof memoryNetwork>, one: Node, other: Node): void {
  network.cut(peerUrl(one.name), peerUrl(other.name));
  // A member alone takes its time to stop: it has work that it cannot finish.
  cleanUps.push(async () => network.heal(peerUrl(one.name), peerUrl(other.name)));
}

/**
 * G1: the client pipelines A and B at x. A reaches nobody, B reaches y alone, x is cut off, and y and z go on: B is chosen, as x and y
 * have accepted it, and A is not.
 */
async function tellG1(sessions: boolean): Promise<{ y: Node; z: Node; outcomes: Promise<string[]> }> {
  const weather: Weather = { isLost: () => false, lost: [] };
  const { nodes, network } = await started(weather);
  const [x, y, z] = nodes;
  if (x === undefined || y === undefined || z === undefined) throw new Error('there are three members');
  const client = clientOf([x, y, z], network, sessions);
  await client.execute(encodeText('#first#'));
  await until('the first command everywhere', () =>
    nodes.every(({ committed }) => committed.includes('first')) ? true : undefined,
  );

  weather.isLost = (to, word) => word === 'A' || (word === 'B' && to === z.id);
  const outcome = (word: string): Promise<string> =>
    client.execute(encodeText(`#${word}#`)).then(
      () => 'applied',
      () => 'unknown',
    );
  const first = outcome('A');
  await until('A on its way', () => ([y, z].every(({ id }) => weather.lost.some((one) => one.to === id)) ? true : undefined));
  const second = outcome('B');
  const lastOf = ({ member }: Node): number => member.status().core?.last ?? 0;
  const before = lastOf(z);
  await until('the vote of y for B, above a hole', () => (lastOf(y) === before + 2 ? true : undefined));
  for (const other of [y, z]) cut(network, x, other);
  weather.isLost = () => false;
  await until('B chosen', () => (y.committed.includes('B') && z.committed.includes('B') ? true : undefined));
  return { y, z, outcomes: Promise.all([first, second]) };
}

test('a session that pipelines A and B is applied in this order, although Multi-Paxos chose B without A (G1)', async () => {
  const { y, z, outcomes } = await tellG1(true);
  expect(await outcomes).toEqual(['applied', 'applied']);
  for (const { member, committed } of [y, z]) {
    // B came first, behind a hole that was filled, and was refused at apply; both were sent again.
    expect(committed.slice(committed.indexOf('first') + 1, committed.indexOf('B') + 1)).toEqual(['noop', 'B']);
    expect(committed.indexOf('A')).toBeGreaterThan(committed.indexOf('B'));
    expect(committed.lastIndexOf('B')).toBeGreaterThan(committed.indexOf('A'));
    expect(await linesOf(member)).toEqual(['#first#', '#A#', '#B#']);
  }
}, 60_000);

test('without a session B is applied and A is not: the session is what keeps the order', async () => {
  const { y, z } = await tellG1(false);
  for (const { member, committed } of [y, z]) {
    expect(committed.slice(committed.indexOf('first') + 1)).toEqual(['noop', 'B']);
    expect(await linesOf(member)).toEqual(['#first#', '#B#']);
  }
}, 60_000);

// M-8 with G2: x alone has votes for another command and for A behind it; y and z choose A in the first of the two slots, as the client
// tries again. Then a leader of x and one of them finds the old vote for A, and proposes it once more.
test('a command that an old vote brings back after it was tried again is chosen again and applied once (G2)', async () => {
  const weather: Weather = { isLost: () => false, lost: [] };
  const { nodes, network } = await started(weather);
  const [x, y, z] = nodes;
  if (x === undefined || y === undefined || z === undefined) throw new Error('there are three members');
  const client = clientOf(nodes, network, true);
  await client.execute(encodeText('#first#'));
  await until('the first command everywhere', () =>
    nodes.every(({ committed }) => committed.includes('first')) ? true : undefined,
  );

  weather.isLost = (_to, word) => word === 'lone' || word === 'A';
  const reachNobody = (word: string): true | undefined =>
    [y, z].every(({ id }) => weather.lost.some((one) => one.to === id && one.word === word)) ? true : undefined;
  const lone = x.member.execute(encodeText('#lone#'), { timeoutMs: 500 }).then(
    () => 'applied',
    () => 'unknown',
  );
  await until('the lone command on its way', () => reachNobody('lone'));
  const outcome = client.execute(encodeText('#A#'));
  await until('A on its way', () => reachNobody('A'));
  for (const other of [y, z]) cut(network, x, other);
  weather.isLost = () => false;
  expect(await lone).toBe('unknown');
  await outcome;
  await until('A on both', () => ([y, z].every(({ committed }) => committed.includes('A')) ? true : undefined));

  // Who leads by now must not hear of the old vote while nothing else is going on: it would close the slot with a no-op (M-2).
  const [leader, other] = y.member.status().ready ? [y, z] : [z, y];
  cut(network, leader, other);
  network.heal(peerUrl(x.name), peerUrl(other.name));
  const timesA = ({ committed }: Node): number => committed.filter((word) => word === 'A').length;
  // x may propose it once more, as it was never answered there.
  await until('A a second time', () => ([x, other].every((node) => timesA(node) >= 2) ? true : undefined));
  for (const { member } of [x, other]) expect(await linesOf(member)).toEqual(['#first#', '#A#']);
}, 60_000);
