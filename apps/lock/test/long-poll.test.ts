import { encodeText } from '@quorate/interface';
import { lockCommandCodec } from '@quorate/codec-protobuf/lock';
import { afterEach, describe, expect, test } from 'vitest';
import { lockCommands } from '../src/machine/index.ts';
import { ask, type CheckedAnswer } from './fixtures/checked-fetch.ts';
import { until } from './fixtures/raw-http.ts';
import { noLeader, openTestDoors, type TestDoorOptions, type TestDoors } from './fixtures/test-door.ts';

let open: TestDoors | undefined;

afterEach(() => open?.close());

async function doorsOf(
  size = 1,
  options: TestDoorOptions = {},
): Promise<TestDoors & { readonly url: string; readonly second: string }> {
  open = await openTestDoors(size, options);
  const [url = '', second = ''] = open.urls;
  return { ...open, url, second };
}

async function session(url: string): Promise<number> {
  return Number((await ask(url, 'POST', '/v1/sessions', { ttlMs: 60_000 })).body['session']);
}

interface Wanted {
  readonly session: number;
  readonly request?: number;
  readonly waitMs?: number;
  readonly mode?: string;
  readonly cancelOnDisconnect?: boolean;
}

function acquire(url: string, wanted: Wanted): Promise<CheckedAnswer> {
  return ask(url, 'POST', '/v1/locks/x/acquire', { request: 1, waitMs: 5000, ...wanted });
}

const release = (url: string, fields: { session: number; token: unknown }): Promise<CheckedAnswer> =>
  ask(url, 'POST', '/v1/locks/x/release', fields);

describe('a long poll', () => {
  test('is answered with the grant as soon as the holder releases', async () => {
    const { url, cluster } = await doorsOf();
    const [a, b] = [await session(url), await session(url)];
    const { token } = (await acquire(url, { session: a })).body;
    const polled = acquire(url, { session: b });
    await until(() => cluster.count('acquire') === 2);
    await release(url, { session: a, token });
    const { body } = await polled;
    expect(body['status']).toBe('granted');
    expect(Number(body['token'])).toBeGreaterThan(Number(token));
  });

  // The release is in the log right behind the acquire: its event comes in the very turn in which the reply "queued" did.
  test('misses no grant that comes right behind its own reply', async () => {
    const { url, cluster, doors } = await doorsOf();
    const [a, b] = [await session(url), await session(url)];
    const { token } = (await acquire(url, { session: a })).body;
    doors[0]?.member.pause();
    const polled = acquire(url, { session: b });
    await until(() => cluster.count('acquire') === 2);
    cluster.propose(lockCommands.release({ session: a, lock: 'x', token: Number(token) }));
    doors[0]?.member.resume();
    expect((await polled).body['status']).toBe('granted');
  });

  test('runs out with 202 and keeps its place; the retry at another member finds the grant that came meanwhile', async () => {
    const { url, second } = await doorsOf(2);
    const [a, b] = [await session(url), await session(url)];
    const { token } = (await acquire(url, { session: a })).body;
    expect(await acquire(url, { session: b, waitMs: 30 })).toMatchObject({ status: 202, body: { status: 'waiting', ahead: 0 } });
    await release(url, { session: a, token });
    const there = await acquire(second, { session: b });
    expect(there).toMatchObject({ status: 200, body: { status: 'granted' } });
    expect((await acquire(url, { session: b })).body).toEqual(there.body);
  });

  test('of one request at two members, both are answered with the same grant', async () => {
    const { url, second, doors } = await doorsOf(2);
    const [a, b] = [await session(url), await session(url)];
    const { token } = (await acquire(url, { session: a })).body;
    const polls = [acquire(url, { session: b }), acquire(second, { session: b })];
    await until(() => doors.every(({ door }) => door.waiting().waits === 1));
    await release(second, { session: a, token });
    const [one, two] = await Promise.all(polls);
    expect(one?.body).toEqual(two?.body);
    expect(one?.body['status']).toBe('granted');
  });

  test('at a member that is behind is answered when that member has caught up', async () => {
    const { url, second, doors } = await doorsOf(2);
    const [a, b] = [await session(url), await session(url)];
    const { token } = (await acquire(url, { session: a })).body;
    const polled = acquire(second, { session: b });
    await until(() => doors[1]?.door.waiting().waits === 1);
    await acquire(url, { session: b, waitMs: 0 });
    doors[1]?.member.pause();
    await release(url, { session: a, token });
    expect((await acquire(url, { session: b })).body['status']).toBe('granted');
    expect(doors[1]?.door.waiting().waits).toBe(1);
    doors[1]?.member.resume();
    expect((await polled).body['status']).toBe('granted');
  });

  test('is answered where a snapshot took the place of the events', async () => {
    const { url, second, doors, cluster } = await doorsOf(2);
    const [a, b] = [await session(url), await session(url)];
    const { token } = (await acquire(url, { session: a })).body;
    const polled = acquire(second, { session: b });
    await until(() => cluster.count('acquire') === 2);
    await acquire(second, { session: await session(url), waitMs: 0 });
    const [here, there] = doors;
    there?.member.pause();
    await release(url, { session: a, token });
    await acquire(url, { session: b, waitMs: 0 });
    if (here !== undefined) there?.member.restoreFrom(here.member);
    there?.door.restored();
    expect((await polled).body['status']).toBe('granted');
  });

  test('ends with 410 when its session does, and with 409 when it is cancelled', async () => {
    const { url, cluster } = await doorsOf();
    const [a, b, c] = [await session(url), await session(url), await session(url)];
    await acquire(url, { session: a });
    const polls = [acquire(url, { session: b }), acquire(url, { session: c })];
    await until(() => cluster.count('acquire') === 3);
    cluster.propose(lockCommandCodec.encode({ kind: 'expire-session', session: b, renewal: b }));
    await ask(url, 'POST', '/v1/locks/x/cancel', { session: c, request: 1 });
    const [expired, cancelled] = await Promise.all(polls);
    expect(expired).toMatchObject({ status: 410, body: { code: 'E_NO_SESSION' } });
    expect(cancelled).toMatchObject({ status: 409, body: { code: 'E_REQUEST_OVER' } });
  });

  test('that is given up by its client keeps its place, unless it was asked to cancel', async () => {
    const { url, doors, cluster } = await doorsOf();
    const [a, b, c] = [await session(url), await session(url), await session(url)];
    await acquire(url, { session: a });
    const leave = new AbortController();
    const body = (of: number, cancelOnDisconnect: boolean): RequestInit => ({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ session: of, request: 1, cancelOnDisconnect }),
      signal: leave.signal,
    });
    const polls = [fetch(`${url}/v1/locks/x/acquire`, body(b, false)), fetch(`${url}/v1/locks/x/acquire`, body(c, true))];
    await until(() => cluster.count('acquire') === 3);
    leave.abort();
    await Promise.allSettled(polls);
    await until(() => doors[0]?.door.waiting().waits === 0 && cluster.kinds.includes('cancel'));
    const lock = await ask(url, 'GET', '/v1/locks/x');
    expect(lock.body['waiters']).toMatchObject([{ session: b }]);
  });

  test('beyond the bound is refused before anything happens', async () => {
    const { url, doors, cluster } = await doorsOf(1, { maxWaits: 1 });
    const [a, b, c] = [await session(url), await session(url), await session(url)];
    await acquire(url, { session: a });
    await until(() => doors[0]?.door.waiting().waits === 0);
    const polled = acquire(url, { session: b, waitMs: 300 });
    await until(() => doors[0]?.door.waiting().waits === 1);
    const before = cluster.log.length;
    expect(await acquire(url, { session: c })).toMatchObject({
      status: 429,
      body: { code: 'E_OVERLOADED', outcome: 'not-applied' },
    });
    expect(cluster.log.length).toBe(before);
    expect((await polled).status).toBe(202);
  });
});

test('closing answers the polls, ends the streams, and refuses what comes on open connections', async () => {
  const { url, doors } = await doorsOf();
  const [door] = doors;
  const [a, b] = [await session(url), await session(url)];
  await acquire(url, { session: a });
  const polled = acquire(url, { session: b, waitMs: 60_000 });
  const stream = await fetch(`${url}/v1/elections/e/observe`);
  await until(() => door?.door.waiting().waits === 1);
  const began = performance.now();
  await door?.door.close(began + 5000);
  expect(performance.now() - began).toBeLessThan(2000);
  expect(await polled).toMatchObject({ status: 202, body: { status: 'waiting' } });
  expect(await stream.text()).toBe('event: leader\ndata: {"leader":null}\n\n');
  await expect(fetch(`${url}/livez`)).rejects.toThrow('fetch failed');
});

test('keep-alives of a moment are one command, and each client has its own answer', async () => {
  const { url, cluster, doors } = await doorsOf();
  const sessions = await Promise.all(Array.from({ length: 40 }, () => session(url)));
  const first = await ask(url, 'POST', `/v1/sessions/${sessions[0]}/keepalive`);
  expect(first.status).toBe(200);
  const answers = await Promise.all([...sessions, 9999].map((id) => ask(url, 'POST', `/v1/sessions/${id}/keepalive`)));
  expect(answers.slice(0, -1).map(({ status, body }) => [status, body['session']])).toEqual(sessions.map((id) => [200, id]));
  expect(answers.at(-1)).toMatchObject({ status: 410, body: { code: 'E_NO_SESSION' } });
  expect(cluster.count('keep-alive')).toBeLessThanOrEqual(4);
  if (doors[0] !== undefined) doors[0].member.failure = noLeader();
  expect((await ask(url, 'POST', `/v1/sessions/${sessions[0]}/keepalive`)).status).toBe(503);
});

test('an observer is told the leader as it is and every change once, also those right behind the first answer', async () => {
  const { url, cluster, doors } = await doorsOf(1, { maxObservers: 1 });
  const a = await session(url);
  const { token } = (await ask(url, 'POST', '/v1/elections/e/campaign', { session: a, request: 1, value: 'one' })).body;
  doors[0]?.member.pause();
  const asked = fetch(`${url}/v1/elections/e/observe`);
  await until(() => doors[0]?.door.waiting().observers === 1);
  const fields = { session: a, lock: 'e', token: Number(token) };
  cluster.propose(lockCommands.proclaim({ ...fields, value: encodeText('two') }));
  doors[0]?.member.resume();
  const stream = await asked;
  expect((await ask(url, 'GET', '/v1/elections/e/observe')).status).toBe(429);
  cluster.propose(lockCommands.proclaim({ ...fields, value: encodeText('three') }));
  cluster.propose(lockCommands.release({ ...fields }));
  await until(() => cluster.kinds.includes('release'));
  await new Promise(setImmediate);
  await doors[0]?.door.close(performance.now() + 1000);
  const told = [...(await stream.text()).matchAll(/^data: (.*)$/gmu)].map(
    ([, data = '']) => JSON.parse(data) as { leader: object },
  );
  expect(told.map(({ leader }) => (leader as { value?: string } | null)?.value)).toEqual(['two', 'three', undefined]);
});

test('an observer that is too far behind is cut off in the midst of a turn, and the member goes on', async () => {
  const { url, cluster, doors } = await doorsOf();
  const a = await session(url);
  const { token } = (await ask(url, 'POST', '/v1/elections/e/campaign', { session: a, request: 1 })).body;
  const stream = await fetch(`${url}/v1/elections/e/observe`);
  doors[0]?.member.pause();
  const value = encodeText('x'.repeat(4000));
  for (let place = 0; place < 200; place++) {
    cluster.propose(lockCommands.proclaim({ session: a, lock: 'e', token: Number(token), value }));
  }
  doors[0]?.member.resume();
  await expect(stream.text()).rejects.toThrow('terminated');
  await until(() => doors[0]?.door.waiting().observers === 0);
  expect(await ask(url, 'GET', '/v1/elections/e/leader')).toMatchObject({ body: { leader: { session: a } } });
});
