import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Closable } from './children.ts';

/** A program of ours in a process of its own, which says when it is ready and may answer. */
export interface ChildProgram extends Closable {
  /** What it said when it was ready. */
  readonly hello: unknown;
  /** Tells it to go on. */
  tell(): void;
  /** Tells it to go on, and waits for what it says. Rejects where it ends. */
  ask(): Promise<unknown>;
}

/** Starts what was built of a source file, named from `src/`. Rejects with its last words where it ends before it is ready. */
export async function startProgram(name: string, argv: readonly string[]): Promise<ChildProgram> {
  // Always what was built, with no options of this process: also where a test runs this source.
  const program = fileURLToPath(new URL(`../../dist/${name}.js`, import.meta.url));
  const child = fork(program, [...argv], { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let lastWords = '';
  child.stderr?.on('data', (chunk: Buffer) => (lastWords = (lastWords + chunk.toString('utf8')).slice(-4096)));
  const ended = once(child, 'exit');
  const refused = ended.then((): never => {
    const [reason = `${name} ended: ${lastWords}`] = /E_[A-Z_]+: .*/u.exec(lastWords) ?? [];
    throw new Error(reason);
  });
  refused.catch(() => undefined); // Whoever waits for a message hears of it; `close` ends the process by intent.
  const message = async (): Promise<unknown> => ((await Promise.race([once(child, 'message'), refused])) as [unknown])[0];
  return {
    hello: await message(),
    tell: () => void child.send({}),
    ask: () => {
      const answer = message();
      child.send({});
      return answer;
    },
    close: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
