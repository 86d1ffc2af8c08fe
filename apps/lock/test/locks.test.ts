import { describe, expect, test } from 'vitest';
import { lockCommands, lockLimits, lockQueries } from '../src/machine/index.ts';
import { grants, LockDriver, tokenOf, woken, wordOf } from './fixtures/lock-driver.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function withSessions(count: number): { driver: LockDriver; sessions: number[] } {
  const driver = new LockDriver();
  return { driver, sessions: Array.from({ length: count }, () => driver.open()) };
}

describe('a lock', () => {
  test('is granted to one, and then to those who wait, first come first, one event per release', () => {
    const { driver, sessions } = withSessions(101);
    const [first = 0, ...others] = sessions;
    let token = driver.hold(first, 'a');
    for (const [place, session] of others.entries())
      expect(driver.acquire(session, 'a').reply).toEqual({ kind: 'queued', ahead: place });
    let holder = first;
    for (const session of others) {
      const { events } = driver.release(holder, 'a', token);
      expect(events.map(({ type }) => type)).toEqual(['released', 'granted']);
      expect(woken(events)).toEqual([session]);
      const [, granted] = events;
      if (granted?.type !== 'granted') throw new Error('nobody was granted it');
      expect(granted.token).toBeGreaterThan(token);
      token = granted.token;
      holder = session;
    }
  });

  test('that is held is refused where nobody wants to wait, and one with a queue too, whatever the mode', () => {
    const { driver, sessions } = withSessions(3);
    const [a = 0, b = 0, c = 0] = sessions;
    driver.hold(a, 'x', { mode: 'shared' });
    expect(wordOf(driver.acquire(b, 'x', { wait: false }).reply)).toBe('E_LOCK_HELD');
    expect(driver.query(lockQueries.totals())).toMatchObject({ claims: 1 });
    driver.acquire(b, 'x');
    expect(wordOf(driver.acquire(c, 'x', { mode: 'shared', wait: false }).reply)).toBe('E_LOCK_HELD');
  });

  test('is entered again by its session under the same token, and leaves with the last of its requests', () => {
    const { driver, sessions } = withSessions(2);
    const [a = 0, b = 0] = sessions;
    const first = driver.acquire(a, 'x');
    const token = tokenOf(first.reply);
    const again = driver.acquire(a, 'x');
    expect(again.reply).toEqual({ kind: 'granted', token, count: 2 });
    expect(again.events).toEqual([]);
    driver.acquire(b, 'x');
    const left = driver.release(a, 'x', token, first.request);
    expect(left).toMatchObject({ reply: { kind: 'released', remaining: 1 }, events: [] });
    expect(woken(driver.release(a, 'x', token, again.request).events)).toEqual([b]);
  });

  test('is released as a whole by its token alone', () => {
    const { driver, sessions } = withSessions(1);
    const [a = 0] = sessions;
    const token = driver.hold(a, 'x');
    driver.acquire(a, 'x');
    expect(driver.release(a, 'x', token).reply).toEqual({ kind: 'released', remaining: 0 });
    expect(driver.query(lockQueries.totals())).toMatchObject({ locks: 0, claims: 0 });
  });

  test('is not released by another session, another token or another request', () => {
    const { driver, sessions } = withSessions(2);
    const [a = 0, b = 0] = sessions;
    const token = driver.hold(a, 'x');
    for (const step of [driver.release(b, 'x', token), driver.release(a, 'x', token + 1), driver.release(a, 'x', token, 99)]) {
      expect(wordOf(step.reply)).toBe('E_NOT_HELD');
      expect(step.events).toEqual([]);
    }
    expect(wordOf(driver.release(99, 'x', token).reply)).toBe('E_NO_SESSION');
    expect(driver.query(lockQueries.check('x', token))).toMatchObject({ valid: true, session: a });
  });

  test('leaves nothing behind when nobody uses it, but the token', () => {
    const { driver, sessions } = withSessions(1);
    const [a = 0] = sessions;
    const token = driver.hold(a, 'x');
    driver.release(a, 'x', token);
    expect(driver.query(lockQueries.lock('x'))).toMatchObject({ holders: [], waiters: [], delays: [], waiting: 0 });
    expect(driver.query(lockQueries.totals())).toEqual({ kind: 'totals', sessions: 1, locks: 0, claims: 0, token });
    expect(driver.hold(a, 'x', { mode: 'campaign' })).toBeGreaterThan(token);
  });
});

describe('a fencing token', () => {
  test('is the ordinal of the entry that granted it, and above it only where one entry grants more than once', () => {
    const { driver, sessions } = withSessions(5);
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = sessions;
    const { reply, ordinal } = driver.acquire(a, 'x');
    expect(tokenOf(reply)).toBe(ordinal);
    for (const session of [b, c, d]) driver.acquire(session, 'x', { mode: 'shared' });
    const released = driver.release(a, 'x', ordinal);
    const tokens = released.events.flatMap((event) => (event.type === 'granted' ? [event.token] : []));
    expect(tokens).toEqual([released.ordinal, released.ordinal + 1, released.ordinal + 2]);
    // The next entry's ordinal is below the newest token already.
    expect(driver.hold(e, 'y')).toBe(released.ordinal + 3);
  });

  test('rises over all locks, over the end of a lock and over a snapshot', () => {
    const { driver, sessions } = withSessions(4);
    let newest = 0;
    let now = driver;
    for (let round = 0; round < 20; round++) {
      for (const session of sessions) now.acquire(session, `l${round % 3}`, { mode: 'shared' });
      const { events } = now.run(lockCommands.forceRelease({ lock: `l${round % 3}`, noDelay: true, by: 'test', reason: '' }));
      expect(events.length).toBe(5);
      const token = now.hold(sessions[round % 4] ?? 0, 'z');
      expect(token).toBeGreaterThan(newest);
      newest = token;
      now.release(sessions[round % 4] ?? 0, 'z', token);
      now = now.restored();
      // As after a change of protocol, where ordinals may seem to stand still.
      now.ordinal -= 4;
    }
  });

  test('is checked against the living holders of the lock, by a query and by a command', () => {
    const { driver, sessions } = withSessions(2);
    const [a = 0, b = 0] = sessions;
    const [one, two] = [driver.hold(a, 'x', { mode: 'shared' }), driver.hold(b, 'x', { mode: 'shared' })];
    const expected = { kind: 'checked', valid: true, session: a, newest: two };
    expect(driver.query(lockQueries.check('x', one))).toEqual(expected);
    expect(driver.run(lockCommands.check('x', one)).reply).toEqual(expected);
    expect(driver.query(lockQueries.check('y', one))).toEqual({ kind: 'checked', valid: false, session: 0, newest: 0 });
    driver.release(b, 'x', two);
    expect(driver.query(lockQueries.check('x', two))).toEqual({ kind: 'checked', valid: false, session: 0, newest: one });
  });
});

describe('readers and writers', () => {
  test('share a lock among readers; a writer waits for all, and readers behind it wait for it', () => {
    const { driver, sessions } = withSessions(5);
    const [a = 0, b = 0, w = 0, c = 0, d = 0] = sessions;
    const one = driver.hold(a, 'x', { mode: 'shared' });
    const two = driver.hold(b, 'x', { mode: 'shared' });
    driver.acquire(w, 'x');
    for (const session of [c, d]) expect(wordOf(driver.acquire(session, 'x', { mode: 'shared' }).reply)).toBe('queued');
    expect(woken(driver.release(a, 'x', one).events)).toEqual([]);
    const handed = driver.release(b, 'x', two);
    expect(woken(handed.events)).toEqual([w]);
    const writer = handed.events.find((event) => event.type === 'granted');
    if (writer?.type !== 'granted') throw new Error('no writer');
    // The whole group of readers, in one pass.
    expect(woken(driver.release(w, 'x', writer.token).events)).toEqual([c, d]);
  });

  test('wake no reader behind the next writer', () => {
    const { driver, sessions } = withSessions(5);
    const [w = 0, a = 0, b = 0, v = 0, c = 0] = sessions;
    const token = driver.hold(w, 'x');
    driver.acquire(a, 'x', { mode: 'shared' });
    driver.acquire(b, 'x', { mode: 'shared' });
    driver.acquire(v, 'x');
    driver.acquire(c, 'x', { mode: 'shared' });
    expect(woken(driver.release(w, 'x', token).events)).toEqual([a, b]);
  });

  test('let readers in when the writer in front of them gives up', () => {
    const { driver, sessions } = withSessions(3);
    const [a = 0, w = 0, b = 0] = sessions;
    driver.hold(a, 'x', { mode: 'shared' });
    const { request } = driver.acquire(w, 'x');
    driver.acquire(b, 'x', { mode: 'shared' });
    const { events } = driver.run(lockCommands.cancel(w, 'x', request));
    expect(events.map(({ type }) => type)).toEqual(['wait-ended', 'granted']);
    expect(woken(events)).toEqual([b]);
  });

  test('make a sole reader the writer at once, under a new token, before those who wait', () => {
    const { driver, sessions } = withSessions(2);
    const [a = 0, w = 0] = sessions;
    const reader = driver.hold(a, 'x', { mode: 'shared' });
    driver.acquire(w, 'x');
    const { reply, events, request } = driver.acquire(a, 'x');
    const token = tokenOf(reply);
    expect(token).toBeGreaterThan(reader);
    expect(grants(events)).toEqual([`${a} #${request}`]);
    expect(driver.query(lockQueries.check('x', reader))).toMatchObject({ valid: false });
    expect(driver.query(lockQueries.lock('x'))).toMatchObject({ holders: [{ session: a, mode: 0, count: 2, token }] });
  });

  test('refuse an upgrade beside another reader, so that two of them do not wait for each other', () => {
    const { driver, sessions } = withSessions(2);
    const [a = 0, b = 0] = sessions;
    driver.hold(a, 'x', { mode: 'shared' });
    driver.hold(b, 'x', { mode: 'shared' });
    for (const session of [a, b]) expect(wordOf(driver.acquire(session, 'x').reply)).toBe('E_UPGRADE');
  });

  test('let readers in when an upgraded one is a reader again', () => {
    const { driver, sessions } = withSessions(2);
    const [a = 0, b = 0] = sessions;
    const first = driver.acquire(a, 'x', { mode: 'shared' });
    const upgraded = driver.acquire(a, 'x');
    driver.acquire(b, 'x', { mode: 'shared' });
    const down = driver.release(a, 'x', tokenOf(upgraded.reply), upgraded.request);
    expect(woken(down.events)).toEqual([b]);
    // The reader's own request is released with the token that it was given.
    expect(driver.release(a, 'x', tokenOf(first.reply), first.request).reply).toEqual({ kind: 'released', remaining: 0 });
  });

  test('count a writer that reads too as one holder', () => {
    const { driver, sessions } = withSessions(2);
    const [a = 0, b = 0] = sessions;
    const token = driver.hold(a, 'x');
    expect(driver.acquire(a, 'x', { mode: 'shared' }).reply).toEqual({ kind: 'granted', token, count: 2 });
    expect(wordOf(driver.acquire(b, 'x', { mode: 'shared', wait: false }).reply)).toBe('E_LOCK_HELD');
  });
});

describe('a semaphore', () => {
  const permit = { mode: 'permit', permits: 2 } as const;

  test('lets as many in as it has permits, each under its own token, also of one session', () => {
    const { driver, sessions } = withSessions(2);
    const [a = 0, b = 0] = sessions;
    const [one, two] = [driver.hold(a, 's', permit), driver.hold(a, 's', permit)];
    expect(two).toBeGreaterThan(one);
    driver.acquire(a, 's', permit);
    driver.acquire(b, 's', permit);
    expect(driver.query(lockQueries.lock('s'))).toMatchObject({ permits: 2, waiting: 2, holders: [{ mode: 2 }, { mode: 2 }] });
    expect(woken(driver.release(a, 's', two).events)).toEqual([a]);
    expect(woken(driver.release(a, 's', one).events)).toEqual([b]);
  });

  test('has the permits that the first one named, until nobody uses it', () => {
    const { driver, sessions } = withSessions(2);
    const [a = 0, b = 0] = sessions;
    const token = driver.hold(a, 's', permit);
    expect(wordOf(driver.acquire(b, 's', { mode: 'permit', permits: 3 }).reply)).toBe('E_PERMITS_DIFFER');
    driver.release(a, 's', token);
    expect(wordOf(driver.acquire(b, 's', { mode: 'permit', permits: 3 }).reply)).toBe('granted');
  });

  test.each([0, lockLimits.holders + 1])('has not %i permits', (permits) => {
    const { driver, sessions } = withSessions(1);
    expect(wordOf(driver.acquire(sessions[0] ?? 0, 's', { mode: 'permit', permits }).reply)).toBe('E_PERMITS');
  });
});

describe('an election', () => {
  const campaign = (value: string): object => ({ mode: 'campaign', metadata: bytes(value) });

  test('tells who leads, with which value, once per change', () => {
    const { driver, sessions } = withSessions(2);
    const [a = 0, b = 0] = sessions;
    const first = driver.acquire(a, 'e', campaign('A'));
    expect(first.events.filter(({ type }) => type === 'election')).toEqual([
      { type: 'election', lock: 'e', session: a, token: tokenOf(first.reply), value: bytes('A') },
    ]);
    expect(driver.acquire(b, 'e', campaign('B')).events).toEqual([]);
    const told = driver.run(lockCommands.proclaim({ session: a, lock: 'e', token: tokenOf(first.reply), value: bytes('A2') }));
    expect(told.events).toMatchObject([{ type: 'election', session: a, value: bytes('A2') }]);
    expect(driver.query(lockQueries.leader('e'))).toMatchObject({ session: a, value: bytes('A2') });
    // The leader resigns.
    const { events } = driver.release(a, 'e', tokenOf(first.reply));
    expect(events.map(({ type }) => type)).toEqual(['released', 'granted', 'election']);
    expect(events.at(-1)).toMatchObject({ session: b, value: bytes('B') });
    expect(driver.run(lockCommands.closeSession(b)).events.at(-1)).toMatchObject({ type: 'election', session: 0, token: 0 });
  });

  test('lets nobody but the leader proclaim', () => {
    const { driver, sessions } = withSessions(2);
    const [a = 0, b = 0] = sessions;
    const token = driver.hold(a, 'e', campaign('A'));
    driver.hold(a, 'x');
    const proclaim = (session: number, with_: number, lock = 'e'): string =>
      wordOf(driver.run(lockCommands.proclaim({ session, lock, token: with_, value: bytes('?') })).reply);
    expect([proclaim(b, token), proclaim(a, token + 1), proclaim(a, token, 'none')]).toEqual(Array(3).fill('E_NOT_HELD'));
    expect(proclaim(a, token, 'x')).toBe('E_LOCK_USE');
    expect(driver.query(lockQueries.leader('e'))).toMatchObject({ value: bytes('A') });
    expect(driver.query(lockQueries.leader('x'))).toMatchObject({ session: 0 });
  });
});

describe('a request', () => {
  test('that is repeated is answered with the same grant, or with its place', () => {
    const { driver, sessions } = withSessions(2);
    const [a = 0, b = 0] = sessions;
    const { reply, request } = driver.acquire(a, 'x');
    expect(driver.acquire(a, 'x', { request })).toMatchObject({ reply, events: [] });
    const waiting = driver.acquire(b, 'x');
    expect(driver.acquire(b, 'x', { request: waiting.request })).toMatchObject({
      reply: { kind: 'queued', ahead: 0 },
      events: [],
    });
    expect(driver.query(lockQueries.totals())).toMatchObject({ claims: 2 });
    driver.release(a, 'x', tokenOf(reply));
    expect(wordOf(driver.acquire(b, 'x', { request: waiting.request, wait: false }).reply)).toBe('granted');
  });

  test('that was released does not begin again when a late copy of it arrives', () => {
    const { driver, sessions } = withSessions(1);
    const [a = 0] = sessions;
    const { reply, request } = driver.acquire(a, 'x');
    driver.release(a, 'x', tokenOf(reply));
    expect(wordOf(driver.acquire(a, 'x', { request }).reply)).toBe('E_REQUEST_OVER');
    expect(wordOf(driver.restored().acquire(a, 'x', { request }).reply)).toBe('E_REQUEST_OVER');
  });

  test('that was cancelled ends its wait, and a late copy of it does not begin', () => {
    const { driver, sessions } = withSessions(2);
    const [a = 0, b = 0] = sessions;
    driver.hold(a, 'x');
    const { request } = driver.acquire(b, 'x');
    const cancelled = driver.run(lockCommands.cancel(b, 'x', request));
    expect(cancelled).toMatchObject({ reply: { kind: 'done' }, events: [{ type: 'wait-ended', cause: 'cancelled', request }] });
    expect(driver.run(lockCommands.cancel(b, 'x', request))).toMatchObject({ reply: { kind: 'done' }, events: [] });
    // Never seen: its cancellation came first.
    driver.run(lockCommands.cancel(b, 'x', 4711));
    expect([request, 4711].map((late) => wordOf(driver.acquire(b, 'x', { request: late }).reply))).toEqual(
      Array(2).fill('E_REQUEST_OVER'),
    );
  });

  test('that was granted before it was cancelled keeps its grant', () => {
    const { driver, sessions } = withSessions(1);
    const { reply, request } = driver.acquire(sessions[0] ?? 0, 'x');
    expect(driver.run(lockCommands.cancel(sessions[0] ?? 0, 'x', request))).toMatchObject({ reply, events: [] });
  });

  test('whose release is repeated is told so, unless others took it', () => {
    const { driver, sessions } = withSessions(1);
    const [a = 0] = sessions;
    const one = driver.acquire(a, 'x');
    driver.release(a, 'x', tokenOf(one.reply), one.request);
    expect(driver.release(a, 'x', tokenOf(one.reply), one.request).reply).toEqual({ kind: 'released', remaining: 0 });
    const two = driver.acquire(a, 'x');
    driver.run(lockCommands.forceRelease({ lock: 'x', by: 'root', reason: '' }));
    expect(wordOf(driver.release(a, 'x', tokenOf(two.reply), two.request).reply)).toBe('E_NOT_HELD');
  });

  test('is refused where its session waits for the lock with another one', () => {
    const { driver, sessions } = withSessions(2);
    const [a = 0, b = 0] = sessions;
    driver.hold(a, 'x');
    driver.acquire(b, 'x');
    expect(wordOf(driver.acquire(b, 'x').reply)).toBe('E_ALREADY_WAITING');
  });
});

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
