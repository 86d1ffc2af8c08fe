import type { DetectorStrategy, FailureDetector, StatusChange } from '@quorate/interface';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bertier, chen, fixedTimeout, phiAccrual } from '../src/index.ts';

const window = 10;
const strategies: readonly (readonly [string, DetectorStrategy])[] = [
  fixedTimeout({ timeoutMs: 250 }),
  chen({ intervalMs: 100, marginMs: 150, window, firstTimeoutMs: 300 }),
  bertier({ intervalMs: 100, window, firstMarginMs: 100, firstTimeoutMs: 300 }),
  phiAccrual({ window, minStdDevMs: 20, firstIntervalMs: 100, firstTimeoutMs: 300 }),
  phiAccrual({ distribution: 'exponential', threshold: 2, window, firstIntervalMs: 100, firstTimeoutMs: 300 }),
].map((strategy) => [strategy.name, strategy] as const);

const peers = [1, 2, 3, 4];
/** Waits, and who is heard after each: nobody where it is 0. */
const story = fc.array(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: peers.length })), { maxLength: 80 });

interface Told {
  readonly detector: FailureDetector;
  readonly changes: StatusChange[];
  readonly now: number;
}

function tell(strategy: DetectorStrategy, steps: readonly (readonly [number, number])[]): Told {
  const changes: StatusChange[] = [];
  const detector = strategy.create((change) => changes.push(change));
  let now = 0;
  for (const peer of peers) detector.expect(peer, 0);
  for (const [wait, peer] of steps) {
    now += wait;
    if (peer > 0) detector.heartbeat(peer, now);
  }
  return { detector, changes, now };
}

describe.each(strategies)('%s', (_, strategy) => {
  test('grows more suspicious until it hears, and suspects exactly at the threshold', () => {
    fc.assert(
      fc.property(story, fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { maxLength: 20 }), (steps, waits) => {
        const { detector, now } = tell(strategy, steps);
        for (const peer of peers) {
          let at = now;
          let before = 0;
          for (const wait of waits) {
            at += wait;
            const suspicion = detector.suspicion(peer, at) ?? Number.NaN;
            expect(suspicion).toBeGreaterThanOrEqual(before);
            expect(suspicion >= detector.threshold).toBe(detector.status(peer, at) === 'suspect');
            before = suspicion;
          }
        }
      }),
    );
  });

  test('names the next deadline to the last bit: nobody new is suspected before it, and somebody is at it', () => {
    fc.assert(
      fc.property(story, (steps) => {
        const { detector, now } = tell(strategy, steps);
        let suspected = detector.expired(now).length;
        while (detector.nextDeadlineMs < Infinity) {
          const deadline = detector.nextDeadlineMs;
          expect(deadline).toBeGreaterThan(now);
          expect(detector.expired(Math.max(now, deadline - 1e-9 * deadline)).length).toBe(suspected);
          const after = detector.expired(deadline).length;
          expect(after).toBeGreaterThan(suspected);
          suspected = after;
        }
        expect(suspected).toBe(peers.length);
      }),
    );
  });

  test('trusts a peer that has recovered', () => {
    fc.assert(
      fc.property(story, (steps) => {
        const { detector, now } = tell(strategy, steps);
        const beats = 2 * window;
        for (let beat = 1; beat <= beats; beat++) detector.heartbeat(1, now + 1000 + beat * 100);
        expect(detector.status(1, now + 1000 + beats * 100 + 1)).toBe('trust');
      }),
    );
  });

  test('suspects nobody because of a stall of its own process, not even by what lay waiting', () => {
    const backlog = fc.array(fc.integer({ min: 1, max: peers.length }), { maxLength: 30 });
    fc.assert(
      fc.property(story, fc.integer({ min: 1, max: 100_000 }), backlog, (steps, length, waiting) => {
        const { detector, changes, now } = tell(strategy, steps);
        const suspected = detector.expired(now);
        const next = detector.nextDeadlineMs;
        changes.length = 0;
        detector.stalled(now, now + length);
        for (const peer of waiting) detector.heartbeat(peer, now + length);
        expect(changes.filter(({ status }) => status === 'suspect')).toEqual([]);
        const recovered = suspected.filter((peer) => detector.status(peer, now + length) === 'trust');
        expect(detector.expired(now + length)).toEqual(suspected.filter((peer) => !recovered.includes(peer)));
        // What was left of the time before it is left after it.
        if (recovered.length === 0 && next < Infinity)
          expect(detector.nextDeadlineMs - length).toBeGreaterThanOrEqual(next - 1e-6);
      }),
    );
  });

  test('reports every change once, in the order of time, suspicion and trust in turn', () => {
    fc.assert(
      fc.property(story, (steps) => {
        const { detector, changes, now } = tell(strategy, steps);
        detector.expired(now);
        for (const peer of peers) {
          const own = changes.filter((change) => change.peer === peer);
          expect(own.map(({ status }) => status)).toEqual(own.map((__, place) => (place % 2 === 0 ? 'suspect' : 'trust')));
          expect(own.at(-1)?.status ?? 'trust').toBe(detector.status(peer, now));
        }
        const moments = changes.map(({ atMs }) => atMs);
        expect(moments).toEqual(moments.toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('a fixed timeout', () => {
  test('never moves the deadline of a trusted peer back by a heartbeat', () => {
    fc.assert(
      fc.property(story, (steps) => {
        const detector = fixedTimeout({ timeoutMs: 250 }).create();
        detector.expect(1, 0);
        let now = 0;
        for (const [wait] of steps) {
          now += wait;
          const before = detector.status(1, now) === 'trust' ? detector.nextDeadlineMs : 0;
          detector.heartbeat(1, now);
          expect(detector.nextDeadlineMs).toBeGreaterThanOrEqual(before);
        }
      }),
    );
  });

  test('lets its listener forget and expect peers while it reports', () => {
    const detector: FailureDetector = fixedTimeout({ timeoutMs: 100 }).create(({ peer, atMs }) => {
      detector.forget(peer);
      if (peer < 3) detector.forget(peer + 1);
      detector.expect(peer + 10, atMs);
    });
    for (const peer of peers) detector.expect(peer, peer);
    expect(detector.expired(150)).toEqual([]);
    expect(peers.filter((peer) => detector.status(peer, 150) !== undefined)).toEqual([]);
    expect([11, 13, 14].map((peer) => detector.status(peer, 150))).toEqual(['trust', 'trust', 'trust']);
  });
});
