import { describe, expect, test } from 'vitest';
import { lockCommands, lockLimits, lockQueries } from '../src/machine/index.ts';
import { bytesOf, tokenOf, withSessions, woken, wordOf } from './fixtures/lock-driver.ts';

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
  const campaign = (value: string): object => ({ mode: 'campaign', metadata: bytesOf(value) });

  test('tells who leads, with which value, once per change', () => {
    const { driver, sessions } = withSessions(2);
    const [a = 0, b = 0] = sessions;
    const first = driver.acquire(a, 'e', campaign('A'));
    expect(first.events.filter(({ type }) => type === 'election')).toEqual([
      { type: 'election', lock: 'e', session: a, token: tokenOf(first.reply), value: bytesOf('A') },
    ]);
    expect(driver.acquire(b, 'e', campaign('B')).events).toEqual([]);
    const told = driver.run(lockCommands.proclaim({ session: a, lock: 'e', token: tokenOf(first.reply), value: bytesOf('A2') }));
    expect(told.events).toMatchObject([{ type: 'election', session: a, value: bytesOf('A2') }]);
    expect(driver.query(lockQueries.leader('e'))).toMatchObject({ session: a, value: bytesOf('A2') });
    // That a candidate gives up changes nothing for those who look on.
    const c = driver.open();
    const candidate = driver.acquire(c, 'e', campaign('C'));
    expect(driver.run(lockCommands.cancel(c, 'e', candidate.request)).events.map(({ type }) => type)).toEqual(['wait-ended']);
    // The leader resigns.
    const { events } = driver.release(a, 'e', tokenOf(first.reply));
    expect(events.map(({ type }) => type)).toEqual(['released', 'granted', 'election']);
    expect(events.at(-1)).toMatchObject({ session: b, value: bytesOf('B') });
    expect(driver.run(lockCommands.closeSession(b)).events.at(-1)).toMatchObject({ type: 'election', session: 0, token: 0 });
  });

  test('lets nobody but the leader proclaim', () => {
    const { driver, sessions } = withSessions(2);
    const [a = 0, b = 0] = sessions;
    const token = driver.hold(a, 'e', campaign('A'));
    driver.hold(a, 'x');
    const proclaim = (session: number, with_: number, lock = 'e'): string =>
      wordOf(driver.run(lockCommands.proclaim({ session, lock, token: with_, value: bytesOf('?') })).reply);
    expect([proclaim(b, token), proclaim(a, token + 1), proclaim(a, token, 'none')]).toEqual(Array(3).fill('E_NOT_HELD'));
    expect(proclaim(a, token, 'x')).toBe('E_LOCK_USE');
    expect(driver.query(lockQueries.leader('e'))).toMatchObject({ value: bytesOf('A') });
    expect(driver.query(lockQueries.leader('x'))).toMatchObject({ session: 0 });
  });
});
