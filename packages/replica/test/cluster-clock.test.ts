import { describe, expect, test } from 'vitest';
import { ClusterClock } from '../src/cluster-clock.ts';

describe('cluster time', () => {
  test('goes on from what was applied when this leader was settled, by its own monotonic clock', () => {
    const clock = new ClusterClock();
    clock.begin(5000, 100);
    expect(clock.read(5000, 100)).toBe(5000);
    expect(clock.read(5000, 350.7)).toBe(5250);
    expect(clock.read(9000, 351)).toBe(9000);
  });

  test('stands still before this member is settled, and again once it is not', () => {
    const clock = new ClusterClock();
    expect(clock.read(70, 10_000)).toBe(70);
    clock.begin(70, 10_000);
    clock.end();
    expect(clock.read(80, 20_000)).toBe(80);
  });
});
