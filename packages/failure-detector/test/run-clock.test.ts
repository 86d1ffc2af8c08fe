import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRunClock } from '../src/run-clock.ts';

describe('the running time', () => {
  test('stands still in a stall and goes on behind it', () => {
    const clock = createRunClock();
    expect(clock.stall(100, 300)).toBe(true);
    expect([50, 100, 200, 300, 350].map(clock.toRun)).toEqual([50, 100, 100, 100, 150]);
    expect(clock.toHost(150)).toBe(350);
    expect(clock.stall(400, 500)).toBe(true);
    expect([400, 450, 500].map(clock.toRun)).toEqual([200, 200, 200]);
    expect([clock.lastUntilMs, clock.lastLengthMs]).toEqual([500, 100]);
  });

  test('counts what two stalls share once', () => {
    const clock = createRunClock();
    clock.stall(100, 300);
    expect(clock.stall(150, 250)).toBe(false);
    expect(clock.stall(200, 350)).toBe(true);
    expect(clock.toRun(350)).toBe(100);
  });

  test('never falls', () => {
    const moments = fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.boolean()), { maxLength: 50 });
    fc.assert(
      fc.property(moments, (steps) => {
        const clock = createRunClock();
        let now = 0;
        let run = 0;
        for (const [length, stalls] of steps) {
          if (stalls) clock.stall(now, now + length);
          now += length;
          const next = clock.toRun(now);
          expect(next).toBe(stalls ? run : run + length);
          run = next;
        }
      }),
    );
  });
});
