/**
 * The time that this member stamps while it proposes: the highest applied cluster time when it was settled, plus its own monotonic time
 * since. It never reads a wall clock, and apply takes the maximum with what was before.
 */
export class ClusterClock {
  private baseMs = 0;
  private sinceMs: number | undefined;

  /** Called when this member becomes settled. */
  begin(appliedClusterMs: number, now: number): void {
    this.baseMs = appliedClusterMs;
    this.sinceMs = now;
  }

  end(): void {
    this.sinceMs = undefined;
  }

  /** Before it is settled a leader lets cluster time stand still. */
  read(appliedClusterMs: number, now: number): number {
    if (this.sinceMs === undefined) return appliedClusterMs;
    return Math.max(appliedClusterMs, this.baseMs + Math.floor(now - this.sinceMs));
  }
}
