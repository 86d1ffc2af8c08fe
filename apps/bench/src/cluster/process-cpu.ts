import { readFileSync } from 'node:fs';

/** Linux counts a process's CPU in hundredths of a second (USER_HZ). */
const ticksPerSecond = 100;

/** CPU seconds of a process by its id, user and system; undefined where this system does not tell, or the process is gone. */
export function processCpuSeconds(pid: number): number | undefined {
  try {
    // Behind the name, which is in parentheses and may hold anything: fields 14 and 15 of proc(5).
    const [, rest = ''] = /^.*\) (.*)$/su.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    const fields = rest.split(' ');
    const seconds = (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
    return Number.isNaN(seconds) ? undefined : seconds;
  } catch {
    return undefined; // There is no such file elsewhere than on Linux, and none for a process that ended.
  }
}

/** The same for several processes together; undefined where one is unknown. */
export function cpuSecondsOf(pids: readonly number[]): number | undefined {
  let sum = 0;
  for (const pid of pids) {
    const seconds = processCpuSeconds(pid);
    if (seconds === undefined) return undefined;
    sum += seconds;
  }
  return sum;
}

/** CPU time of the whole machine since its start, all cores together. */
export interface MachineCpu {
  readonly allSeconds: number;
  readonly busySeconds: number;
  readonly stealSeconds: number;
}

/** Reads the machine's counters; undefined where the system does not tell. */
export function machineCpu(): MachineCpu | undefined {
  try {
    const [, line = ''] = /^cpu +(.*)$/mu.exec(readFileSync('/proc/stat', 'utf8')) ?? [];
    const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softIrq = 0, steal = 0] = line
      .split(' ')
      .map((ticks) => Number(ticks) / ticksPerSecond);
    const busySeconds = user + nice + system + irq + softIrq;
    return { allSeconds: busySeconds + idle + wait + steal, busySeconds, stealSeconds: steal };
  } catch {
    return undefined; // Not Linux.
  }
}
