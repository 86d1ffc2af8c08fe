import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@quorate/client';
import type { Client } from '@quorate/client';
import { runtimeCodec } from '@quorate/codec-protobuf';
import { at, crc32, decodeText, encodeText } from '@quorate/interface';
import { tcpTransport } from '@quorate/transport-tcp';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { nodeHost } from '../src/index.ts';
import { bundleRegister } from './fixtures/bundle.ts';
import { ask, flagsFor, freePorts, MemberProcess, places, until } from './fixtures/member.ts';
import type { Place } from './fixtures/member.ts';

let program = '';
let directory = '';
let running: MemberProcess[] = [];
let runs = 0;

beforeAll(async () => {
  ({ program, directory } = await bundleRegister());
});
afterEach(async () => {
  for (const member of running) member.kill('SIGKILL');
  await Promise.all(running.map(({ exited }) => exited));
  running = [];
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function start(flags: readonly string[], env: Record<string, string> = {}): MemberProcess {
  const member = new MemberProcess(program, flags, env);
  running.push(member);
  return member;
}

function freshDirectory(): string {
  const path = join(directory, `run${++runs}`);
  mkdirSync(path);
  return path;
}

function nativeClient(cluster: readonly Place[]): Client {
  return createClient({
    endpoints: cluster.map(({ native }) => `tcp://127.0.0.1:${native}`),
    transport: tcpTransport({ listen: [] }),
    codec: runtimeCodec,
    host: nodeHost(),
  });
}

async function onePlace(): Promise<{ place: Place; flags: readonly string[] }> {
  const place = at(await places(freshDirectory(), 1), 0);
  return { place, flags: flagsFor(place, [place]) };
}

async function leaderOf(cluster: readonly Place[]): Promise<number> {
  return until(async () => {
    const answers = await Promise.allSettled(cluster.map(({ client }) => ask(client, 'status')));
    const found = answers.findIndex((answer) => answer.status === 'fulfilled' && /"ready":true/u.test(answer.value));
    return found < 0 ? undefined : found;
  });
}

const put = async (client: Client, text: string): Promise<void> =>
  void (await client.execute(encodeText(text), { timeoutMs: 10_000 }));

describe('three processes', () => {
  test(
    'nothing acknowledged is lost when the leader is killed, the next one is stopped, and both come back',
    { timeout: 60_000 },
    async () => {
      const cluster = await places(freshDirectory(), 3);
      const members = cluster.map((place) => start(flagsFor(place, cluster)));
      expect(await members[0]?.ready()).toMatch(/^quorate-register n1 is ready: raft, clients http:.*data in /u);
      const client = nativeClient(cluster);
      const written: string[] = [];
      const writeSome = async (): Promise<void> => {
        const texts = Array.from({ length: 40 }, (_, place) => `v${written.length + place}`);
        await Promise.all(texts.map((text) => put(client, text)));
        written.push(...texts);
      };
      await writeSome();

      const first = await leaderOf(cluster);
      const duringKill = writeSome();
      members[first]?.kill('SIGKILL');
      expect(await members[first]?.exited).toBe('SIGKILL');
      await duringKill;
      await writeSome();

      members[first] = start(flagsFor(at(cluster, first), cluster));
      await members[first]?.ready();
      const second = await leaderOf(cluster);
      const duringStop = writeSome();
      members[second]?.kill('SIGTERM');
      expect(await members[second]?.exited, members[second]?.stderr).toBe(0);
      await duringStop;
      members[second] = start(flagsFor(at(cluster, second), cluster));
      await members[second]?.ready();
      await writeSome();

      const read = JSON.parse(decodeText(await client.read(new Uint8Array(0))) ?? '') as string[];
      expect(read.toSorted()).toEqual(written.toSorted());
      const everywhere = await Promise.all(cluster.map(({ client: port }) => until(() => ask(port, 'get'))));
      expect(new Set(everywhere).size).toBe(1);
      await client.close();
      for (const member of members) member.kill('SIGTERM');
      expect(await Promise.all(members.map(({ exited }) => exited))).toEqual([0, 0, 0]);
    },
  );

  test('a member whose disk was wiped is kept out, and the others go on', { timeout: 30_000 }, async () => {
    const cluster = await places(freshDirectory(), 3);
    const members = cluster.map((place) => start(flagsFor(place, cluster)));
    const client = nativeClient(cluster);
    await put(client, 'a');
    // Each of the others has met it.
    await until(async () => ((await ask(at(cluster, 2).client, 'get')).startsWith('[') ? true : undefined));
    members[2]?.kill('SIGKILL');
    await members[2]?.exited;
    rmSync(at(cluster, 2).dataDir, { recursive: true });
    const wiped = start(flagsFor(at(cluster, 2), cluster));
    await wiped.said('error E_MEMBER_WIPED: the data directory is not the one that the other members met');
    await wiped.said('error E_MEMBER_WIPED: n3 was met with another disk');
    expect(wiped.stderr).toMatch(/ \(refused by the other end\) \S+ member=n[12]$/mu);
    expect(JSON.parse(await ask(at(cluster, 2).client, 'health'))).toMatchObject({
      healthy: false,
      reason: expect.stringMatching(/^RAFT NO LEADER: this member was wiped, refused by n[12]/u) as string,
    });
    await put(client, 'b');
    expect(decodeText(await client.read(new Uint8Array(0)))).toBe('["a","b"]');
    await client.close();
  });
});

test('one member without flags that keeps its data in memory forgets it', { timeout: 30_000 }, async () => {
  const { place, flags } = await onePlace();
  for (let round = 0; round < 2; round++) {
    const member = start([...flags, '--storage=memory']);
    expect(await member.ready()).toContain('data in memory');
    expect(await ask(place.client, 'put a')).toBe('1');
    member.kill('SIGTERM');
    expect(await member.exited, member.stderr).toBe(0);
    expect(member.stderr).toContain('--storage memory forgets everything');
  }
});

test('metrics and health tell what the member is doing', { timeout: 30_000 }, async () => {
  const { place, flags } = await onePlace();
  const member = start([...flags, '--log-format=json']);
  await until(async () => (member.stdout.includes('"ready":true') ? true : undefined));
  expect(JSON.parse(member.stdout)).toMatchObject({ ready: true, service: 'quorate-register', name: 'n1', protocol: 'raft' });
  await ask(place.client, 'put a');
  expect(JSON.parse(await ask(place.client, 'health'))).toEqual({ healthy: true, reason: '' });
  const text = JSON.parse(await ask(place.client, 'metrics')) as string;
  expect(text).toMatch(/^process_resident_memory_bytes \d+$/mu);
  expect(text).toMatch(/^quorate_is_leader 1$/mu);
  expect(text).toMatch(/^quorate_member_bytes_out_total 0$/mu);
  // A member alone suspects, elects and readies itself between its start and now.
  const stages = [...text.matchAll(/^quorate_leadership_timestamp_seconds\{stage="(\w+)"\} ([\d.]+)$/gmu)];
  expect(stages.map(([, stage]) => stage)).toEqual(['suspected', 'elected', 'ready']);
  for (const [, , seconds] of stages) expect(Math.abs(Date.now() / 1000 - Number(seconds))).toBeLessThan(30);
  expect(text).toMatch(/^quorate_journal_sync_mode\{value="(inline|pool)"\} 1$/mu);
  for (const line of member.stderr.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('level');
});

describe('signals', () => {
  test('the second one exits at once', async () => {
    const { flags } = await onePlace();
    const member = start([...flags, '--slow-door']);
    await member.ready();
    member.kill('SIGTERM');
    await member.said('stopping');
    member.kill('SIGTERM');
    expect(await member.exited).toBe(143);
    expect(member.stderr).not.toContain(' stopped');
  });

  test.each([
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('the exit code is the one of the second signal: %s', async (signal, code) => {
    const { flags } = await onePlace();
    const member = start([...flags, '--slow-door']);
    await member.ready();
    member.kill('SIGTERM');
    await member.said('stopping');
    member.kill(signal);
    expect(await member.exited).toBe(code);
  });

  test('SIGINT stops in order, also while the member starts', async () => {
    const { place, flags } = await onePlace();
    const early = start(flags);
    await until(async () => (early.stderr === '' && early.stdout === '' ? undefined : true));
    early.kill('SIGINT');
    expect(await early.exited, early.stderr).toBe(0);
    const again = start(flags);
    await again.ready();
    expect(await ask(place.client, 'put a')).toBe('1');
    again.kill('SIGINT');
    expect(await again.exited, again.stderr).toBe(0);
  });

  test('a closed pipe behind stdout and stderr is no reason to stop', async () => {
    const { place, flags } = await onePlace();
    const member = start(flags);
    await member.ready();
    member.closePipes();
    for (let round = 1; round <= 3; round++) expect(await ask(place.client, `put ${round}`)).toBe(`${round}`);
    member.kill('SIGHUP');
    expect(await member.exited).toBe(0);
  });
});

describe('bad data directories and addresses', () => {
  async function stopped(flags: readonly string[]): Promise<void> {
    const member = start(flags);
    await member.ready();
    member.kill('SIGTERM');
    expect(await member.exited, member.stderr).toBe(0);
  }

  async function refusal(flags: readonly string[]): Promise<string> {
    const member = start(flags);
    const code = await member.exited;
    const line = member.stderr.split('\n').find((text) => text.startsWith('E_')) ?? member.stderr;
    expect(member.stdout).toBe('');
    return `${code} ${line}`;
  }

  test('in use by a process that lives', async () => {
    const { flags } = await onePlace();
    const member = start(flags);
    await member.ready();
    expect(await refusal(flags)).toMatch(/^7[48] E_DATA_LOCKED: /u);
  });

  test('a start says what runs where, and how far the log and the state are', async () => {
    const { flags, place } = await onePlace();
    const member = start(flags);
    await member.ready();
    expect(await ask(place.client, 'put a')).toBe('1');
    member.kill('SIGKILL');
    await member.exited;
    const again = start(flags);
    await again.ready();
    const program = `service=quorate-register version=1.2.3 node=${process.versions.node} pid=${again.pid} data=${place.dataDir} `;
    expect(again.stderr).toContain(`info  started ${program}`);
    expect(again.stderr).toMatch(/ applied=\d snapshot=0 first=1 last=\d\n/u);
  });

  test('in use by a process that died: taken over', async () => {
    const { flags, place } = await onePlace();
    const member = start(flags);
    await member.ready();
    expect(await ask(place.client, 'put a')).toBe('1');
    member.kill('SIGKILL');
    await member.exited;
    const again = start(flags);
    await again.ready();
    expect(await ask(place.client, 'put b')).toBe('2');
  });

  test('a file', async () => {
    const { flags, place } = await onePlace();
    writeFileSync(place.dataDir, 'x');
    expect(await refusal(flags)).toMatch(/^7[48] E_D[A-Z_]+: .*n1/u);
    expect(readFileSync(place.dataDir, 'utf8')).toBe('x');
  });

  test.skipIf(process.getuid?.() === 0 /* nothing is unreadable to root */)('unreadable', async () => {
    const { flags, place } = await onePlace();
    mkdirSync(place.dataDir, { mode: 0o000 });
    const text = await refusal(flags);
    chmodSync(place.dataDir, 0o700);
    expect(text).toMatch(/^74 E_D[A-Z_]+: /u);
  });

  test('of another cluster', async () => {
    const { flags } = await onePlace();
    await stopped(flags);
    expect(await refusal([...flags, '--initial-cluster-token=other'])).toMatch(/^78 E_CLUSTER_ID: /u);
    // The cluster's id is made from the names as well, so that the token alone would be the wrong thing to look at.
    const renamed = flags.map((flag) => flag.replace('--name=n1', '--name=n9').replace('=n1=', '=n9='));
    expect(await refusal(renamed)).toMatch(/^78 E_CLUSTER_ID: .* It belongs to n1: use the --name, --initial-cluster and /u);
  });

  test('of another member', async () => {
    const cluster = await places(freshDirectory(), 3);
    await stopped(flagsFor(at(cluster, 0), cluster));
    const other = { ...at(cluster, 1), dataDir: at(cluster, 0).dataDir };
    expect(await refusal(flagsFor(other, cluster))).toMatch(/^78 E_MEMBER_ID: /u);
  });

  /** Changes the identity as another program would have written it, with a checksum that fits. */
  function rewrite(place: Place, change: (fields: Record<string, unknown>) => void, checksum = true): void {
    const path = join(place.dataDir, 'identity');
    const [line = '', sum = ''] = readFileSync(path, 'utf8').split('\n');
    const fields = JSON.parse(line) as Record<string, unknown>;
    change(fields);
    const text = JSON.stringify(fields);
    const fitting = crc32(encodeText(text), 0).toString(16).padStart(8, '0');
    writeFileSync(path, `${text}\n${checksum ? fitting : sum}\n`);
  }

  test('of another protocol', async () => {
    const { flags, place } = await onePlace();
    await stopped(flags);
    rewrite(place, (fields) => (fields['protocol'] = 'zab'));
    expect(await refusal(flags)).toMatch(/^78 E_PROTOCOL: /u);
  });

  test('of a newer format', async () => {
    const { flags, place } = await onePlace();
    await stopped(flags);
    rewrite(place, (fields) => (fields['format'] = 9));
    expect(await refusal(flags)).toMatch(/^78 E_VERSION: /u);
  });

  test('with a damaged identity', async () => {
    const { flags, place } = await onePlace();
    await stopped(flags);
    rewrite(place, (fields) => (fields['name'] = 'n7'), false);
    expect(await refusal(flags)).toMatch(/^65 E_IDENTITY_DAMAGED: /u);
  });

  test('missing where an existing one was asked for', async () => {
    const { flags } = await onePlace();
    expect(await refusal([...flags, '--initial-cluster-state=existing'])).toMatch(/^78 E_CLUSTER_STATE: .*holds no member/u);
  });

  test.each(['client', 'peer', 'native'] as const)('a %s port in use', async (door) => {
    const { flags, place } = await onePlace();
    const member = start(flags);
    await member.ready();
    const { place: other } = await onePlace();
    const moved = { ...other, [door]: place[door] };
    expect(await refusal(flagsFor(moved, [moved]))).toMatch(
      /^78 E_ADDRESS_IN_USE: [^E].*nother process listens there.* choose another address/u,
    );
  });

  test('ports that nobody else uses are found', async () => {
    expect(new Set(await freePorts(5)).size).toBe(5);
  });
});
