import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeText, encodeText } from '@quorate/interface';
import { raft } from '@quorate/raft';
import { afterAll, expect, test } from 'vitest';
import { openMember } from '../src/index.ts';
import type { Member, MemberOptions } from '../src/index.ts';
import { freePorts } from './fixtures/member.ts';
import { register } from './fixtures/register-service.ts';

const directory = mkdtempSync(join(tmpdir(), 'quorate-embedded-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function membersAt(count: number): Promise<Record<string, string>> {
  const ports = await freePorts(count);
  return Object.fromEntries(ports.map((port, place) => [`n${place + 1}`, `tcp://127.0.0.1:${port}`]));
}

test('three members in one program replicate a state machine and close in order', { timeout: 30_000 }, async () => {
  const members = await membersAt(3);
  const open = (name: string): Promise<Member> =>
    openMember({
      name,
      members,
      core: raft({ electionTimeoutMs: 300, heartbeatMs: 50 }),
      directory: join(directory, name),
      stateMachine: register(),
    });
  const cluster = await Promise.all(Object.keys(members).map(open));
  await Promise.all(cluster.map((member, place) => member.execute(encodeText(`v${place}`), { timeoutMs: 10_000 })));
  const states = await Promise.all(cluster.map((member) => member.read(new Uint8Array(0))));
  expect(new Set(states.map(decodeText)).size).toBe(1);
  expect((JSON.parse(decodeText(states[0] ?? new Uint8Array(0)) ?? '') as string[]).toSorted()).toEqual(['v0', 'v1', 'v2']);
  await Promise.all(cluster.map((member) => member.close()));
  await expect(cluster[0]?.execute(encodeText('late'))).rejects.toMatchObject({ code: 'E_STOPPED', outcome: 'not-applied' });
});

test('one member comes back with its state', { timeout: 30_000 }, async () => {
  const options = { name: 'n1', members: await membersAt(1), directory: join(directory, 'alone') };
  const first = await openMember({ ...options, stateMachine: register() });
  const events: string[] = [];
  first.subscribe(() => void events.push('event'));
  await first.execute(encodeText('kept'));
  expect(first.status()).toMatchObject({ state: 'running', ready: true });
  await Promise.all([first.close(), first.close()]);
  const second = await openMember({ ...options, stateMachine: register() });
  expect(decodeText(await second.read(new Uint8Array(0)))).toBe('["kept"]');
  await expect(openMember({ ...options, stateMachine: register() })).rejects.toMatchObject({ code: 'E_DATA_LOCKED' });
  await second.close();
});

test.each<[string, Partial<MemberOptions<never>>, RegExp]>([
  ['a member that is not among the members', { name: 'n9' }, /E_USAGE: members has no member called n9/],
  ['a bad URL', { members: { n1: 'tcp://127.0.0.1:70000' } }, /E_USAGE: the URL of n1.*has the port 70000/],
  ['a scheme that TCP does not know', { members: { n1: 'port://1' } }, /E_USAGE: the URL of n1.*has the scheme port/],
  ['two members at one URL', { members: { n1: 'tcp://127.0.0.1:1', n2: 'tcp://127.0.0.1:1' } }, /two members have one URL/],
  ['an address beyond loopback', { members: { n1: 'tcp://10.0.0.1:1' } }, /beyond loopback and there is no TLS: set insecure/],
])('%s is refused', async (_what, change, text) => {
  const options = {
    name: 'n1',
    members: { n1: 'tcp://127.0.0.1:1' },
    directory: join(directory, 'never'),
    stateMachine: register(),
  };
  await expect(openMember({ ...options, ...change })).rejects.toThrow(text);
});
