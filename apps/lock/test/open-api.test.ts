import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lockApiRoutes } from '../src/door/open-api.ts';
import { ask, description, seen } from './fixtures/checked-fetch.ts';
import { noLeader, openTestDoors, type TestDoors } from './fixtures/test-door.ts';

let doors: TestDoors;
let url = '';

beforeAll(async () => {
  doors = await openTestDoors();
  [url = ''] = doors.urls;
});
afterAll(() => doors.close());

test('the description is valid OpenAPI 3.1, and what the door itself serves', async () => {
  const served = (await (await fetch(`${url}/openapi.json`)).json()) as Record<string, unknown>;
  expect(served).toEqual(description);
  const result = await new Validator().validate(structuredClone(served));
  expect(result).toMatchObject({ valid: true });
});

test('it has every route once, with the values of its path', () => {
  const described = Object.entries(description.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { operationId }]) => `${method.toUpperCase()} ${path} ${operationId}`),
  );
  expect(described.toSorted()).toEqual(lockApiRoutes.map(({ method, path, id }) => `${method} ${path} ${id}`).toSorted());
  expect(new Set(lockApiRoutes.map(({ id }) => id)).size).toBe(lockApiRoutes.length);
});

// Each answer is checked against its schema by `ask`.
test('every route answers as it is described', async () => {
  const session = Number((await ask(url, 'POST', '/v1/sessions', { ttlMs: 10_000, name: 'one', metadata: 'ä' })).body['session']);
  const other = Number((await ask(url, 'POST', '/v1/sessions', { ttlMs: 10_000 })).body['session']);
  await ask(url, 'POST', `/v1/sessions/${session}/keepalive`);
  await ask(url, 'POST', '/v1/sessions/999/keepalive');
  const granted = await ask(url, 'POST', '/v1/locks/a%2Fb/acquire', { session, request: 1, metadata: 'm', delayMs: 10 });
  expect(granted).toMatchObject({ status: 200, body: { status: 'granted' } });
  const token = Number(granted.body['token']);
  expect(await ask(url, 'POST', '/v1/locks/a%2Fb/acquire', { session: other, request: 1, waitMs: 0 })).toMatchObject({
    status: 202,
    body: { status: 'waiting', ahead: 0 },
  });
  expect(await ask(url, 'POST', '/v1/locks/a%2Fb/acquire', { session: other, request: 2, wait: false })).toMatchObject({
    status: 409,
    body: { code: 'E_ALREADY_WAITING', outcome: 'not-applied' },
  });
  const holders = [{ session, token, mode: 'exclusive', count: 1, delayMs: 10, metadata: 'm' }];
  const waiters = [{ session: other, request: 1, mode: 'exclusive', metadata: '' }];
  expect(await ask(url, 'GET', '/v1/locks/a%2Fb')).toMatchObject({
    body: { name: 'a/b', holders, waiters, holding: 1, waiting: 1 },
  });
  expect(await ask(url, 'GET', '/v1/locks?prefix=a&limit=1')).toMatchObject({ body: { locks: [{ name: 'a/b' }], more: false } });
  expect(await ask(url, 'GET', `/v1/sessions/${other}`)).toMatchObject({ body: { holds: [], waits: ['a/b'] } });
  expect((await ask(url, 'GET', '/v1/sessions/999?consistency=serializable')).status).toBe(410);
  expect(await ask(url, 'GET', '/v1/wait-graph')).toMatchObject({
    body: { edges: [{ waiter: other, holder: session, lock: 'a/b' }], circles: [], more: false },
  });
  expect(await ask(url, 'GET', `/v1/locks/a%2Fb/check?token=${token}`)).toMatchObject({
    body: { valid: true, session, newest: token },
  });
  await ask(url, 'POST', '/v1/locks/a%2Fb/cancel', { session: other, request: 1 });
  await ask(url, 'POST', '/v1/locks/a%2Fb/release', { session, token, request: 1 });
  expect((await ask(url, 'POST', '/v1/locks/a%2Fb/release', { session, token })).body['code']).toBe('E_NOT_HELD');
  await ask(url, 'POST', '/v1/locks/c/acquire', { session, request: 3, mode: 'permit', permits: 2 });
  await ask(url, 'POST', '/v1/locks/c/force-release', { by: 'root', reason: 'a test' });
  expect(doors.doors[0]?.warnings).toMatchObject([
    { text: 'a lock was taken from its holders by force', fields: { lock: 'c', by: 'root', reason: 'a test' } },
  ]);
  expect((await ask(url, 'POST', '/v1/locks/c/force-release', { by: 'root', reason: 'again' })).status).toBe(409);
  await elections(session);
  await ask(url, 'DELETE', `/v1/sessions/${other}`);
  expect((await ask(url, 'DELETE', `/v1/sessions/${other}`)).status).toBe(410);
  for (const path of ['/livez', '/readyz', '/health', '/version', '/metrics', '/openapi.json']) await ask(url, 'GET', path);
  const succeeded = new Set([...seen].filter((one) => / 2\d\d$/u.test(one)).map((one) => one.split(' ')[0]));
  expect(lockApiRoutes.map(({ id }) => id).filter((id) => !succeeded.has(id))).toEqual(['observeLeader']);
});

async function elections(session: number): Promise<void> {
  expect(await ask(url, 'GET', '/v1/elections/e/leader')).toMatchObject({ body: { leader: null } });
  const elected = await ask(url, 'POST', '/v1/elections/e/campaign', { session, request: 9, value: 'x' });
  const token = Number(elected.body['token']);
  await ask(url, 'POST', '/v1/elections/e/proclaim', { session, token, value: 'y' });
  expect((await ask(url, 'POST', '/v1/elections/e/proclaim', { session, token: token - 1, value: 'y' })).status).toBe(409);
  expect(await ask(url, 'GET', '/v1/elections/e/leader')).toMatchObject({ body: { leader: { session, token, value: 'y' } } });
  expect((await ask(url, 'POST', '/v1/locks/e/acquire', { session, request: 10 })).body['code']).toBe('E_LOCK_USE');
  // A cancel that comes too late tells of the grant.
  expect((await ask(url, 'POST', '/v1/elections/e/cancel', { session, request: 9 })).body).toEqual({ status: 'granted', token });
  await ask(url, 'POST', '/v1/elections/e/resign', { session, token });
}

test('a member without a leader says so wherever it is asked', async () => {
  const [door] = doors.doors;
  if (door === undefined) throw new Error('no door');
  door.member.failure = noLeader();
  const error = { code: 'E_NO_LEADER', outcome: 'not-applied' };
  expect(await ask(url, 'POST', '/v1/sessions', { ttlMs: 10_000 })).toMatchObject({ status: 503, body: error });
  expect(await ask(url, 'POST', '/v1/sessions/1/keepalive')).toMatchObject({ status: 503, body: error });
  expect(await ask(url, 'GET', '/v1/locks/a')).toMatchObject({ status: 503, body: error });
  expect(await ask(url, 'GET', '/readyz')).toMatchObject({ status: 503, body: { ready: false, reason: 'RAFT NO LEADER' } });
  expect(await ask(url, 'GET', '/health')).toMatchObject({ status: 503, body: { health: 'false' } });
  expect((await ask(url, 'GET', '/livez')).status).toBe(200);
  door.member.failure = undefined;
});
