import { invariant } from '@quorate/interface';

/** The clocks of one process life as its hardware shows them: a monotonic one with a rate and jumps, and a wall clock that means nothing. */
export class MemberClock {
  private sinceMs: number;
  private localMs: number;
  private monotonicRate = 1;
  private wallBaseMs: number;
  private wallRate = 1;

  /** `startMs`: what the monotonic clock shows at `nowMs` of the world. */
  constructor(nowMs: number, startMs: number, wallMs: number) {
    this.sinceMs = nowMs;
    this.localMs = startMs;
    this.wallBaseMs = wallMs;
  }

  monotonicMs(nowMs: number): number {
    return this.localMs + (nowMs - this.sinceMs) * this.monotonicRate;
  }

  wallMs(nowMs: number): number {
    return this.wallBaseMs + (nowMs - this.sinceMs) * this.wallRate;
  }

  /** The time of the world at which the monotonic clock will show `localMs`, as long as nothing changes. */
  worldMs(localMs: number): number {
    return this.sinceMs + (localMs - this.localMs) / this.monotonicRate;
  }

  /** The monotonic clock runs at another speed from now on. */
  setRate(nowMs: number, rate: number): void {
    invariant(rate > 0, 'a clock runs forward');
    this.rebase(nowMs);
    this.monotonicRate = rate;
  }

  /** The machine was suspended: the monotonic clock jumps forward. */
  jump(nowMs: number, byMs: number): void {
    invariant(byMs >= 0, 'a monotonic clock never falls');
    this.rebase(nowMs);
    this.localMs += byMs;
  }

  /** Somebody set the wall clock, or it drifts. */
  setWall(nowMs: number, byMs: number, rate: number): void {
    this.rebase(nowMs);
    this.wallBaseMs += byMs;
    this.wallRate = rate;
  }

  private rebase(nowMs: number): void {
    this.localMs = this.monotonicMs(nowMs);
    this.wallBaseMs = this.wallMs(nowMs);
    this.sinceMs = nowMs;
  }
}
