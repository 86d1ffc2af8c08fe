/** The time that this process was running: the host's monotonic clock without the stalls that were reported, so that it stands still in them. */
export interface RunClock {
  /** Never falls while `atMs` does not. Of the stalls only the last is told apart from a time before it. */
  toRun(atMs: number): number;
  /** The moment on the host's clock, for a running time that is not yet over. */
  toHost(runMs: number): number;
  /** What overlaps an earlier stall counts once. False where nothing of it is new. */
  stall(fromMs: number, untilMs: number): boolean;
  /** The end and the length of the last stall. */
  readonly lastUntilMs: number;
  readonly lastLengthMs: number;
}

/** A clock that has not stalled yet. */
export function createRunClock(): RunClock {
  let from = -Infinity;
  let until = -Infinity;
  let lostBefore = 0;
  let lost = 0;
  return {
    toRun: (atMs) => (atMs >= until ? atMs - lost : Math.min(atMs, from) - lostBefore),
    toHost: (runMs) => runMs + lost,
    stall(fromMs, untilMs) {
      const begin = Math.max(fromMs, until);
      if (untilMs <= begin) return false;
      from = begin;
      until = untilMs;
      lostBefore = lost;
      lost += until - from;
      return true;
    },
    get lastUntilMs() {
      return until;
    },
    get lastLengthMs() {
      return lost - lostBefore;
    },
  };
}
