/** Collects what the members did during one block of a trace. */
export class Transcript {
  #lines: string[] = [];
  /** With `quiet` only roles, what was applied and answered, links and stops are told. */
  quiet = false;

  /** A line that is always told. */
  news(line: string): void {
    this.#lines.push(line);
  }

  /** A line that `quiet` leaves out: writes, sends, deliveries. */
  detail(line: string): void {
    if (!this.quiet) this.#lines.push(line);
  }

  /** Everything since the last call. */
  take(): string[] {
    return this.#lines.splice(0);
  }
}
