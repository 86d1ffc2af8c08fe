import type { StatusChange } from '@quorate/interface';
import { describe, expect, test } from 'vitest';
import { fixedTimeout } from '../src/index.ts';

describe('a fixed timeout', () => {
  test('suspects at the deadline, not before, and trusts whoever is heard again', () => {
    const changes: StatusChange<string>[] = [];
    const detector = fixedTimeout({ timeoutMs: 500 }).create<string>((change) => changes.push(change));
    detector.expect('a', 0, { incarnation: 7 });
    expect(detector.heartbeat('a', 100)).toBe(true);
    expect(detector.nextDeadlineMs).toBe(600);
    expect(detector.status('a', 599.9)).toBe('trust');
    expect(detector.status('a', 600)).toBe('suspect');
    expect(detector.expired(599.9)).toEqual([]);
    expect(detector.expired(700)).toEqual(['a']);
    expect(detector.nextDeadlineMs).toBe(Infinity);
    detector.heartbeat('a', 750);
    expect(detector.expired(750)).toEqual([]);
    expect(detector.nextDeadlineMs).toBe(1250);
    expect(changes).toEqual([
      { peer: 'a', incarnation: 7, status: 'suspect', atMs: 600 },
      { peer: 'a', incarnation: 7, status: 'trust', atMs: 750 },
    ]);
  });

  test('keeps a timeout per peer, and names the earliest deadline and the expired in the order of their deadlines', () => {
    const detector = fixedTimeout().create();
    for (const [peer, timeoutMs] of [
      [1, 3000],
      [2, 1000],
      [3, 2000],
    ] as const)
      detector.expect(peer, 0, { timeoutMs });
    detector.expect(4, 0);
    expect(detector.nextDeadlineMs).toBe(1000);
    detector.heartbeat(2, 900);
    detector.heartbeat(4, 950);
    expect(detector.nextDeadlineMs).toBe(1900);
    expect(detector.expired(2500)).toEqual([2, 4, 3]);
    expect(detector.nextDeadlineMs).toBe(3000);
  });

  test('begins anew with other terms', () => {
    const changes: StatusChange[] = [];
    const detector = fixedTimeout({ timeoutMs: 100 }).create((change) => changes.push(change));
    detector.expect(1, 0, { incarnation: 1 });
    expect(detector.expired(150)).toEqual([1]);
    detector.expect(1, 200, { incarnation: 2, timeoutMs: 1000 });
    expect(detector.expired(1100)).toEqual([]);
    expect(detector.nextDeadlineMs).toBe(1200);
    expect(changes.map(({ status, incarnation, atMs }) => [status, incarnation, atMs])).toEqual([
      ['suspect', 1, 100],
      ['trust', 2, 200],
    ]);
  });

  test('knows nobody that it was not told of, and nobody that it was told to forget', () => {
    const detector = fixedTimeout().create();
    expect(detector.heartbeat(1, 0)).toBe(false);
    detector.expect(1, 0);
    detector.expect(2, 0, { timeoutMs: 10 });
    expect(detector.expired(10)).toEqual([2]);
    detector.forget(1);
    detector.forget(2);
    detector.forget(3);
    expect(detector.heartbeat(1, 20)).toBe(false);
    expect([detector.status(1, 20), detector.suspicion(1, 20)]).toEqual([undefined, undefined]);
    expect([detector.expired(9999), detector.nextDeadlineMs]).toEqual([[], Infinity]);
  });

  test('is as suspicious as the part of the timeout that is over', () => {
    const detector = fixedTimeout({ timeoutMs: 200 }).create();
    detector.expect(1, 0);
    expect([50, 200, 300].map((now) => detector.suspicion(1, now))).toEqual([0.25, 1, 1.5]);
  });

  test('takes a heartbeat that overtook another for old', () => {
    const detector = fixedTimeout({ timeoutMs: 100 }).create();
    detector.expect(1, 0);
    detector.heartbeat(1, 10, 5);
    expect(detector.heartbeat(1, 50, 4)).toBe(true);
    expect(detector.nextDeadlineMs).toBe(110);
  });

  test('names all problems of its options at once', () => {
    const wrong = { timeoutMs: 0, timeout: 3 } as object;
    expect(() => fixedTimeout(wrong)).toThrow(
      'E_USAGE: fixedTimeout options: timeoutMs is 0 (allowed: above 0, up to 86400000); unknown option timeout (allowed: timeoutMs). Correct them and start again.',
    );
    for (const timeoutMs of [Number.NaN, Infinity, -1, 86_400_001]) expect(() => fixedTimeout({ timeoutMs })).toThrow('E_USAGE');
  });
});
