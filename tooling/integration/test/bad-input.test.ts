import { access, chmod, chown, cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RangeResponse } from '@quorate/codec-protobuf/etcd';
import { crc32, encodeText } from '@quorate/interface';
import {
  createUnaryCaller,
  EtcdError,
  freePorts,
  type MemberCluster,
  type MemberPlan,
  startCluster,
  startMember,
  type UnaryCaller,
} from '@quorate/processes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deleteRequest, type EtcdRequest, latin1, putRequest, rangeRequest, txnRequest } from './fixtures/etcd-requests.ts';
import { badFlags } from './fixtures/bad-flags.ts';
import { refusedStart } from './fixtures/refused-start.ts';

const program = fileURLToPath(new URL('../../../apps/kv/bin/quorate-kv.mjs', import.meta.url));
const timeoutMs = 10_000;
const mebibyte = 1_048_576;
/** `E_NAME: what is wrong. What to do.` on one line, as an operator sees it. */
const errorForm = /^E_[A-Z_]+: .+[^.]\. [A-Z].*[.?]\n$/u;

let cluster: MemberCluster;
let callers: UnaryCaller[] = [];
/** Every write that was acknowledged, by key. */
const acknowledged = new Map<string, Uint8Array>();

beforeAll(async () => {
  cluster = await startCluster({ program, size: 3 });
  callers = cluster.endpoints.map((url) => createUnaryCaller(url));
  await cluster.untilHealthy();
});
afterAll(async () => {
  for (const caller of callers) caller.close();
  await cluster.close();
});

function plan(place: number): MemberPlan {
  const found = cluster.plan.members[place];
  if (found === undefined) throw new Error('there is no such member');
  return found;
}

async function call(place: number, [path, request]: EtcdRequest): Promise<Uint8Array> {
  const caller = callers[place];
  if (caller === undefined) throw new Error('there is no such member');
  return caller.call(path, request, timeoutMs);
}

async function refusal(place: number, request: EtcdRequest): Promise<string> {
  try {
    await call(place, request);
    return 'taken';
  } catch (error) {
    return error instanceof EtcdError ? `${error.code} ${error.message}` : String(error);
  }
}

async function put(place: number, key: string, value: Uint8Array): Promise<void> {
  await call(place, putRequest(key, value));
  acknowledged.set(key, value);
}

/** One write through each of the members, as proof that the cluster commits. */
async function commits(what: string, places: readonly number[] = [0, 1, 2]): Promise<void> {
  for (const place of places) await put(place, `after ${what}, through ${place}`, latin1('written'));
}

/** Reads everything through a member, confirmed by a quorum. */
async function contentsAt(place: number): Promise<Map<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>();
  const { kvs = [] } = RangeResponse.decode(await call(place, rangeRequest('\0', '\0'))) ?? {};
  for (const { key, value } of kvs) contents.set(Buffer.from(key).toString('latin1'), value);
  return contents;
}

async function expectNothingLost(places: readonly number[] = [0, 1, 2]): Promise<void> {
  for (const place of places) {
    const contents = await contentsAt(place);
    expect([...contents.keys()].toSorted()).toEqual([...acknowledged.keys()].toSorted());
    for (const [key, value] of acknowledged) expect(Buffer.compare(contents.get(key) ?? latin1(''), value), key).toBe(0);
  }
}

test.each(badFlags)('%s: no member starts, and nothing is made', async (_what, flags, exit, text) => {
  const directory = join(cluster.directory, 'never');
  const start = await refusedStart(program, [`--data-dir=${directory}`, ...flags], { timeoutMs });
  expect(start).toMatchObject({ exit, stdout: '' });
  expect(start.stderr).toMatch(text);
  expect(start.stderr).toMatch(errorForm);
  await expect(access(directory)).rejects.toThrow('ENOENT');
});

describe('requests', () => {
  const keys = (count: number): string[] => Array.from({ length: count }, (_, place) => `k${place}`);
  const zeros = (mebibytes: number): Uint8Array => new Uint8Array(mebibytes * mebibyte);
  const noKey = '3 etcdserver: key is not provided';
  const tooLarge = '3 etcdserver: request is too large';
  const tooMany = '3 etcdserver: too many operations in txn request';

  // The words and codes of etcd 3.4.23, which was asked the same.
  test.each<[string, EtcdRequest, string]>([
    ['an empty key to put', putRequest('', latin1('x')), noKey],
    ['an empty key to get', rangeRequest(''), noKey],
    ['an empty key to delete', deleteRequest(''), noKey],
    ['an empty key in a txn', txnRequest({ success: [''] }), noKey],
    ['an empty key to compare', txnRequest({ compare: [''] }), noKey],
    ['a value of 1.6 MiB', putRequest('big', zeros(1.6)), tooLarge],
    ['a key of 1.6 MiB', putRequest('k'.repeat(1.6 * mebibyte), zeros(0)), tooLarge],
    ['a value of 2 MiB', putRequest('big', zeros(2)), '8 grpc: received message larger than max (2097162 vs. 2097152)'],
    ['a value of 3 MiB', putRequest('big', zeros(3)), '8 grpc: received message larger than max (3145738 vs. 2097152)'],
    ['129 operations', txnRequest({ success: keys(129) }), tooMany],
    ['129 operations on the other branch', txnRequest({ failure: keys(129) }), tooMany],
    ['129 compares', txnRequest({ compare: keys(129) }), tooMany],
    ['a key put twice', txnRequest({ success: ['a', 'a'] }), '3 etcdserver: duplicate key given in txn request'],
  ])('%s is refused by every member, changes nothing, and the cluster goes on committing', async (what, request, text) => {
    for (const place of [0, 1, 2]) expect(await refusal(place, request)).toBe(text);
    await commits(what);
    await expectNothingLost();
  });

  test('keys that mean something elsewhere are keys, at every member', async () => {
    for (const [at, key] of ['__proto__', 'constructor', 'hasOwnProperty', '\0', '\0\0', '\xff\xff'].entries()) {
      await put(at % 3, key, latin1(`value of ${at}`));
    }
    await expectNothingLost();
  });

  test('the largest value and the largest txn that fit are taken by every member, and reach the others', async () => {
    const large = Uint8Array.from({ length: 1.5 * mebibyte - 100 }, (_, at) => at * 31);
    for (const place of [0, 1, 2]) {
      await put(place, `large ${place}`, large);
      await call(place, txnRequest({ success: keys(128) }));
      for (const key of keys(128)) acknowledged.set(key, latin1('in a txn'));
    }
    await expectNothingLost();
    for (const place of [0, 1, 2]) {
      await call(place, deleteRequest(`large ${place}`));
      acknowledged.delete(`large ${place}`);
    }
  });
});

describe('a data directory', () => {
  const stopped = 2;
  const others = [0, 1];
  let identity = '';
  beforeAll(async () => {
    await cluster.end(stopped, 'SIGTERM');
    identity = await readFile(join(plan(stopped).directory, 'identity'), 'utf8');
  });

  /** The flags of a member of the cluster, at a directory that may be another's. */
  function flags(place: number, { directory = plan(place).directory, more = {} }: Start = {}): string[] {
    const { name, clientPort, peerPort } = plan(place);
    const initial = cluster.plan.members.map((member) => `${member.name}=tcp://127.0.0.1:${member.peerPort}`);
    const all = {
      name,
      'data-dir': directory,
      'listen-client-urls': `http://127.0.0.1:${clientPort}`,
      'listen-peer-urls': `tcp://127.0.0.1:${peerPort}`,
      'initial-cluster': initial.join(','),
      ...more,
    };
    return Object.entries(all).map(([flag, value]) => `--${flag}=${value}`);
  }

  interface Start {
    readonly directory?: string;
    readonly more?: Readonly<Record<string, string>>;
  }

  /** Changes the identity as another program would have written it: with a checksum that fits, unless told otherwise. */
  async function rewriteIdentity(fields: Readonly<Record<string, unknown>>, fitting = true): Promise<void> {
    const [line = '', sum = ''] = identity.split('\n');
    const text = JSON.stringify({ ...(JSON.parse(line) as object), ...fields });
    const checksum = fitting ? crc32(encodeText(text), 0).toString(16).padStart(8, '0') : sum;
    await writeFile(join(plan(stopped).directory, 'identity'), `${text}\n${checksum}\n`);
  }

  const beside = (name: string): string => join(cluster.directory, name);
  const unprivileged = 65_534;

  interface Case {
    readonly what: string;
    readonly prepare?: () => Promise<void>;
    readonly flags: () => string[];
    readonly exit: number;
    readonly text: RegExp;
  }

  const cases: readonly Case[] = [
    {
      what: 'that a running member holds',
      flags: () => flags(0),
      exit: 78,
      text: /^E_DATA_LOCKED: .+ in use by a running process \(.+, got process \d+, allowed none\)\. Stop that process/u,
    },
    {
      what: 'that a running member holds, under another name',
      flags: () => flags(stopped, { directory: plan(0).directory }),
      exit: 78,
      text: /^E_DATA_LOCKED: /u,
    },
    {
      what: 'that is a file',
      prepare: () => writeFile(beside('file'), 'kept'),
      flags: () => flags(stopped, { directory: beside('file') }),
      exit: 78,
      text: /^E_DATA_DIR: .+ is a file \(--data-dir, got .+, allowed: a directory\)\. /u,
    },
    {
      what: 'of another cluster',
      flags: () => flags(stopped, { more: { 'initial-cluster-token': 'other' } }),
      exit: 78,
      text: /^E_CLUSTER_ID: .+ \(cluster id, got [0-9a-f]{16}, allowed [0-9a-f]{16}\)\. It belongs to n\d: use the --name, /u,
    },
    {
      what: 'of another member',
      flags: () => flags(1, { directory: plan(stopped).directory }),
      exit: 78,
      text: /^E_MEMBER_ID: .+ \(member, got [0-9a-f]+ \(n3\), allowed [0-9a-f]+ \(n2\)\)\. /u,
    },
    {
      what: 'of another protocol',
      prepare: () => rewriteIdentity({ protocol: 'zab' }),
      flags: () => flags(stopped),
      exit: 78,
      text: /^E_PROTOCOL: .+ \(protocol, got zab, allowed raft\)\. /u,
    },
    {
      what: 'of a newer format',
      prepare: () => rewriteIdentity({ format: 99 }),
      flags: () => flags(stopped),
      exit: 78,
      text: /^E_VERSION: .+ \(format in .+identity, got 99, allowed up to \d+\)\. Start the version that wrote it; nothing was changed\./u,
    },
    {
      what: 'of a newer format of its protocol',
      prepare: () => rewriteIdentity({ protocolFormat: 99 }),
      flags: () => flags(stopped),
      exit: 78,
      text: /^E_VERSION: .+ \(protocol format in .+identity, got 99, allowed up to \d+\)\. /u,
    },
    {
      what: 'with a damaged identity',
      prepare: () => rewriteIdentity({ name: 'n9' }, false),
      flags: () => flags(stopped),
      exit: 65,
      text: /^E_IDENTITY_DAMAGED: .+ \(file .+identity, got a wrong checksum or impossible fields\)\. /u,
    },
    {
      what: 'that lost its identity',
      prepare: () => rm(join(plan(stopped).directory, 'identity')),
      flags: () => flags(stopped),
      exit: 65,
      text: /^E_IDENTITY_MISSING: .+ \(file .+identity, got nothing\)\. /u,
    },
    {
      what: 'below a parent that takes none',
      flags: () => flags(stopped, { directory: '/proc/none/n3' }),
      exit: 74,
      text: /^E_DISK_[A-Z]+: cannot make directory \/proc\/none.* \(got E[A-Z]+\)\. /u,
    },
  ];

  test.each(cases)(
    '$what is refused and left as it is, and the others go on',
    async ({ what, prepare, flags: given, exit, text }) => {
      await prepare?.();
      const start = await refusedStart(program, given(), { timeoutMs });
      expect(start).toMatchObject({ exit, stdout: '' });
      expect(start.stderr).toMatch(text);
      expect(start.stderr).toMatch(errorForm);
      await writeFile(join(plan(stopped).directory, 'identity'), identity);
      await commits(`a directory ${what}`, others);
    },
  );

  test('that this user may not read is refused, and the others go on', async ({ skip }) => {
    const directory = beside('closed');
    await mkdir(directory, { mode: 0o000 });
    // Nothing is closed to root, who gives up being root for it.
    const asRoot = process.getuid?.() === 0;
    if (asRoot) await chown(directory, unprivileged, unprivileged);
    await chmod(cluster.directory, 0o755);
    const limits = asRoot ? { uid: unprivileged, timeoutMs } : { timeoutMs };
    const runs = await refusedStart(program, ['--version'], limits).then(
      ({ exit }) => exit === 0,
      () => false,
    );
    skip(!runs, 'runs as root, in a checkout that is closed to everybody else');
    const start = await refusedStart(program, flags(stopped, { directory }), limits);
    expect(start).toMatchObject({ exit: 74, stdout: '' });
    expect(start.stderr).toMatch(
      /^E_DISK_ACCESS: cannot .+closed.* \(got EACCES\)\. Give this user the right to read and write it\.\n$/u,
    );
    await commits('a closed directory', others);
  });

  test('is as good as before after all that', async () => {
    expect(await readFile(beside('file'), 'utf8')).toBe('kept');
    await cluster.restart(stopped);
    await expectNothingLost();
    await commits('the directories');
  });
});

test('an older copy of a member’s directory ends with what it lost, and the member itself goes on', async () => {
  const copied = 2;
  const directory = join(cluster.directory, 'copy.quorate');
  await cluster.end(copied, 'SIGTERM');
  await cp(plan(copied).directory, directory, { recursive: true });
  await cluster.restart(copied);
  await commits('the copy was taken');
  const [clientPort = 0, peerPort = 0] = await freePorts(2);
  // It calls itself n3 and listens elsewhere: at the same address it would not start.
  const extraFlags = ['--initial-advertise-peer-urls', `tcp://127.0.0.1:${plan(copied).peerPort}`];
  const copy = startMember({ ...cluster.plan, extraFlags }, { ...plan(copied), directory, clientPort, peerPort });
  expect(await copy.ended).toBe('exit code 70');
  expect(copy.lastWords().split('\n').at(-1)).toMatch(
    /^E_LOG_LOST: .+ Acknowledged entries vanished from the disk\. Replace this member/u,
  );
  await commits('the copy ended');
  await expectNothingLost();
});

test('a wiped disk of the leader: its peers refuse it by name, it says so and serves nothing, the others go on, and nothing is lost', async () => {
  const wiped = await cluster.leaderPlace();
  const others = [0, 1, 2].filter((place) => place !== wiped);
  const { directory } = plan(wiped);
  // A disk is remembered once it was met, and everybody met the leader.
  await commits('the meeting');
  await cluster.end(wiped, 'SIGKILL');
  await rename(directory, `${directory}.kept`);

  const whyUnhealthy = cluster.restart(wiped).then(() => 'healthy', String);
  const said = (place: number): string => cluster.processes[place]?.lastWords() ?? '';
  const refused =
    /E_MEMBER_WIPED: n\d was met with another disk \(got=[0-9a-f]+, allowed=[0-9a-f]+\)\. Put its earlier data directory back, or/u;
  for (const place of [0, 1, 2]) await expect.poll(() => said(place), { timeout: timeoutMs }).toMatch(refused);
  await expect
    .poll(() => said(wiped).match(/\(refused by the other end\)/gu)?.length ?? 0, { timeout: timeoutMs })
    .toBeGreaterThan(1);
  await commits('the wiped disk', others);
  await expectNothingLost(others);
  await expect(cluster.connections[wiped]?.get('k0', { serializable: false, timeoutMs: 500 })).rejects.toThrow(EtcdError);
  await expect(cluster.connections[wiped]?.put('lost', 'x', 500)).rejects.toThrow(EtcdError);
  expect(cluster.processes[wiped]?.hasEnded()).toBe(false);

  expect(await cluster.end(wiped, 'SIGTERM')).toBe('exit code 0');
  expect(await whyUnhealthy).toContain('E_MEMBER_WIPED');
  await rm(directory, { recursive: true });
  await rename(`${directory}.kept`, directory);
  await cluster.restart(wiped);
  await commits('the old disk');
  await expectNothingLost();
});

test('everything that was acknowledged is there after all members were killed and started again', async () => {
  await Promise.all([0, 1, 2].map((place) => cluster.end(place, 'SIGKILL')));
  await Promise.all([0, 1, 2].map((place) => cluster.restart(place)));
  await expectNothingLost();
  await commits('the restart');
});
