import type { Member } from './member.ts';

/** Later than this is worth a line: the loop was blocked, or the process stopped. */
const lateMs = 100;

/** The one timer of a member. It only asks for a turn, so that messages that arrived meanwhile come before any deadline. */
export class TurnTimer<M> {
  private readonly member: Member<M>;
  private atMs = Number.POSITIVE_INFINITY;
  private armed: { cancel(): void } | undefined;

  constructor(member: Member<M>) {
    this.member = member;
  }

  /** Asks for a turn at `deadlineMs`. An earlier one that is armed stays: its turn arms the next. */
  arm(deadlineMs: number): void {
    if (deadlineMs >= this.atMs) return;
    this.armed?.cancel();
    this.atMs = deadlineMs;
    this.armed = this.member.options.host.at(deadlineMs, () => this.fire());
  }

  cancel(): void {
    this.armed?.cancel();
    this.armed = undefined;
    this.atMs = Number.POSITIVE_INFINITY;
  }

  private fire(): void {
    const { member } = this;
    if (!member.alive) return;
    const lateness = member.now() - this.atMs;
    this.armed = undefined;
    this.atMs = Number.POSITIVE_INFINITY;
    const { counters } = member;
    if (lateness > counters.worstLatenessMs) counters.worstLatenessMs = lateness;
    if (lateness > lateMs) {
      counters.lateTurns += 1;
      member.log('warn', `a timer fired ${Math.round(lateness)} ms late: the event loop was blocked`);
    }
    member.request();
  }
}
