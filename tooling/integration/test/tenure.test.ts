import { encodeText, type MemberId, type Tenure } from '@quorate/interface';
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

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** A member, what it has committed so far, and its tenure. */
interface Node {
  readonly name: string;
  readonly member: Member;
  readonly committed: string[];
  readonly tenure: () => Tenure | undefined;
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

const linesOf = async ({ member }: Node): Promise<string[]> => {
  const text = new TextDecoder().decode(await member.read(new Uint8Array(0), { timeoutMs: 10_000 }));
  return text === '' ? [] : text.split('\n');
};

/** Three members of Multi-Paxos whose state machine has duties, over a network that can lose frames. */
async function started(isLost: (to: MemberId, word: string) => boolean): Promise<{
  readonly nodes: Node[];
  readonly cut: (a: Node, b: Node) => void;
  readonly heal: (a: Node, b: Node) => void;
}> {
  const network = memoryNetwork({ host, mode: 'serialised' });
  const nodes = await Promise.all(
    names.map(async (name): Promise<Node> => {
      const committed: string[] = [];
      let tenure: Tenure | undefined;
      const member = await openMember({
        name,
        members: Object.fromEntries(names.map((each) => [each, peerUrl(each)])),
        core: watchedCore(multiPaxos({ electionTimeoutMs: 400, heartbeatMs: 40 }), (word) => committed.push(word)),
        stateMachine: { ...appendLog(), duties: (given) => void (tenure = given) },
        transport: losingTransport(network.transport(peerUrl(name)), (to, bytes) => isLost(to, wordIn(bytes))),
        storage: memoryStorage({ host, sync: 'turn' }),
      });
      cleanUps.push(() => member.close());
      return { name, member, committed, tenure: () => tenure };
    }),
  );
  return {
    nodes,
    cut: (a, b) => network.cut(peerUrl(a.name), peerUrl(b.name)),
    heal: (a, b) => network.heal(peerUrl(a.name), peerUrl(b.name)),
  };
}

/**
 * G2: x decides by its clock and reaches nobody, y takes over and has nothing to choose there, y is cut off, and x and z find what x
 * had accepted alone, in a slot above all that y used. It is chosen, as Multi-Paxos must, and it is void.
 */
test('what a deposed leader decided by its clock is chosen later, by Multi-Paxos, and changes nothing', async () => {
  let losing = false;
  const { nodes, cut, heal } = await started((_to, word) => losing && /^(f\d|expire)$/.test(word));
  const inOffice = (among: readonly Node[]): Promise<Node> =>
    until('a tenure', () => among.find((node) => node.tenure() !== undefined && node.member.status().settled));
  const x = await inOffice(nodes);
  await x.member.execute(encodeText('#first#'));
  await until('the first command everywhere', () => nodes.every(({ committed }) => committed.includes('first')));

  losing = true;
  const before = x.member.status().core?.last ?? 0;
  const fillers = ['f1', 'f2', 'f3', 'f4', 'f5', 'f6'];
  const outcomes = fillers.map((word) =>
    x.member.execute(encodeText(`#${word}#`), { timeoutMs: 2_000 }).then(
      () => word,
      () => 'unknown',
    ),
  );
  x.tenure()?.propose(encodeText('#expire#'));
  await until('x’s own votes', () => (x.member.status().core?.last ?? 0) === before + fillers.length + 1);

  const others = nodes.filter((node) => node !== x);
  for (const other of others) {
    cut(x, other);
    cleanUps.push(async () => heal(x, other));
  }
  losing = false;
  const y = await inOffice(others);
  await y.member.execute(encodeText('#renewed#'));
  const z = others.find((node) => node !== y) as Node;
  await until('the renewal at z', () => z.committed.includes('renewed'));

  cut(y, z);
  cleanUps.push(async () => heal(y, z));
  // A leader of Multi-Paxos that is cut off goes on to believe in its tenure; it is told otherwise by the next ballot that it meets.
  heal(x, z);
  await until('the choice of what x decided', () => [x, z].every(({ committed }) => committed.includes('expire')));
  heal(x, y);
  heal(y, z);
  await until('it at y', () => y.committed.includes('expire'));
  for (const node of nodes) {
    expect(node.committed.indexOf('expire')).toBeGreaterThan(node.committed.indexOf('renewed'));
    const lines = await linesOf(node);
    expect(lines).toContain('#renewed#');
    expect(lines).toContain('#f6#');
    expect(lines).not.toContain('#expire#');
    expect(node.member.status().counters.voided).toBe(1);
  }
  await Promise.all(outcomes);
}, 90_000);
