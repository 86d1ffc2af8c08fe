/** What runs without anybody waiting for its result. Whoever owns the set waits for all of it at the end. */
export class TaskSet {
  private readonly running = new Set<Promise<void>>();

  /** The task must not reject. */
  run(task: Promise<void>): void {
    this.running.add(task);
    void task.finally(() => this.running.delete(task));
  }

  /** Resolves once nothing runs any more, also of what began meanwhile. */
  async settled(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }
}
