import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockClient, type LockClient, type LockClientEvent, type LockClientOptions } from '../src/client/index.ts';
import { until } from './fixtures/raw-http.ts';
import { openTestDoors, type TestDoors } from './fixtures/test-door.ts';
import { testNetwork, type TestNetwork } from './fixtures/test-network.ts';

let doors: TestDoors;
let network: TestNetwork;
let clients: LockClient[] = [];
let events: LockClientEvent['type'][] = [];

beforeEach(async () => {
  doors = await openTestDoors(2);
  network = testNetwork();
  events = [];
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  clients = [];
  await doors.close();
});

function newClient(options: Partial<LockClientOptions> = {}): LockClient {
  const onEvent = ({ type }: LockClientEvent): void => void events.push(type);
  const client = lockClient({ endpoints: doors.urls, ttlMs: 60_000, fetch: network.fetch, onEvent, ...options });
  clients.push(client);
  return client;
}

const pathOf = (input: Parameters<typeof fetch>[0]): string => new URL(input instanceof Request ? input.url : input).pathname;

const codeOf = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => (error as { code?: unknown }).code,
  );

describe("the holder's own deadline", () => {
  test('leaves room for a clock that is slow by a thousandth, however long the session', async () => {
    const ttlMs = 3_600_000;
    const lock = await newClient({ ttlMs }).acquire('x');
    expect(lock.remainingMs()).toBeLessThan(ttlMs - ttlMs / 1000);
    expect(lock.remainingMs()).toBeGreaterThan(ttlMs - ttlMs / 500);
  });

  test('is not moved by an answer that no member gave', async () => {
    const client = newClient({
      ttlMs: 1000,
      fetch: (input, init) =>
        pathOf(input).endsWith('keepalive') ? Promise.resolve(new Response('<p>Please log in</p>')) : network.fetch(input, init),
    });
    const lock = await client.acquire('x');
    await until(() => lock.signal.aborted);
    expect(events).toEqual(['jeopardy', 'expired']);
  });
});

describe('an acquire', () => {
  test('that is refused takes back a copy of itself that is still on its way', async () => {
    const holder = await newClient().acquire('x');
    let late: (() => Promise<Response>) | undefined;
    const other = newClient({
      // The first copy is held up on its way, and its client believes it to be lost.
      fetch: (input, init) => {
        if (!pathOf(input).endsWith('/x/acquire') || late !== undefined) return network.fetch(input, init);
        late = () => network.fetch(input, { ...init, signal: null });
        return Promise.reject(new TypeError('the connection was reset'));
      },
    });
    await other.acquire('warm');
    expect(await codeOf(other.acquire('x', { tryOnly: true }))).toBe('E_LOCK_HELD');
    await until(() => doors.cluster.count('cancel') === 1);
    await holder.release();
    expect((await late?.())?.status).toBe(409);
    expect((await newClient().acquire('x', { tryOnly: true })).token).toBeGreaterThan(holder.token);
  });

  test('that comes so late that its number does not count any more asks with another one', async () => {
    let send: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      send = resolve;
    });
    const client = newClient({
      fetch: async (input, init) => {
        if (pathOf(input).includes('/slow/')) await held;
        return network.fetch(input, init);
      },
    });
    const slow = client.acquire('slow');
    for (let round = 0; round < 40; round++) await (await client.acquire('x')).release();
    send();
    expect((await slow).token).toBeGreaterThan(0);
    expect(network.sent.filter(({ path }) => path.includes('/slow/')).map(({ status }) => status)).toEqual([409, 200]);
  });
});

test('closing at any moment leaves nothing that runs and no lock that seems to be held', async () => {
  // Between the arrival of an answer and what its caller makes of it are some turns of the queue of promises: closes in each of them.
  // `close` waits for everything that runs.
  const closing = ['sessions', 'acquire'].flatMap((last) =>
    Array.from({ length: 16 }, async (_, turns) => {
      const client: LockClient = newClient({
        fetch: async (input, init) => {
          const response = await network.fetch(input, init);
          if (!pathOf(input).endsWith(last)) return response;
          const text = await response.text();
          const closeSoon = async (): Promise<void> => {
            for (let turn = 0; turn < turns; turn++) await Promise.resolve();
            await client.close();
          };
          const read = async (): Promise<string> => {
            void closeSoon();
            return await Promise.resolve(text);
          };
          return Object.defineProperty(response, 'text', { value: read });
        },
      });
      const lock = await client.acquire(`${last} ${turns}`).catch((error: unknown) => error as { readonly code: string });
      await client.close();
      return 'signal' in lock ? lock.signal.aborted : lock.code === 'E_CLOSED';
    }),
  );
  expect(await Promise.all(closing)).toEqual(closing.map(() => true));
});
