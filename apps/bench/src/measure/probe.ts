import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { median } from '../statistics/median.ts';

const rounds = 7;
const syncs = 8;
const steps = 2_000_000;

/** How long a little fixed work takes now, of the CPU and of the disk below the folder: milliseconds, the median of some rounds. */
export function probeMs(directory: string): number {
  const folder = mkdtempSync(join(directory, 'quorate-probe-'));
  const file = openSync(join(folder, 'probe'), 'w');
  const block = Buffer.alloc(4096, 1);
  const times: number[] = [];
  try {
    writeSync(file, Buffer.alloc(block.length * syncs), 0);
    fdatasyncSync(file);
    for (let round = 0; round < rounds; round++) {
      const began = performance.now();
      spin();
      for (let i = 0; i < syncs; i++) {
        writeSync(file, block, 0, block.length, i * block.length);
        fdatasyncSync(file);
      }
      times.push(performance.now() - began);
    }
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true });
  }
  return median(times);
}

function spin(): void {
  let state = 1;
  for (let i = 0; i < steps; i++) state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
  // Keeps the loop from being left out: the last bit of this generator alternates.
  if ((state & 1) !== 1) throw new Error('arithmetic went wrong');
}
