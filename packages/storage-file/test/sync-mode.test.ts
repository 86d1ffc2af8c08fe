import { describe, expect, it } from 'vitest';
import { createSyncGauge, defaultSyncLimits } from '../src/sync-mode.ts';
import type { SyncGauge } from '../src/sync-mode.ts';

/** A gauge with a clock of its own: each sync takes `durationMs` and follows the one before at once. */
function clocked(): { gauge: SyncGauge; syncs: (count: number, durationMs: number) => void; wait: (ms: number) => void } {
  const gauge = createSyncGauge();
  let nowMs = 0;
  return {
    gauge,
    wait: (ms) => void (nowMs += ms),
    syncs: (count, durationMs) => {
      for (let i = 0; i < count; i++) gauge.record(durationMs, (nowMs += durationMs));
    },
  };
}

describe('where syncs run', () => {
  it('in the loop while the disk is fast, with single slower ones', () => {
    const { gauge, syncs } = clocked();
    for (let i = 0; i < 100; i++) {
      syncs(60, 0.3);
      syncs(1, 40);
    }
    expect(gauge.mode).toBe('inline');
  });

  it('stays in the loop when only the first sync is slow: it paid for the making of the file', () => {
    const { gauge, syncs } = clocked();
    syncs(1, 40);
    syncs(100, 0.3);
    expect(gauge.mode).toBe('inline');
  });

  it('leaves the loop when syncs are slow on average', () => {
    const { gauge, syncs } = clocked();
    syncs(100, 0.3);
    syncs(80, 3);
    expect(gauge.mode).toBe('pool');
  });

  it('leaves the loop after a single stall', () => {
    const { gauge, syncs } = clocked();
    syncs(100, 0.3);
    syncs(1, defaultSyncLimits.stallMs);
    expect(gauge.mode).toBe('pool');
  });

  it('comes back when the disk is fast again, not before the quarantine is over', () => {
    const { gauge, syncs, wait } = clocked();
    syncs(1, 500);
    syncs(200, 0.4);
    expect(gauge.mode).toBe('pool');
    wait(defaultSyncLimits.quarantineMs);
    syncs(1, 0.4);
    expect(gauge.mode).toBe('inline');
  });

  it('comes back although a busy loop delays most completions', () => {
    const { gauge, syncs, wait } = clocked();
    syncs(1, 500);
    wait(defaultSyncLimits.quarantineMs);
    for (let i = 0; i < 22; i++) {
      syncs(1, 0.5);
      syncs(2, 5);
    }
    expect(gauge.mode).toBe('inline');
  });

  it('stays away longer each time that coming back was a mistake', () => {
    const { gauge, syncs, wait } = clocked();
    for (const quarantineMs of [1_000, 2_000, 4_000]) {
      syncs(1, 100);
      wait(quarantineMs - 100);
      syncs(64, 0.5);
      expect(gauge.mode).toBe('pool');
      wait(100);
      syncs(1, 0.5);
      expect(gauge.mode).toBe('inline');
    }
  });

  it('forgets its mistakes once the loop has been right for long', () => {
    const { gauge, syncs, wait } = clocked();
    for (let round = 0; round < 3; round++) {
      syncs(1, 100);
      syncs(64, 0.5);
      wait(1_000);
      syncs(1, 0.5);
      expect(gauge.mode).toBe('inline');
      wait(10_000);
    }
  });

  it('never returns to a disk that stays slow', () => {
    const { gauge, syncs } = clocked();
    syncs(5_000, 20);
    syncs(1, 30);
    syncs(5_000, 20);
    expect(gauge.mode).toBe('pool');
  });
});
