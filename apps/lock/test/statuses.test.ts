import { ConsensusError } from '@quorate/interface';
import type { ConsensusErrorCode } from '@quorate/interface';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonSchema } from '../src/door/json-schema.ts';
import { lockApiRoutes } from '../src/door/open-api.ts';
import type { Route } from '../src/door/route.ts';
import { ask, description } from './fixtures/checked-fetch.ts';
import { sendRaw } from './fixtures/raw-http.ts';
import { openTestDoors, type TestDoors } from './fixtures/test-door.ts';

// Every status that the description has is asked for, and every one that comes is in the description.

let doors: TestDoors;
let url = '';
/** Statuses that were answered, by operation. */
const answered = new Map<string, Set<number>>();

beforeAll(async () => {
  doors = await openTestDoors(1, { requestArrivesMs: 300 });
  [url = ''] = doors.urls;
});
afterAll(() => doors.close());

function saw({ id }: Route, status: number): number {
  answered.set(id, (answered.get(id) ?? new Set()).add(status));
  return status;
}

function pathOf({ path }: Route, values: Readonly<Record<string, string | number>> = {}): string {
  return path.replaceAll(/\{(\w+)\}/gu, (_, name: string) => String(values[name] ?? (name === 'session' ? 999 : 'unused')));
}

/** The least body that a route takes. */
function bodyOf({ body }: Route): Record<string, unknown> | undefined {
  if (body === undefined) return undefined;
  const { required = [], properties = {} } = body;
  return Object.fromEntries(required.map((name) => [name, least(properties[name] ?? {})]));
}

function least({ type, minimum = 1, minLength = 1 }: JsonSchema): unknown {
  return type === 'integer' ? Math.max(1, minimum) : 'x'.repeat(minLength);
}

function queryOf({ queryRequired = [] }: Route): string {
  return queryRequired.length === 0 ? '' : `?${queryRequired.map((name) => `${name}=1`).join('&')}`;
}

/** The status and the code of what comes back for these bytes. */
async function raw(text: string): Promise<{ readonly status: number; readonly code: string }> {
  const answer = await sendRaw(url, [text]);
  const body = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as { readonly code: string };
  return { status: Number(/^HTTP\/1\.1 (\d+)/u.exec(answer)?.[1]), code: body.code };
}

function headOf(route: Route, fields = 'Host: a\r\n'): string {
  return `${route.method} ${pathOf(route)}${queryOf(route)} HTTP/1.1\r\n${fields}`;
}

describe('what the server answers before a route sees the request', () => {
  test.each(lockApiRoutes.map((route) => [route.id, route] as const))('%s', async (_id, route) => {
    const got = async (text: string): Promise<string> => {
      const { status, code } = await raw(text);
      return `${saw(route, status)} ${code}`;
    };
    const end = 'Connection: close\r\n\r\n';
    expect(await got(`${headOf(route, '')}${end}`)).toBe('400 E_REQUEST_FORM');
    expect(await got(`${route.method} ${pathOf(route)}?nonsense=1 HTTP/1.1\r\nHost: a\r\n${end}`)).toBe('400 E_REQUEST_FORM');
    expect(await got(`PATCH ${pathOf(route)} HTTP/1.1\r\nHost: a\r\n${end}`)).toBe('405 E_METHOD');
    expect(await got(headOf(route))).toBe('408 E_SLOW');
    expect(await got(`${headOf(route)}Expect: a miracle\r\n${end}`)).toBe('417 E_EXPECTATION');
    expect(await got(`${headOf(route)}X: ${'x'.repeat(20_000)}\r\n${end}`)).toBe('431 E_TOO_LARGE');
    if (route.path.includes('{')) {
      const empty = pathOf(route, { name: '', session: '' });
      expect(await got(`${route.method} ${empty}${queryOf(route)} HTTP/1.1\r\nHost: a\r\n${end}`)).toBe('404 E_ROUTE');
    }
    if (route.body === undefined) return;
    const body = (type: string, length: number): string => `Content-Type: ${type}\r\nContent-Length: ${length}\r\n`;
    expect(await got(`${headOf(route)}${body('application/json', 100_000_000)}${end}`)).toBe('413 E_TOO_LARGE');
    expect(await got(`${headOf(route)}${body('text/plain', 2)}${end}{}`)).toBe('415 E_CONTENT_TYPE');
  });
});

describe('what the replica below answers', () => {
  const failures: readonly (readonly [number, ConsensusErrorCode])[] = [
    [429, 'E_OVERLOADED'],
    [503, 'E_NO_LEADER'],
    [504, 'E_TIMEOUT'],
  ];
  const replicated = lockApiRoutes.filter(({ path }) => path.startsWith('/v1/'));

  test.each(replicated.map((route) => [route.id, route] as const))('%s', async (_id, route) => {
    const [door] = doors.doors;
    if (door === undefined) throw new Error('no door');
    for (const [status, code] of failures) {
      door.member.failure = new ConsensusError(code, 'a test', 'not-applied');
      const answer = await ask(url, route.method, pathOf(route) + queryOf(route), bodyOf(route));
      expect([saw(route, answer.status), answer.body['code']]).toEqual([status, code]);
    }
    door.member.failure = undefined;
  });
});

test('what the state machine answers', async () => {
  const by = new Map(lockApiRoutes.map((route) => [route.id, route]));
  const call = async (id: string, values: Readonly<Record<string, string | number>>, fields: object = {}, query = '') => {
    const route = by.get(id);
    if (route === undefined) throw new Error(`there is no ${id}`);
    const body = route.body === undefined ? undefined : { ...bodyOf(route), ...fields };
    const answer = await ask(url, route.method, pathOf(route, values) + query, body);
    saw(route, answer.status);
    return answer;
  };
  const open = async (): Promise<number> => Number((await call('openSession', {}, { ttlMs: 60_000 })).body['session']);
  const [a, b] = [await open(), await open()];
  for (const session of [a, 999]) for (const id of ['keepSessionAlive', 'getSession']) await call(id, { session });
  // Each acquisition of a session has a higher number than the one before.
  for (const [kind, enter, cancel, leave, request] of [
    ['lock', 'acquireLock', 'cancelAcquire', 'releaseLock', 1],
    ['election', 'campaign', 'cancelCampaign', 'resign', 11],
  ] as const) {
    const granted = await call(enter, { name: kind }, { session: a, request });
    const token = Number(granted.body['token']);
    await call(enter, { name: kind }, { session: b, request, waitMs: 0 });
    await call(enter, { name: kind }, { session: b, request: request + 1, waitMs: 0 });
    if (kind === 'election') {
      for (const value of [token, token + 99]) await call('proclaim', { name: kind }, { session: a, token: value, value: 'x' });
      await call('proclaim', { name: kind }, { session: 999, token, value: 'x' });
      await call('getLeader', { name: kind });
    } else {
      await call('getLock', { name: kind });
      await call('checkToken', { name: kind }, {}, `?token=${token}`);
    }
    for (const id of [enter, cancel]) await call(id, { name: kind }, { session: 999, request });
    await call(cancel, { name: kind }, { session: b, request });
    for (const session of [a, a, 999]) await call(leave, { name: kind }, { session, token });
  }
  for (const id of ['listLocks', 'getWaitGraph']) await call(id, {});
  await call('acquireLock', { name: 'taken' }, { session: a, request: 21 });
  for (let i = 0; i < 2; i++) await call('forceRelease', { name: 'taken' });
  for (let i = 0; i < 2; i++) await call('closeSession', { session: b });
  for (const id of ['getLiveness', 'getReadiness', 'getHealth', 'getVersion', 'getMetrics', 'getOpenApi']) await call(id, {});
});

test('an observer is answered with a stream', async () => {
  const route = lockApiRoutes.find(({ id }) => id === 'observeLeader');
  if (route === undefined) throw new Error('there are observers');
  const ending = new AbortController();
  const response = await fetch(`${url}${pathOf(route)}`, { signal: ending.signal });
  expect([saw(route, response.status), response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  ending.abort();
});

test('a member that is not ready says so', async () => {
  const [door] = doors.doors;
  if (door === undefined) throw new Error('no door');
  door.member.failure = new ConsensusError('E_NO_LEADER', 'a test', 'not-applied');
  for (const route of lockApiRoutes.filter(({ id }) => id === 'getReadiness' || id === 'getHealth'))
    expect(saw(route, (await ask(url, route.method, route.path)).status)).toBe(503);
  door.member.failure = undefined;
});

// The last test: it looks at what all others were answered.
test('the description has the statuses that the door answers, and no others', () => {
  const described = Object.values(description.paths).flatMap((operations) =>
    Object.values(operations).map(({ operationId, responses }) => [operationId, Object.keys(responses).map(Number)] as const),
  );
  const sorted = (statuses: Iterable<number>): readonly number[] => [...statuses].toSorted((x, y) => x - y);
  expect(Object.fromEntries([...answered].map(([id, statuses]) => [id, sorted(statuses)]))).toEqual(
    Object.fromEntries(described.map(([id, statuses]) => [id, sorted(statuses)])),
  );
});
