import type { PeerStatus } from '@quorate/interface';
import { describe, expect, test } from 'vitest';
import { chen, defaultChenOptions } from '../src/index.ts';

const interval100 = { intervalMs: 100, marginMs: 50, window: 3, firstTimeoutMs: 1000 };

describe("Chen's estimate (NFD-E)", () => {
  test('expects the next heartbeat at the mean offset, an interval later, and adds the margin', () => {
    const detector = chen(interval100).create();
    detector.expect(1, 0);
    expect(detector.nextDeadlineMs).toBe(1000);
    detector.heartbeat(1, 10, 0); // offset 10
    expect(detector.nextDeadlineMs).toBe(10 + 100 + 50);
    detector.heartbeat(1, 130, 1); // offset 30, mean 20
    expect(detector.nextDeadlineMs).toBe(20 + 200 + 50);
    detector.heartbeat(1, 220, 2); // offset 20, mean 20
    expect(detector.nextDeadlineMs).toBe(20 + 300 + 50);
    detector.heartbeat(1, 340, 3); // offset 40; of 10, 30, 20 the first leaves the window: mean 30
    expect(detector.nextDeadlineMs).toBe(30 + 400 + 50);
  });

  test('expects no sooner and no later after a heartbeat that was lost', () => {
    const detector = chen(interval100).create();
    detector.expect(1, 0);
    detector.heartbeat(1, 10, 0);
    detector.heartbeat(1, 210, 2);
    expect(detector.nextDeadlineMs).toBe(10 + 300 + 50);
  });

  test('restores no trust by a heartbeat that comes when the next is already overdue', () => {
    const changes: (readonly [PeerStatus, number])[] = [];
    const detector = chen({ ...interval100, window: 1000 }).create(({ status, atMs }) => changes.push([status, atMs]));
    detector.expect(1, 0);
    for (let beat = 0; beat < 100; beat++) detector.heartbeat(1, beat * 100, beat);
    detector.heartbeat(1, 10_500, 100); // due at 10 000, and the next one by 10 150 + 5
    expect(detector.status(1, 10_500)).toBe('suspect');
    detector.heartbeat(1, 10_510, 105);
    expect(detector.status(1, 10_510)).toBe('trust');
    expect(detector.expired(10_510)).toEqual([]);
    expect(changes).toEqual([
      ['suspect', 10_050],
      ['trust', 10_510],
    ]);
  });

  test('finds the places of heartbeats that are not numbered: one that was lost, a sender that stood still, a burst', () => {
    const detector = chen(interval100).create();
    detector.expect(1, 0);
    for (const at of [10, 110, 310]) detector.heartbeat(1, at);
    expect(detector.nextDeadlineMs).toBe(410 + 50);
    detector.heartbeat(1, 3310);
    expect(detector.nextDeadlineMs).toBe(3410 + 50);
    for (const at of [3311, 3312, 3313, 3411]) detector.heartbeat(1, at);
    expect(detector.nextDeadlineMs).toBeCloseTo(3510 + 1 / 3 + 50, 6);
  });

  test('is as suspicious as the part of the silence that is over', () => {
    const detector = chen(interval100).create();
    detector.expect(1, 0);
    expect(detector.suspicion(1, 250)).toBe(0.25);
    detector.heartbeat(1, 10, 0);
    expect(detector.suspicion(1, 10 + 75)).toBe(0.5);
    expect(detector.suspicion(1, 160)).toBe(1);
  });

  test('names all problems of its options at once', () => {
    const wrong = { intervalMs: 0, marginMs: -1, window: 1.5, firstTimeoutMs: Number.NaN };
    expect(() => chen(wrong)).toThrow(
      'E_USAGE: chen options: intervalMs is 0 (allowed: above 0, up to 86400000); marginMs is -1 (allowed: above 0, up to 86400000); ' +
        'window is 1.5 (allowed: whole, from 1, up to 100000); firstTimeoutMs is NaN (allowed: above 0, up to 86400000). Correct them and start again.',
    );
    expect(() => chen(defaultChenOptions)).not.toThrow();
  });
});
