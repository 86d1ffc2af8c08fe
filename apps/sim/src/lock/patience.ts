import type { Plan } from '@quorate/simulator';

/** Faults that make a clock run or jump, or stop who would have looked at it: under them nobody can say how long something took a member. */
const restless: ReadonlySet<string> = new Set(['clock-rate', 'clock-jump']);

/** A millisecond of rounding, as deadlines of a turn may be met. */
const toleranceMs = 2;

/**
 * No session ends before its time: not before its time to live has passed since a member first delivered its last renewal (the leader did
 * so no earlier); and no delay after a holder's death ends before it is over. Asked only where all clocks run as the world's.
 */
export class Patience {
  readonly problems: string[] = [];
  private readonly asked: boolean;
  private readonly nowMs: () => number;
  private readonly sessions = new Map<number, { readonly ttlMs: number; sinceMs: number }>();
  private readonly delays = new Map<string, { readonly delayMs: number; readonly sinceMs: number }>();

  constructor(plan: Plan, nowMs: () => number) {
    this.asked = !plan.actions.some(({ kind }) => restless.has(kind));
    this.nowMs = nowMs;
  }

  opened(session: number, ttlMs: number): void {
    this.sessions.set(session, { ttlMs, sinceMs: this.nowMs() });
  }

  renewed(session: number): void {
    const known = this.sessions.get(session);
    if (known !== undefined) known.sinceMs = this.nowMs();
  }

  expired(session: number): void {
    const known = this.sessions.get(session);
    this.sessions.delete(session);
    if (known !== undefined) this.expect(`session ${session}`, known.ttlMs, known.sinceMs);
  }

  died(hold: string, delayMs: number): void {
    this.delays.set(hold, { delayMs, sinceMs: this.nowMs() });
  }

  delayEnded(hold: string): void {
    const known = this.delays.get(hold);
    this.delays.delete(hold);
    if (known !== undefined) this.expect(`the delay of ${hold}`, known.delayMs, known.sinceMs);
  }

  private expect(what: string, wantedMs: number, sinceMs: number): void {
    const passedMs = this.nowMs() - sinceMs;
    if (this.asked && passedMs < wantedMs - toleranceMs)
      this.problems.push(`${what} ended after ${passedMs.toFixed(1)} ms, and had ${wantedMs} ms`);
  }
}
