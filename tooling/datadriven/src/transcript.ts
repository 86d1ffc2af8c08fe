/** Collects what the members did during one block of a trace. */
export class Transcript {
  #lines: string[] = [];
  /** `quiet`: only roles, what was applied and answered, links and stops are told. `silent`: nothing is. */
  level: 'full' | 'quiet' | 'silent' = 'full';

  /** A line that is always told. */
  news(line: string): void {
    if (this.level !== 'silent') this.#lines.push(line);
  }

  /** A line that `quiet` leaves out: writes, sends, deliveries. */
  detail(line: string): void {
    if (this.level === 'full') this.#lines.push(line);
  }

  /** Everything since the last call. */
  take(): string[] {
    return this.#lines.splice(0);
  }
}
