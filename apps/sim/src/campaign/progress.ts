/** What a progress line tells. */
export interface ProgressState {
  readonly done: number;
  readonly all: number;
  readonly failed: number;
  readonly simulatedSeconds: number;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

const barWidth = 24;

/** One line: a bar, seeds, the rate, and an estimate of what is left. */
export function progressLine({ done, all, failed, simulatedSeconds, cpuSeconds, wallSeconds }: ProgressState): string {
  const full = all === 0 ? barWidth : Math.floor((done / all) * barWidth);
  const bar = `[${'#'.repeat(full)}${'.'.repeat(barWidth - full)}]`;
  const rate = cpuSeconds > 0 ? `${(simulatedSeconds / cpuSeconds).toFixed(1)} simulated s per CPU s` : '';
  const left = done === 0 || done >= all ? '' : `about ${duration((wallSeconds / done) * (all - done))} left`;
  return [bar, `${done}/${all} seeds`, rate, failed === 0 ? '' : `${failed} failed`, left]
    .filter((part) => part !== '')
    .join('  ');
}

/** Seconds as people say them. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
