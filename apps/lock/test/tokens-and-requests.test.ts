import { describe, expect, test } from 'vitest';
import { lockCommands, lockQueries } from '../src/machine/index.ts';
import { tokenOf, withSessions, wordOf } from './fixtures/lock-driver.ts';

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

  test('that was over long ago does not begin again either, whatever the session did since', () => {
    const { driver, sessions } = withSessions(1);
    const [a = 0] = sessions;
    for (let round = 0; round < 100; round++) {
      const { reply, request } = driver.acquire(a, 'x');
      driver.release(a, 'x', tokenOf(reply), request);
    }
    const late = (one: typeof driver, request: number): string => wordOf(one.acquire(a, 'x', { request }).reply);
    for (const request of [1, 50, 100]) expect(late(driver, request)).toBe('E_REQUEST_OVER');
    const restored = driver.restored();
    for (const request of [1, 50, 100]) expect(late(restored, request)).toBe('E_REQUEST_OVER');
    // A cancellation that comes late takes nothing away from what is known.
    driver.run(lockCommands.cancel(a, 'x', 2));
    for (const request of [1, 2, 3, 50, 100]) expect(late(driver, request)).toBe('E_REQUEST_OVER');
    expect(late(driver, 101)).toBe('granted');
  });

  test('that held for long is released as often as its release is repeated, and does not begin again', () => {
    const { driver, sessions } = withSessions(1);
    const [a = 0] = sessions;
    const first = driver.acquire(a, 'x');
    for (let round = 0; round < 100; round++) {
      const { reply, request } = driver.acquire(a, 'y');
      driver.release(a, 'y', tokenOf(reply), request);
    }
    expect(driver.acquire(a, 'x', { request: first.request }).reply).toEqual(first.reply);
    for (let time = 0; time < 2; time++) {
      expect(driver.release(a, 'x', tokenOf(first.reply), first.request).reply).toEqual({ kind: 'released', remaining: 0 });
    }
    const late = [first.request, 20, 80].map((request) => wordOf(driver.acquire(a, 'y', { request }).reply));
    expect(late).toEqual(Array(3).fill('E_REQUEST_OVER'));
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
