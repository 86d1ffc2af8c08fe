import { describe, expect, test } from 'vitest';
import { lockCommands, lockLimits, lockQueries } from '../src/machine/index.ts';
import { bytesOf, LockDriver, woken, wordOf } from './fixtures/lock-driver.ts';

describe('a session', () => {
  test('has the ordinal of its opening as id, and what its client said of it', () => {
    const driver = new LockDriver();
    driver.open();
    const { reply, events, ordinal } = driver.run(lockCommands.openSession(7_000, 'worker', bytesOf('host 7')));
    expect(reply).toEqual({ kind: 'session-opened', session: ordinal, ttlMs: 7_000 });
    expect(events).toEqual([{ type: 'session-opened', session: ordinal, ttlMs: 7_000 }]);
    expect(driver.query(lockQueries.session(ordinal))).toEqual({
      kind: 'session',
      session: ordinal,
      ttlMs: 7_000,
      name: 'worker',
      metadata: bytesOf('host 7'),
      holds: [],
      waits: [],
    });
  });

  test('is renewed with many others by one command, which names those that are gone', () => {
    const driver = new LockDriver();
    const [a, b] = [driver.open(), driver.open()];
    expect(driver.run(lockCommands.keepAlive([a, 77, b, 78])).reply).toEqual({ kind: 'kept-alive', gone: [77, 78] });
  });

  test('expires only if nobody renewed it since the leader looked', () => {
    const driver = new LockDriver();
    const a = driver.open();
    const { ordinal: renewal } = driver.run(lockCommands.keepAlive([a]));
    expect(driver.expire(a, a)).toMatchObject({ reply: { kind: 'refused' }, events: [] });
    expect(driver.restored().expire(a, renewal).reply).toEqual({ kind: 'done' });
    expect(driver.expire(a, renewal).events).toEqual([{ type: 'session-ended', session: a, cause: 'expired' }]);
    expect(wordOf(driver.query(lockQueries.session(a)))).toBe('E_NO_SESSION');
    expect(driver.run(lockCommands.keepAlive([a])).reply).toEqual({ kind: 'kept-alive', gone: [a] });
  });

  test('takes all that it owns with it, by the names of the locks, and hands it on', () => {
    const driver = new LockDriver();
    const [a, b, c] = [driver.open(), driver.open(), driver.open()];
    driver.hold(a, 'm');
    driver.hold(a, 'c');
    driver.hold(b, 'z');
    const { request } = driver.acquire(a, 'z');
    driver.acquire(b, 'm');
    driver.acquire(c, 'c');
    expect(driver.query(lockQueries.session(a))).toMatchObject({ holds: ['c', 'm'], waits: ['z'] });
    const { events } = driver.run(lockCommands.closeSession(a));
    expect(events).toMatchObject([
      { type: 'session-ended', cause: 'closed' },
      { type: 'released', lock: 'c', cause: 'closed' },
      { type: 'granted', lock: 'c', session: c },
      { type: 'released', lock: 'm' },
      { type: 'granted', lock: 'm', session: b },
      { type: 'wait-ended', lock: 'z', request, cause: 'closed' },
    ]);
    expect(driver.query(lockQueries.totals())).toMatchObject({ sessions: 2, locks: 3, claims: 3 });
    expect(wordOf(driver.run(lockCommands.closeSession(a)).reply)).toBe('E_NO_SESSION');
  });

  test('that ends in the queue lets those behind it in', () => {
    const driver = new LockDriver();
    const [a, w, b] = [driver.open(), driver.open(), driver.open()];
    driver.hold(a, 'x', { mode: 'shared' });
    driver.acquire(w, 'x');
    driver.acquire(b, 'x', { mode: 'shared' });
    expect(woken(driver.expire(w).events)).toEqual([b]);
  });
});

test('a session that has to do with as many locks as there may be is described', () => {
  const driver = new LockDriver();
  const a = driver.open();
  for (let lock = 0; lock < lockLimits.locks; lock++) driver.acquire(a, `s${lock}`, { mode: 'permit', permits: 1 });
  driver.acquire(a, 's0', { mode: 'permit', permits: 1 });
  const reply = driver.query(lockQueries.session(a));
  if (reply.kind !== 'session') throw new Error('no session');
  expect([reply.holds.length, reply.waits]).toEqual([lockLimits.locks, ['s0']]);
});

describe('a list of locks', () => {
  test('is in the order of names, by pages and prefixes, without waiters', () => {
    const driver = new LockDriver();
    const [a, b] = [driver.open(), driver.open()];
    for (const name of ['b/2', 'a', 'b/10', 'b/1', 'c']) driver.hold(a, name);
    driver.acquire(b, 'b/1');
    const page = (prefix: string, after: string, limit: number): unknown => {
      const reply = driver.query(lockQueries.list(prefix, after, limit));
      return reply.kind === 'list' ? [reply.locks.map(({ name }) => name), reply.more] : reply;
    };
    expect(page('', '', 0)).toEqual([['a', 'b/1', 'b/10', 'b/2', 'c'], false]);
    expect(page('b/', '', 2)).toEqual([['b/1', 'b/10'], true]);
    expect(page('b/', 'b/10', 2)).toEqual([['b/2'], false]);
    expect(driver.query(lockQueries.list('b/1', '', 1))).toMatchObject({ locks: [{ waiters: [], waiting: 1 }] });
  });

  test('of one lock has its waiters in their order, up to a limit', () => {
    const driver = new LockDriver();
    const [a, b, c] = [driver.open(), driver.open(), driver.open()];
    driver.hold(a, 'x', { metadata: bytesOf('me') });
    for (const session of [c, b]) driver.acquire(session, 'x', { metadata: bytesOf(`s${session}`), mode: 'shared' });
    expect(driver.query(lockQueries.lock('x'))).toMatchObject({
      holders: [{ session: a, mode: 0, count: 1, metadata: bytesOf('me'), sinceMs: 40 }],
      waiters: [
        { session: c, mode: 1, metadata: bytesOf(`s${c}`), sinceMs: 50 },
        { session: b, mode: 1, sinceMs: 60 },
      ],
    });
    expect(driver.query(lockQueries.lock('x', 1))).toMatchObject({ waiters: [{ session: c }], waiting: 2 });
  });
});

describe('the graph of waits', () => {
  test('shows who waits for whom, and each circle once', () => {
    const driver = new LockDriver();
    const [a, b, c, d] = [driver.open(), driver.open(), driver.open(), driver.open()];
    driver.hold(a, 'x');
    driver.hold(b, 'y');
    driver.hold(c, 'z');
    driver.acquire(a, 'y');
    driver.acquire(b, 'z');
    driver.acquire(d, 'x');
    expect(driver.query(lockQueries.waitGraph())).toMatchObject({ circles: [], more: false });
    driver.acquire(c, 'x');
    const graph = driver.query(lockQueries.waitGraph());
    expect(graph).toMatchObject({
      edges: [
        { waiter: d, holder: a, lock: 'x' },
        { waiter: c, holder: a, lock: 'x' },
        { waiter: a, holder: b, lock: 'y' },
        { waiter: b, holder: c, lock: 'z' },
      ],
      more: false,
    });
    if (graph.kind !== 'wait-graph') throw new Error('no graph');
    expect(graph.circles.map(({ sessions }) => [...sessions].sort((one, two) => one - two))).toEqual([[a, b, c]]);
  });

  test('is cut at its limit, and says so', () => {
    const driver = new LockDriver();
    const [a, b, c] = [driver.open(), driver.open(), driver.open()];
    driver.hold(a, 'x');
    driver.acquire(b, 'x');
    driver.acquire(c, 'x');
    expect(driver.query(lockQueries.waitGraph(1))).toMatchObject({ edges: [{ waiter: b }], more: true });
    expect(driver.query(lockQueries.waitGraph(2))).toMatchObject({ edges: [{}, {}], more: false });
  });

  test('sees no circle through a semaphore of several permits, nor through the dead', () => {
    const driver = new LockDriver();
    const [a, b] = [driver.open(), driver.open()];
    const permit = { mode: 'permit', permits: 2 } as const;
    driver.hold(a, 's', permit);
    driver.hold(b, 's', permit);
    driver.acquire(a, 's', permit);
    driver.acquire(b, 's', permit);
    expect(driver.query(lockQueries.waitGraph())).toMatchObject({
      edges: [
        { waiter: a, holder: b },
        { waiter: b, holder: a },
      ],
      circles: [],
    });
    driver.hold(a, 'x', { delayMs: 5 });
    driver.acquire(b, 'x');
    driver.expire(a);
    expect(driver.query(lockQueries.waitGraph())).toMatchObject({ edges: [] });
  });
});
