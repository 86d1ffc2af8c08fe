import { machineCpu } from '../cluster/process-cpu.ts';
import type { MachineCpu } from '../cluster/process-cpu.ts';
import type { Disturbance } from '../result/cell.ts';

/** The machine's CPU counters, and those of everything that belongs to a measurement. */
export interface CpuReading {
  readonly machine: MachineCpu | undefined;
  readonly oursSeconds: number | undefined;
}

/** Reads them now. `childrenSeconds`: of the processes that were started, without this one. */
export function readCpu(childrenSeconds: number | undefined): CpuReading {
  const { user, system } = process.cpuUsage();
  return {
    machine: machineCpu(),
    oursSeconds: childrenSeconds === undefined ? undefined : childrenSeconds + (user + system) / 1e6,
  };
}

/** What of the machine went to others between two readings; undefined where it is not known. */
export function cpuShares(before: CpuReading, after: CpuReading): Pick<Disturbance, 'foreignCpuShare' | 'stealShare'> {
  if (before.machine === undefined || after.machine === undefined) return { foreignCpuShare: undefined, stealShare: undefined };
  const all = after.machine.allSeconds - before.machine.allSeconds;
  const busy = after.machine.busySeconds - before.machine.busySeconds;
  const isKnown = before.oursSeconds !== undefined && after.oursSeconds !== undefined;
  const ours = isKnown ? after.oursSeconds - before.oursSeconds : 0;
  return {
    foreignCpuShare: isKnown ? Math.max(0, busy - ours) / all : undefined,
    stealShare: (after.machine.stealSeconds - before.machine.stealSeconds) / all,
  };
}
