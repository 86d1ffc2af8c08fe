import { readdirSync, readFileSync } from 'node:fs';
import { lockCommandCodec } from '@quorate/codec-protobuf/lock';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { lockClient, type HeldLock, type LockClient, type LockClientEvent, type LockClientOptions } from '../src/client/index.ts';
import { lockCommands } from '../src/machine/index.ts';
import { ask } from './fixtures/checked-fetch.ts';
import { until } from './fixtures/raw-http.ts';
import { openTestDoors, type TestDoors } from './fixtures/test-door.ts';
import { stopEverything, testNetwork, type TestNetwork } from './fixtures/test-network.ts';

let doors: TestDoors;
let network: TestNetwork;
let clients: LockClient[] = [];
let events: LockClientEvent['type'][] = [];

// The first requests of a process take much longer than later ones.
beforeAll(async () => {
  const warm = await openTestDoors();
  const client = lockClient({ endpoints: warm.urls });
  await (await client.acquire('x')).release();
  await client.close();
  await warm.close();
});
beforeEach(async () => {
  doors = await openTestDoors(2);
  network = testNetwork();
  events = [];
});
afterEach(async () => {
  network.fate = () => 'pass';
  await Promise.all(clients.map((client) => client.close()));
  clients = [];
  await doors.close();
});

function newClient(options: Partial<LockClientOptions> = {}): LockClient {
  const onEvent = ({ type }: LockClientEvent): void => void events.push(type);
  const client = lockClient({ endpoints: doors.urls, ttlMs: 3000, fetch: network.fetch, onEvent, ...options });
  clients.push(client);
  return client;
}

const firing = (signal: AbortSignal): Promise<number> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(performance.now())));

const codeOf = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => (error as { code?: unknown }).code,
  );

async function waiters(name: string): Promise<unknown> {
  return (await ask(doors.urls[0] ?? '', 'GET', `/v1/locks/${name}`)).body['waiting'];
}

/** When the last renewal left that was answered: the time that the holder's own deadline is counted from. */
function acknowledgedMs(): number {
  const renewals = network.sent.filter(({ path, status }) => /keepalive|sessions$/u.test(path) && (status ?? 500) < 300);
  return Math.max(...renewals.map(({ atMs }) => atMs));
}

/** Resolves when a timer has fired that is due when the session's time is over by the clock of the one who sent the renewals. */
async function deadline(ttlMs: number): Promise<{ readonly deadlineMs: number; readonly firedMs: number }> {
  for (;;) {
    const deadlineMs = acknowledgedMs() + ttlMs;
    await new Promise((resolve) => setTimeout(resolve, deadlineMs - performance.now()));
    if (acknowledgedMs() + ttlMs <= deadlineMs) return { deadlineMs, firedMs: performance.now() };
  }
}

describe("the holder's own deadline", () => {
  test('the signal fires no later, and the client says jeopardy before and expired then', async () => {
    const lock = await newClient({ ttlMs: 1000 }).acquire('x');
    const lost = firing(lock.signal);
    await until(() => network.sent.filter(({ path, status }) => path.endsWith('keepalive') && status === 200).length > 1);
    network.fate = () => 'silent';
    // A timer of the test's own for the holder's deadline: whenever it fires, on however slow a machine, the signal came first.
    const late = await deadline(1000);
    expect(lock.signal.aborted).toBe(true);
    expect((await lost) - late.deadlineMs).toBeLessThanOrEqual(late.firedMs - late.deadlineMs);
    // A slow machine may have been in jeopardy, and safe again, before.
    expect(events.slice(-2)).toEqual(['jeopardy', 'expired']);
    expect((lock.signal.reason as { code: string }).code).toBe('E_SESSION_EXPIRED');
    expect(lock.remainingMs()).toBe(0);
    expect(await lock.release()).toBe(false);
  });

  test('an answer in time makes it safe again, and nothing is lost; the next silence is jeopardy again', async () => {
    const lock = await newClient({ ttlMs: 2000 }).acquire('x');
    network.fate = () => 'silent';
    await until(() => events.includes('jeopardy'));
    network.fate = () => 'pass';
    await until(() => events.includes('safe'));
    expect(events.at(-1)).toBe('safe');
    expect(events).not.toContain('expired');
    expect(lock.signal.aborted).toBe(false);
    expect(lock.remainingMs()).toBeGreaterThan(400);
    network.fate = () => 'silent';
    await until(() => events.lastIndexOf('jeopardy') > events.lastIndexOf('safe'));
    // In the middle of its time and not at the end of it.
    expect(lock.remainingMs()).toBeGreaterThan(100);
    await until(() => events.includes('expired'));
    expect(events.slice(-3)).toEqual(['safe', 'jeopardy', 'expired']);
  });

  test('after a stop of the whole process the loss is told before anything else', async () => {
    const client = newClient({ ttlMs: 1000 });
    const lock = await client.acquire('x');
    const lost = firing(lock.signal);
    network.fate = () => 'silent';
    await until(() => events.includes('jeopardy'));
    // The answer that would have made it safe is there, but the process is stopped before it reads it.
    network.onAnswer = (path) => {
      network.onAnswer = () => undefined;
      if (path.endsWith('keepalive')) stopEverything(1100);
    };
    network.fate = () => 'pass';
    const before = events.length;
    await lost;
    expect(events.slice(before)).toEqual(['expired']);
    // The members, whose time stands still here, would have let it live: the client's own word counts.
    expect(await client.check('x', lock.token)).toEqual({ valid: true, newest: lock.token });
  });

  test('whoever asks right after a stop is told, before any timer or answer could run', async () => {
    const lock = await newClient({ ttlMs: 1000 }).acquire('x');
    stopEverything(1100);
    expect(lock.signal.aborted).toBe(false);
    expect(lock.remainingMs()).toBe(0);
    expect(lock.signal.aborted).toBe(true);
  });

  test('a grant that was on its way while the process was stopped is none: another session asks again', async () => {
    const client = newClient({ ttlMs: 1000 });
    network.onAnswer = (path) => {
      if (path.endsWith('acquire')) stopEverything(1100);
    };
    const acquired = client.acquire('x');
    await until(() => events.includes('expired'));
    network.onAnswer = () => undefined;
    await until(() => doors.cluster.count('acquire') === 2);
    // The members think that the first session holds it, until they end that one.
    expect(await waiters('x')).toBe(1);
    const opened = doors.cluster.kinds.indexOf('open-session') + 1;
    doors.cluster.propose(lockCommandCodec.encode({ kind: 'expire-session', session: opened, renewal: opened }));
    const lock = await acquired;
    expect(await client.check('x', lock.token)).toEqual({ valid: true, newest: lock.token });
    expect(doors.doors[0]?.member.events.filter(({ type }) => type === 'granted')).toHaveLength(2);
  });

  test('the members end a session: the lock is lost at the next renewal, and the next acquire opens another session', async () => {
    const client = newClient({ ttlMs: 1000 });
    const lock = await client.acquire('x');
    const lost = firing(lock.signal);
    const opened = doors.cluster.kinds.indexOf('open-session') + 1;
    doors.cluster.propose(lockCommandCodec.encode({ kind: 'expire-session', session: opened, renewal: opened }));
    await lost;
    expect(events).toEqual(['expired']);
    const again = await client.acquire('x');
    expect(again.token).toBeGreaterThan(lock.token);
  });
});

describe('an acquire', () => {
  test('whose answer was lost is repeated with the same number at another member: one grant', async () => {
    let losses = 1;
    network.fate = (_origin, path) => (path.endsWith('acquire') && losses-- > 0 ? 'lose-answer' : 'pass');
    const lock = await newClient().acquire('x');
    const asked = network.sent.filter(({ path }) => path.endsWith('acquire'));
    expect(asked.map(({ origin }) => origin)).toEqual(doors.urls);
    expect(doors.doors[0]?.member.events.filter(({ type }) => type === 'granted')).toMatchObject([{ token: lock.token }]);
  });

  test('leaves a silent member as soon as a renewal has found out, and gets its lock at another one', async () => {
    const [first = ''] = doors.urls;
    const holder = await newClient({ endpoints: doors.urls.toReversed() }).acquire('x');
    const waiting = newClient({ ttlMs: 2400 }).acquire('x');
    await until(() => doors.doors[0]?.door.waiting().waits === 1);
    network.fate = (origin) => (origin === first ? 'silent' : 'pass');
    await until(() => doors.doors[1]?.door.waiting().waits === 1);
    // It was taken back, and did not just run out.
    const poll = network.sent.find(({ origin, path }) => origin === first && path.endsWith('acquire'));
    expect(poll).toMatchObject({ status: undefined });
    expect(await holder.release()).toBe(true);
    expect((await waiting).token).toBeGreaterThan(holder.token);
    expect(events).not.toContain('expired');
  });

  test('that runs out of time, or is aborted, leaves nothing in the queue', async () => {
    const holder = await newClient().acquire('x');
    const other = newClient();
    await other.acquire('warm');
    expect(await codeOf(other.acquire('x', { timeoutMs: 100 }))).toBe('E_TIMEOUT');
    const controller = new AbortController();
    const asked = doors.cluster.count('acquire');
    const aborted = codeOf(other.acquire('x', { signal: controller.signal }));
    await until(() => doors.cluster.count('acquire') > asked);
    controller.abort();
    expect(await aborted).toBe('E_ABORTED');
    expect(await codeOf(other.acquire('x', { signal: controller.signal }))).toBe('E_ABORTED');
    await until(() => doors.cluster.kinds.at(-1) === 'cancel');
    expect(await waiters('x')).toBe(0);
    expect(await codeOf(other.acquire('x', { tryOnly: true }))).toBe('E_LOCK_HELD');
    await holder.release();
    expect((await other.acquire('x', { tryOnly: true })).token).toBeGreaterThan(holder.token);
  });

  test('that was granted while it was aborted gives the lock back', async () => {
    const controller = new AbortController();
    network.onAnswer = (path) => {
      if (path.endsWith('acquire')) controller.abort();
    };
    expect(await codeOf(newClient().acquire('x', { signal: controller.signal }))).toBe('E_ABORTED');
    await until(() => doors.cluster.kinds.includes('release'));
    expect((await newClient().acquire('x')).signal.aborted).toBe(false);
  });

  test.each(['', '.', '..'])('of the name "%s" is refused: no path can hold it', async (name) => {
    expect(await codeOf(newClient().acquire(name))).toBe('E_NAME');
    expect(network.sent).toEqual([]);
  });

  test('takes any other name', async () => {
    const client = newClient();
    for (const name of ['a/b', '%2F', 'ä ?#&', '...', '"', '\u{1f512}']) {
      const lock = await client.acquire(name);
      expect((await client.check(name, lock.token)).valid, name).toBe(true);
    }
  });
});

describe('callers of one client', () => {
  test('wait for each other, in order', async () => {
    const client = newClient();
    const order: number[] = [];
    let inside = 0;
    await Promise.all(
      [1, 2, 3].map(async (place) => {
        const lock = await client.acquire('x');
        expect(++inside).toBe(1);
        order.push(place);
        // Long enough for the others to come in, if nothing kept them out.
        for (let round = 0; round < 3; round++) expect((await client.check('x', lock.token)).valid).toBe(true);
        expect(inside--).toBe(1);
        await lock.release();
      }),
    );
    expect(order).toEqual([1, 2, 3]);
  });

  test('read together, and not while one writes', async () => {
    const client = newClient();
    const [one, two] = await Promise.all([client.acquire('x', { mode: 'shared' }), client.acquire('x', { mode: 'shared' })]);
    const writer = client.acquire('x');
    const late = client.acquire('x', { mode: 'shared' });
    expect(await codeOf(client.acquire('x', { tryOnly: true }))).toBe('E_LOCK_HELD');
    expect(await one.release()).toBe(true);
    expect(two.signal.aborted).toBe(false);
    expect(await two.release()).toBe(true);
    expect(await (await writer).release()).toBe(true);
    expect(await (await late).release()).toBe(true);
  });

  test('share the permits of a semaphore like others', async () => {
    const client = newClient();
    const permit = { mode: 'permit', permits: 2 } as const;
    const held: HeldLock[] = [await client.acquire('s', permit), await client.acquire('s', permit)];
    expect(await codeOf(client.acquire('s', { ...permit, tryOnly: true }))).toBe('E_LOCK_HELD');
    const third = client.acquire('s', permit);
    await held[1]?.release();
    expect((await third).token).toBeGreaterThan(held[0]?.token ?? 0);
  });
});

describe('a release', () => {
  test('stops the work under the lock first, happens once, and says so to everyone', async () => {
    const lock = await newClient().acquire('x');
    const released = lock.release();
    expect(lock.signal.aborted).toBe(true);
    expect(await Promise.all([released, lock.release()])).toEqual([true, true]);
    expect(doors.cluster.count('release')).toBe(1);
  });

  test('whose answer was lost is repeated without harm', async () => {
    const lock = await newClient().acquire('x');
    let losses = 1;
    network.fate = (_origin, path) => (path.endsWith('release') && losses-- > 0 ? 'lose-answer' : 'pass');
    expect(await lock.release()).toBe(true);
  });

  test('is false where the lock was taken by force', async () => {
    const client = newClient();
    const lock = await client.acquire('x');
    doors.cluster.propose(lockCommands.forceRelease({ lock: 'x', by: 'root', reason: 'test' }));
    await until(() => doors.cluster.kinds.includes('force-release'));
    expect(await client.check('x', lock.token)).toEqual({ valid: false, newest: 0 });
    expect(await lock.release()).toBe(false);
  });

  test('happens at the end of a block', async () => {
    {
      await using lock = await newClient().acquire('x');
      expect(lock.token).toBeGreaterThan(0);
    }
    expect(doors.cluster.kinds.at(-1)).toBe('release');
  });
});

test('an election: candidates in order, values as proclaimed, observed across the end of a member', async () => {
  const [one, two] = [newClient(), newClient()];
  const seen: (string | undefined)[] = [];
  const stop = new AbortController();
  const observing = (async () => {
    for await (const leader of newClient().observe('e', { signal: stop.signal })) seen.push(leader?.value);
  })();
  await until(() => seen.length === 1);
  const first = await one.campaign('e', { value: 'one' });
  const second = two.campaign('e', { value: 'two' });
  await first.proclaim('uno');
  await until(() => seen.includes('uno'));
  await doors.doors[0]?.door.close(performance.now() + 500);
  expect(await first.resign()).toBe(true);
  expect((await second).token).toBeGreaterThan(first.token);
  await until(() => seen.includes('two'));
  expect(await codeOf(first.proclaim('late'))).toBe('E_NOT_HELD');
  stop.abort();
  await observing;
  expect(seen.every((value, place) => place === 0 || value !== seen[place - 1])).toBe(true);
  expect(seen.filter((value) => value !== undefined)).toEqual(['one', 'uno', 'two']);
});

test('closing ends the session, what waits, and everything that runs', async () => {
  const client = newClient({ ttlMs: 1000 });
  const lock = await client.acquire('x');
  const other = newClient();
  const waiting = codeOf(other.acquire('x'));
  await until(() => doors.doors[0]?.door.waiting().waits === 1);
  await Promise.all([client.close(), client.close()]);
  expect(lock.signal.aborted).toBe(true);
  expect(await lock.release()).toBe(false);
  expect(await codeOf(client.acquire('x'))).toBe('E_CLOSED');
  expect(await waiting).toBe('resolved');
  await other.close();
  expect(doors.cluster.count('close-session')).toBe(2);
  const before = network.sent.length;
  const sessionOf = (path: string): string | undefined => /^\/v1\/sessions\/(\d+)/u.exec(path)?.[1];
  const closed = new Set(network.sent.map(({ path }) => sessionOf(path)).filter((id) => id !== undefined));
  expect(closed.size).toBe(2);
  // For as long as a client with as short a session renews it twice, the closed ones say nothing.
  await newClient({ ttlMs: 1000 }).acquire('y');
  const since = (): TestNetwork['sent'] => network.sent.slice(before);
  await until(() => since().filter(({ path }) => path.endsWith('keepalive')).length >= 2);
  expect(since().filter(({ path }) => closed.has(sessionOf(path) ?? '') || path.includes('/x/'))).toEqual([]);
});

test('many locks, and many that wait, are no leak to the platform', async () => {
  const warnings: string[] = [];
  const warned = (warning: Error): void => void warnings.push(warning.name);
  process.on('warning', warned);
  const outer = new AbortController();
  const [one, two] = [newClient(), newClient()];
  const names = Array.from({ length: 30 }, (_, place) => `lock${place}`);
  const held = await Promise.all(names.map((name) => one.acquire(name)));
  const waiting = names.map((name) => two.acquire(name, { signal: outer.signal }));
  const behind = codeOf(two.acquire('lock0', { signal: outer.signal }));
  await until(() => doors.doors[0]?.door.waiting().waits === 30);
  await Promise.all(held.map((lock) => lock.release()));
  await Promise.all(waiting);
  outer.abort();
  expect(await behind).toBe('E_ABORTED');
  await new Promise(setImmediate);
  process.off('warning', warned);
  expect(warnings).toEqual([]);
});

test('options are refused with everything that is wrong about them', () => {
  expect(() => lockClient({ endpoints: ['tcp://a'], ttlMs: 5 })).toThrow(
    /E_OPTIONS: endpoints has "tcp:\/\/a", allowed: http:\/\/HOST:PORT; ttlMs is 5, allowed: an integer from 100/u,
  );
  expect(() => lockClient({ endpoints: [] })).toThrow(/endpoints is empty/u);
});

// Browsers and Deno run it too: nothing of Node's own, and nothing of this package outside of its folder.
test('the client needs nothing but the platform', () => {
  const folder = new URL('../src/client/', import.meta.url);
  for (const file of readdirSync(folder)) {
    const text = readFileSync(new URL(file, folder), 'utf8');
    expect(text.match(/from '(?!\.\/)[^']*'/u), file).toBeNull();
    expect(text.match(/\b(Buffer|process|require|setImmediate|__dirname)\b/u)?.[0] ?? 'nothing', file).toMatch(
      /nothing|process/u,
    );
    expect(text.match(/\bprocess\.\w+/u), file).toBeNull();
  }
});
