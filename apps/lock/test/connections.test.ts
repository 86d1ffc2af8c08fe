import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { lockCommands } from '../src/machine/index.ts';
import { ask } from './fixtures/checked-fetch.ts';
import { until } from './fixtures/raw-http.ts';
import { openTestDoors, type TestDoors } from './fixtures/test-door.ts';

let doors: TestDoors;

afterEach(() => doors.close());

async function session(url: string): Promise<number> {
  return Number((await ask(url, 'POST', '/v1/sessions', { ttlMs: 60_000 })).body['session']);
}

function acquireText(fields: object): string {
  const body = JSON.stringify({ request: 1, waitMs: 60_000, ...fields });
  const head = 'POST /v1/locks/x/acquire HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';
  return `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
}

describe('a connection that ends', () => {
  test('gives back the places of all requests that came over it one behind the other', async () => {
    doors = await openTestDoors();
    const [url = ''] = doors.urls;
    const [a, b, c] = [await session(url), await session(url), await session(url)];
    await ask(url, 'POST', '/v1/locks/x/acquire', { session: a, request: 1, waitMs: 0 });
    const waiting = (): number | undefined => doors.doors[0]?.door.waiting().waits;
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => {
      // HTTP pipelining: the second request is served before the first is answered, its answer waits for its turn.
      socket.write(acquireText({ session: b }) + acquireText({ session: c, cancelOnDisconnect: true }));
    });
    await until(() => doors.cluster.count('acquire') === 3 && waiting() === 2);
    socket.destroy();
    await until(() => waiting() === 0);
    await until(() => doors.cluster.count('cancel') === 1);
  });

  test('gives back the place of an observer behind another one', async () => {
    doors = await openTestDoors();
    const [url = ''] = doors.urls;
    const observers = (): number | undefined => doors.doors[0]?.door.waiting().observers;
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => {
      socket.write('GET /v1/elections/e/observe HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(2));
    });
    await until(() => observers() === 2);
    socket.destroy();
    await until(() => observers() === 0);
  });
});

test('an election that changes while its observers are sent away harms nobody', async () => {
  doors = await openTestDoors();
  const [{ door, member, url } = { door: undefined, member: undefined, url: '' }] = doors.doors;
  const a = await session(url);
  const response = await fetch(`${url}/v1/elections/e/observe`);
  await until(() => door?.waiting().observers === 1);
  member?.pause();
  doors.cluster.propose(lockCommands.acquire({ session: a, lock: 'e', request: 1, mode: 'campaign' }));
  const closed = door?.close(performance.now() + 1000);
  member?.resume();
  await closed;
  expect(await response.text()).toContain('"leader":null');
  expect(member?.events.filter(({ type }) => type === 'election')).toHaveLength(1);
});
