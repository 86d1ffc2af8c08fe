import { encodeText } from '@quorate/interface';
import { multiPaxos } from '@quorate/multi-paxos';
import { type Member, nodeHost, openMember } from '@quorate/server';
import { memoryMedium, memoryStorage } from '@quorate/storage-memory';
import { memoryNetwork } from '@quorate/transport-memory';
import { afterEach, expect, test } from 'vitest';
import { appendLog } from './fixtures/append-log.ts';

// M-6 with whole members; packages/multi-paxos/test/pitfalls-above-the-core.test.ts shows what a wiped acceptor would do to the core alone.

const host = nodeHost();
const urls: Readonly<Record<string, string>> = { n1: 'tcp://127.0.0.1:1', n2: 'tcp://127.0.0.1:2', n3: 'tcp://127.0.0.1:3' };
const urlOf = (name: string): string => urls[name] ?? '';
const timeoutMs = 20_000;

const open = new Set<Member>();
afterEach(async () => {
  for (const member of open) await member.close();
  open.clear();
});

async function until(what: string, isSo: () => boolean): Promise<void> {
  await expect.poll(isSo, { message: what, timeout: timeoutMs, interval: 5 }).toBe(true);
}

/** Members of Multi-Paxos on one network, each with a disk that outlives it. */
class Group {
  readonly network = memoryNetwork({ host, mode: 'serialised' });
  /** What members logged as errors. */
  readonly errors: string[] = [];
  private readonly disks = new Map(Object.keys(urls).map((name) => [name, memoryMedium()]));

  async start(name: string): Promise<Member> {
    const medium = this.disks.get(name) ?? memoryMedium();
    const member = await openMember({
      name,
      members: urls,
      core: multiPaxos({ electionTimeoutMs: 400, heartbeatMs: 40 }),
      stateMachine: appendLog(),
      transport: this.network.transport(urlOf(name)),
      storage: memoryStorage({ host, medium, sync: 'turn' }),
      onEvent: (event) => void (event.type === 'log' && event.level === 'error' && this.errors.push(`${name} ${event.text}`)),
    });
    open.add(member);
    return member;
  }

  async stop(member: Member): Promise<void> {
    open.delete(member);
    await member.close();
  }

  /** The member starts on an empty disk next time. */
  wipe(name: string): void {
    this.disks.set(name, memoryMedium());
  }

  isolate(name: string): void {
    for (const other of Object.keys(urls)) if (other !== name) this.network.cut(urlOf(name), urlOf(other));
  }

  heal(one: string, other: string): void {
    this.network.heal(urlOf(one), urlOf(other));
  }
}

const execute = (member: Member, command: string, withinMs = timeoutMs): Promise<unknown> =>
  member.execute(encodeText(command), { timeoutMs: withinMs });

const linesOf = async (member: Member): Promise<string[]> =>
  new TextDecoder().decode(await member.read(new Uint8Array(0), { timeoutMs })).split('\n');

const idOf = (member: Member): number => member.status().identity?.member ?? 0;

test('M-6: an acceptor whose votes went with its disk stays out, and what was chosen by its vote stays chosen', async () => {
  const group = new Group();
  const started = await Promise.all(Object.keys(urls).map(async (name) => ({ name, member: await group.start(name) })));
  await until('a leader', () => started.some(({ member }) => member.status().settled));
  const [leader, voter, behind] = started.toSorted((a, b) => Number(b.member.status().ready) - Number(a.member.status().ready));
  if (leader === undefined || voter === undefined || behind === undefined) throw new Error('there are three members');
  await execute(leader.member, 'first');
  const disksKnown = (): ReadonlyMap<number, string> | undefined => behind.member.status().identity?.peerDisks;
  await until('the disk of the voter known', () => disksKnown()?.has(idOf(voter.member)) === true);

  // The command is chosen by the leader and the voter; who is behind knows nothing of it.
  group.isolate(behind.name);
  await execute(leader.member, 'chosen');
  await group.stop(voter.member);
  group.wipe(voter.name);
  group.isolate(leader.name);
  group.heal(behind.name, voter.name);

  // Two of three members reach each other. Were the empty promise of the wiped one worth anything,
  // they would choose another value in the slot.
  const wiped = await group.start(voter.name);
  const refusal = `${voter.name} E_MEMBER_WIPED: the data directory is not the one that the other members met`;
  await until('the word that it was wiped', () => group.errors.some((line) => line.startsWith(refusal)));
  await expect(execute(behind.member, 'other', 1500)).rejects.toMatchObject({ code: 'E_TIMEOUT' });
  expect([wiped.status().ready, behind.member.status().ready]).toEqual([false, false]);
  expect([wiped.status().links, wiped.status().applied]).toEqual([[], 0]);

  // The leader is reached again: now there are two that remember.
  group.heal(leader.name, behind.name);
  group.heal(leader.name, voter.name);
  await execute(leader.member, 'after');
  for (const member of [leader.member, behind.member]) {
    const lines = await linesOf(member);
    // The command that was given up may be done or not.
    expect(lines.filter((line) => line !== 'other')).toEqual(['first', 'chosen', 'after']);
  }
  expect([wiped.status().links, wiped.status().applied]).toEqual([[], 0]);
}, 60_000);
