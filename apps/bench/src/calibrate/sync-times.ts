import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { SyncCalibration } from '../result/calibration.ts';
import { quantile } from '../statistics/median.ts';

const recycledBytes = 4 * 1_048_576;

/** Writes and syncs a block again and again, one after the other: onto the end of a growing file, or over space that was synced before. */
export function syncTimes(
  directory: string,
  {
    segment,
    bytes,
    durationMs,
  }: { readonly segment: SyncCalibration['segment']; readonly bytes: number; readonly durationMs: number },
): SyncCalibration {
  const folder = mkdtempSync(join(directory, 'quorate-calibrate-'));
  const file = openSync(join(folder, 'segment'), 'w');
  const times: number[] = [];
  try {
    if (segment === 'recycled') {
      writeSync(file, Buffer.alloc(recycledBytes), 0, recycledBytes, 0);
      fdatasyncSync(file);
    }
    const block = Buffer.alloc(bytes, 7);
    const end = performance.now() + durationMs;
    for (let i = 0; performance.now() < end; i++) {
      const began = performance.now();
      writeSync(file, block, 0, bytes, segment === 'recycled' ? (i * bytes) % recycledBytes : i * bytes);
      fdatasyncSync(file);
      times.push(performance.now() - began);
    }
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true });
  }
  const p50Ms = quantile(times, 0.5);
  const sum = times.reduce((all, one) => all + one, 0);
  return { segment, bytes, p50Ms, p99Ms: quantile(times, 0.99), syncsPerSecond: (times.length * 1000) / sum };
}
