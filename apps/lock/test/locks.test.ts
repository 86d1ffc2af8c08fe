import { describe, expect, test } from 'vitest';
import { lockCommands, lockQueries } from '../src/machine/index.ts';
import { grants, tokenOf, withSessions, woken, wordOf } from './fixtures/lock-driver.ts';

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
    expect(driver.query(lockQueries.totals())).toMatchObject({ claims: 2 });
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
