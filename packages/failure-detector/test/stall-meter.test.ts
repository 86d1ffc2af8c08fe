import { describe, expect, test } from 'vitest';
import { stallMeter } from '../src/index.ts';

describe('the meter of stalls', () => {
  test('sees one where a tick is late by more than it tolerates, from the tick before it', () => {
    const meter = stallMeter({ tickMs: 100, toleranceMs: 50 });
    expect([1000, 1100, 1250, 1351].map((now) => meter.tick(now))).toEqual([undefined, undefined, undefined, undefined]);
    expect(meter.tick(1502)).toEqual({ fromMs: 1351, untilMs: 1502 });
    expect(meter.tick(1600)).toBeUndefined();
  });

  test('names all problems of its options at once', () => {
    expect(() => stallMeter({ tickMs: 0, toleranceMs: -1 })).toThrow(/E_USAGE: stallMeter .*tickMs is 0.*toleranceMs is -1/);
  });
});
