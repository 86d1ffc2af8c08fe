/** Something with processes that must end. */
export interface Closable {
  close(): Promise<void>;
}

/** Thrown where a run was ended by its user. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** All that runs on behalf of a command: closed when its part is done, or all at once when the user ends the command. */
export class Children {
  readonly #open = new Set<Closable>();
  #interrupted = false;

  get interrupted(): boolean {
    return this.#interrupted;
  }

  /** Runs something with what `start` gives, and closes that in any case. */
  async using<T extends Closable, R>(start: () => T | Promise<T>, run: (started: T) => Promise<R>): Promise<R> {
    this.#check();
    const started = await this.#orInterrupted(start);
    this.#open.add(started);
    try {
      this.#check();
      return await this.#orInterrupted(() => run(started));
    } finally {
      await started.close();
      this.#open.delete(started);
    }
  }

  /** Ends everything that runs. Nothing starts afterwards. */
  interrupt(): void {
    this.#interrupted = true;
    for (const one of this.#open) void one.close();
  }

  /** Whatever fails while everything is being ended fails because of that. */
  async #orInterrupted<T>(run: () => T | Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      this.#check();
      throw error;
    }
  }

  #check(): void {
    if (this.#interrupted) throw new Interrupted('the command was ended by its user');
  }
}
