import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fixedTimeout } from '../src/index.ts';

const deeds = fc.array(
  fc.record({
    wait: fc.integer({ min: 0, max: 40 }),
    deed: fc.constantFrom('expect', 'heartbeat', 'heartbeat', 'heartbeat', 'forget', 'stall', 'look'),
    session: fc.integer({ min: 0, max: 5 }),
    lengthMs: fc.integer({ min: 1, max: 120 }),
  }),
  { maxLength: 120 },
);

test('sessions with timeouts of their own expire as a plain list of deadlines says, through stalls, renewals and ends', () => {
  fc.assert(
    fc.property(deeds, (steps) => {
      const detector = fixedTimeout().create();
      const plain = new Map<number, { timeoutMs: number; deadline: number }>();
      let now = 0;
      for (const { wait, deed, session, lengthMs } of steps) {
        now += wait;
        const one = plain.get(session);
        if (deed === 'expect') {
          detector.expect(session, now, { timeoutMs: lengthMs });
          plain.set(session, { timeoutMs: lengthMs, deadline: now + lengthMs });
        } else if (deed === 'heartbeat') {
          expect(detector.heartbeat(session, now)).toBe(one !== undefined);
          if (one !== undefined) one.deadline = now + one.timeoutMs;
        } else if (deed === 'forget') {
          detector.forget(session);
          plain.delete(session);
        } else if (deed === 'stall') {
          detector.stalled(now, now + lengthMs);
          for (const each of plain.values()) if (each.deadline > now) each.deadline += lengthMs;
          now += lengthMs;
        }
        const over = [...plain].filter(([, { deadline }]) => deadline <= now);
        const ahead = [...plain.values()].map(({ deadline }) => deadline).filter((deadline) => deadline > now);
        if (deed === 'look') expect(new Set(detector.expired(now))).toEqual(new Set(over.map(([number]) => number)));
        if (deed === 'look') expect(detector.nextDeadlineMs).toBe(Math.min(...ahead));
        for (const [number, { deadline }] of plain)
          expect(detector.status(number, now)).toBe(deadline <= now ? 'suspect' : 'trust');
      }
    }),
  );
});
