/** Where syncs run: in the event loop, or in the thread pool. */
export type SyncMode = 'inline' | 'pool';

/** Decides where syncs run, from how long they took. */
export interface SyncGauge {
  readonly mode: SyncMode;
  /** Takes the duration of one small sync that ended at `nowMs`. */
  record(durationMs: number, nowMs: number): void;
}

/** Limits in milliseconds. A sync in the loop saves two thread hops, but holds up heartbeats for as long as it takes. */
export interface SyncLimits {
  /** Leave the loop when the moving average is above this … */
  readonly slowMs: number;
  /** … or a single sync took this long: half a heartbeat. */
  readonly stallMs: number;
  /** Come back when a quarter of the recent syncs are below this. */
  readonly fastMs: number;
  /** Stay in the pool at least this long; doubled, up to `longestMs`, each time that the loop was left again before ten times as long. */
  readonly quarantineMs: number;
  readonly longestMs: number;
}

export const defaultSyncLimits: SyncLimits = { slowMs: 2, stallMs: 50, fastMs: 1, quarantineMs: 1_000, longestMs: 60_000 };

const recentCount = 64;
/** Weight of the newest sync in the moving average, and the most that one counts for, in units of `slowMs`: a noisy neighbour is no slow disk. */
const weight = 1 / 32;
const outlier = 8;

/** Starts inline: the first syncs belong to the start, when nobody waits for a heartbeat. */
export function createSyncGauge(limits: SyncLimits = defaultSyncLimits): SyncGauge {
  const recent = new Float64Array(recentCount);
  let seen = 0;
  let averageMs = 0;
  let mode: SyncMode = 'inline';
  let sinceMs = 0;
  let quarantineMs = 0;

  const enter = (next: SyncMode, nowMs: number): void => {
    mode = next;
    sinceMs = nowMs;
    seen = 0;
    averageMs = 0;
  };

  return {
    get mode(): SyncMode {
      return mode;
    },
    record(durationMs, nowMs): void {
      const counted = Math.min(durationMs, limits.slowMs * outlier);
      averageMs += (counted - averageMs) * weight;
      recent[seen++ % recentCount] = durationMs;
      if (mode === 'inline') {
        const slow = durationMs >= limits.stallMs || averageMs > limits.slowMs;
        if (!slow) return;
        const mistake = quarantineMs > 0 && nowMs - sinceMs < quarantineMs * 10;
        quarantineMs = mistake ? Math.min(quarantineMs * 2, limits.longestMs) : limits.quarantineMs;
        enter('pool', nowMs);
        return;
      }
      // Durations in the pool include the wait for the loop, so that a busy loop looks like a slow disk: the lower quartile does not.
      if (seen < recentCount || nowMs - sinceMs < quarantineMs) return;
      if ((recent.toSorted()[recentCount / 4] as number) >= limits.fastMs) return;
      enter('inline', nowMs);
    },
  };
}
