/** One run of `etcdctl check perf`. */
export interface CheckPerf {
  readonly system: string;
  readonly load: string;
  readonly round: number;
  readonly passed: boolean;
  readonly putsPerSecond: number;
  readonly slowestMs: number | undefined;
  readonly deviationMs: number | undefined;
  /** Of all members together. */
  readonly memberCpuSecondsPerPut: number;
  /** Its own lines. */
  readonly output: string;
}
