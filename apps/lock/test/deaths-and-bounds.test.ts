import { describe, expect, test } from 'vitest';
import { lockCommands, lockLimits, lockQueries } from '../src/machine/index.ts';
import { LockDriver, withSessions, woken, wordOf } from './fixtures/lock-driver.ts';

describe('a forced release', () => {
  test('takes the lock from its holder, says who did it and why, and hands it on', () => {
    const { driver, sessions } = withSessions(2);
    const [a = 0, b = 0] = sessions;
    const token = driver.hold(a, 'x');
    driver.acquire(b, 'x');
    const { reply, events } = driver.run(lockCommands.forceRelease({ lock: 'x', by: 'root', reason: 'stuck' }));
    expect(reply).toEqual({ kind: 'done' });
    expect(events[0]).toEqual({
      type: 'force-released',
      lock: 'x',
      holders: [{ session: a, token }],
      by: 'root',
      reason: 'stuck',
    });
    expect(events[1]).toMatchObject({ type: 'released', session: a, cause: 'forced', delayMs: 0 });
    expect(woken(events)).toEqual([b]);
    expect(driver.query(lockQueries.session(a))).toMatchObject({ kind: 'session', holds: [] });
  });

  test('means one holder where it names a token, and nothing where it names no holder', () => {
    const { driver, sessions } = withSessions(2);
    const [a = 0, b = 0] = sessions;
    const token = driver.hold(a, 'x', { mode: 'shared' });
    driver.hold(b, 'x', { mode: 'shared' });
    const force = (lock: string, which: number): ReturnType<LockDriver['run']> =>
      driver.run(lockCommands.forceRelease({ lock, token: which, by: 'root', reason: '' }));
    expect(wordOf(force('x', 99).reply)).toBe('E_NOT_HELD');
    expect(wordOf(force('none', 0).reply)).toBe('E_NOT_HELD');
    force('x', token);
    expect(driver.query(lockQueries.lock('x'))).toMatchObject({ holders: [{ session: b }] });
  });

  test('keeps the delay of the holder, unless it is left out', () => {
    const { driver, sessions } = withSessions(2);
    const [a = 0, b = 0] = sessions;
    driver.hold(a, 'x', { delayMs: 500 });
    driver.acquire(b, 'x');
    const kept = driver.run(lockCommands.forceRelease({ lock: 'x', by: 'root', reason: '' }));
    expect(kept.events.at(-1)).toMatchObject({ type: 'released', cause: 'forced', delayMs: 500 });
    expect(wordOf(driver.run(lockCommands.forceRelease({ lock: 'x', by: 'root', reason: '' })).reply)).toBe('E_NOT_HELD');
    const ended = driver.run(lockCommands.forceRelease({ lock: 'x', noDelay: true, by: 'root', reason: '' }));
    expect(ended.events.map(({ type }) => type)).toEqual(['force-released', 'delay-ended', 'granted']);
  });
});

describe('the delay after a death', () => {
  test('keeps the lock taken, from others and from checks, until it is ended', () => {
    const { driver, sessions } = withSessions(2);
    const [a = 0, b = 0] = sessions;
    const token = driver.hold(a, 'x', { delayMs: 700 });
    driver.acquire(b, 'x');
    expect(driver.expire(a).events.at(-1)).toMatchObject({ type: 'released', cause: 'expired', delayMs: 700 });
    expect(driver.query(lockQueries.check('x', token))).toMatchObject({ valid: false, newest: 0 });
    expect(driver.query(lockQueries.lock('x'))).toMatchObject({
      holders: [],
      delays: [{ session: a, token, delayMs: 700 }],
      waiting: 1,
    });
    expect(driver.run({ kind: 'end-delay', lock: 'x', token: token + 1 }).events).toEqual([]);
    const { events } = driver.restored().run({ kind: 'end-delay', lock: 'x', token });
    expect(events).toMatchObject([
      { type: 'delay-ended', lock: 'x', token },
      { type: 'granted', session: b },
    ]);
  });

  test('is none after a release, nor where the client closed its session', () => {
    const { driver, sessions } = withSessions(2);
    const [a = 0, b = 0] = sessions;
    const token = driver.hold(a, 'x', { delayMs: 700 });
    expect(driver.release(a, 'x', token).events).toMatchObject([{ type: 'released', delayMs: 0 }]);
    driver.hold(a, 'x', { delayMs: 700 });
    driver.acquire(b, 'x');
    expect(woken(driver.run(lockCommands.closeSession(a)).events)).toEqual([b]);
  });

  test('of a reader keeps writers out, and readers not; that of a permit keeps the permit', () => {
    const { driver, sessions } = withSessions(3);
    const [a = 0, b = 0, c = 0] = sessions;
    driver.hold(a, 'x', { mode: 'shared', delayMs: 9 });
    driver.hold(a, 's', { mode: 'permit', permits: 1, delayMs: 9 });
    driver.expire(a);
    driver.hold(b, 'x', { mode: 'shared' });
    expect(wordOf(driver.acquire(c, 'x', { wait: false }).reply)).toBe('E_LOCK_HELD');
    expect(wordOf(driver.acquire(b, 'x').reply)).toBe('E_UPGRADE');
    expect(wordOf(driver.acquire(c, 's', { mode: 'permit', permits: 1, wait: false }).reply)).toBe('E_LOCK_HELD');
  });

  test('is the longest of those that its requests asked for, and a minute at most', () => {
    const { driver, sessions } = withSessions(1);
    const [a = 0] = sessions;
    for (const delayMs of [10, 60_000, 20]) driver.hold(a, 'x', { delayMs });
    expect(wordOf(driver.acquire(a, 'y', { delayMs: 60_001 }).reply)).toBe('E_DELAY');
    expect(driver.expire(a).events.at(-1)).toMatchObject({ delayMs: 60_000 });
  });
});

describe('bounds', () => {
  test('are refused by name, and change nothing', () => {
    const { driver, sessions } = withSessions(1);
    const [a = 0] = sessions;
    const { stateHash } = driver.machine;
    const before = stateHash.call(driver.machine);
    const refusals = [
      driver.acquire(a, ''),
      driver.acquire(a, 'x'.repeat(lockLimits.nameLength + 1)),
      driver.acquire(a, 'x', { metadata: new Uint8Array(lockLimits.metadataBytes + 1) }),
      driver.acquire(a, 'x', { request: 0 }),
      driver.acquire(a, 'x', { permits: 1 }),
      driver.acquire(99, 'x'),
      driver.run(Uint8Array.of(1, 2, 3)),
      driver.run(lockCommands.openSession(lockLimits.minTtlMs - 1)),
      driver.run(lockCommands.openSession(lockLimits.maxTtlMs + 1)),
      driver.run(lockCommands.openSession(1_000, 'x'.repeat(lockLimits.nameLength + 1))),
      driver.run(lockCommands.openSession(1_000, '', new Uint8Array(lockLimits.metadataBytes + 1))),
    ].map(({ reply }) => wordOf(reply));
    expect(refusals.join(' ')).toBe(
      'E_NAME E_NAME E_METADATA E_REQUEST E_PERMITS E_NO_SESSION E_MALFORMED E_TTL E_TTL E_NAME E_METADATA',
    );
    expect(driver.machine.stateHash()).toBe(before);
  });

  test('hold for what a name is used for', () => {
    const { driver, sessions } = withSessions(2);
    const [a = 0, b = 0] = sessions;
    driver.hold(a, 'x');
    expect(wordOf(driver.acquire(b, 'x', { mode: 'campaign' }).reply)).toBe('E_LOCK_USE');
    expect(wordOf(driver.acquire(b, 'x', { mode: 'permit', permits: 1 }).reply)).toBe('E_LOCK_USE');
  });

  test('hold for requests in one grant, and waiters of one lock', () => {
    const { driver, sessions } = withSessions(2);
    const [a = 0, b = 0] = sessions;
    for (let i = 0; i < lockLimits.shares; i++) driver.hold(a, 'x');
    expect(wordOf(driver.acquire(a, 'x').reply)).toBe('E_TOO_MANY_SHARES');
    driver.hold(a, 's', { mode: 'permit', permits: 1 });
    for (let i = 0; i < lockLimits.waiters; i++) driver.acquire(b, 's', { mode: 'permit', permits: 1 });
    expect(wordOf(driver.acquire(b, 's', { mode: 'permit', permits: 1 }).reply)).toBe('E_TOO_MANY_WAITERS');
  });

  test('hold for names in use, and for grants and waits in all', () => {
    const { driver, sessions } = withSessions(1);
    const [a = 0] = sessions;
    for (let i = 0; i < lockLimits.locks; i++) driver.acquire(a, `l${i}`, { mode: 'permit', permits: 3 });
    expect(wordOf(driver.acquire(a, 'one more').reply)).toBe('E_TOO_MANY_LOCKS');
    for (let i = 0; i < lockLimits.claims - lockLimits.locks; i++) driver.acquire(a, `l${i}`, { mode: 'permit', permits: 3 });
    expect(wordOf(driver.acquire(a, 'l1', { mode: 'permit', permits: 3 }).reply)).toBe('E_TOO_MANY_CLAIMS');
    expect(driver.query(lockQueries.totals())).toMatchObject({ locks: lockLimits.locks, claims: lockLimits.claims });
  });

  test('hold for sessions', () => {
    const driver = new LockDriver();
    for (let i = 0; i < lockLimits.sessions; i++) driver.open();
    expect(wordOf(driver.run(lockCommands.openSession(1_000)).reply)).toBe('E_TOO_MANY_SESSIONS');
  });
});
