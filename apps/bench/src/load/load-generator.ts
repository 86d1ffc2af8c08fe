import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadRequests } from './load-plan.ts';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** What a child says. */
interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

const stopWithinMs = 2000;

/** A load in a process of its own: the measuring process never competes with it for a turn of the event loop. */
export class LoadGenerator {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  #lastId = 0;
  #over: string | undefined;

  constructor() {
    // Always what was built, with no options of this process: also where a test runs this source.
    const program = fileURLToPath(new URL('../../dist/load/load-process.js', import.meta.url));
    this.#child = fork(program, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#child.on('message', (message) => this.#take(message as Reply));
    this.#ended = new Promise((resolve) => {
      const end = (text: string): void => {
        this.#over = text;
        for (const { reject } of this.#waiting.values()) reject(new Error(text));
        this.#waiting.clear();
        resolve();
      };
      this.#child.once('error', (error) => end(`the load process could not run: ${error.message}`));
      this.#child.once('exit', (code, signal) => end(`the load process ended (${signal ?? `exit code ${code}`})`));
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Asks the process for something. Rejects with its reason, or where it ends. */
  ask<What extends keyof LoadRequests>(what: What, args: LoadRequests[What]['plan']): Promise<LoadRequests[What]['answer']> {
    if (this.#over !== undefined) return Promise.reject(new Error(this.#over));
    const id = ++this.#lastId;
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#child.send({ id, what, args });
    return answer as Promise<LoadRequests[What]['answer']>;
  }

  /** Ends the process by its own id, and waits for it. Never rejects. */
  async close(): Promise<void> {
    if (this.#over !== undefined) return;
    this.#child.kill('SIGTERM');
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), stopWithinMs);
    await this.#ended;
    clearTimeout(impatience);
  }

  #take({ id, result, error }: Reply): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error));
  }
}
