import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type KindFactory, Interpreter } from './interpreter.ts';
import { parseScript, renderScript, type Script } from './script.ts';
import { TraceError } from './trace-error.ts';

/** What `runGolden` needs to know. */
export interface GoldenOptions<M> {
  /** The folder of the traces, `*.txt`. */
  readonly folder: string;
  /** Makes the core from the options of `add-nodes`. */
  readonly kinds: KindFactory<M>;
}

/** Runs a trace and returns the file as it should be. Throws with file and line where a command or an invariant fails. */
export function runTrace<M>(file: string, text: string, kinds: KindFactory<M>): string {
  const script: Script = named(file, () => parseScript(text));
  const interpreter = new Interpreter(kinds);
  const outputs = script.blocks.map(({ commands }) => {
    const output: string[] = [];
    for (const { line, text: command } of commands) {
      try {
        output.push(...interpreter.run(command));
      } catch (error) {
        throw failed(`${file}:${line}: ${command}`, error, [...output, ...interpreter.take()]);
      }
    }
    return output.length === 0 ? ['ok'] : output;
  });
  return renderScript(script, outputs);
}

/**
 * Makes one test of every trace in a folder: it runs the commands and compares what the members did with what the file says.
 * `vitest -u` writes the file anew instead; CI never passes that.
 */
export function runGolden<M>({ folder, kinds }: GoldenOptions<M>): void {
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  test.each(files.sort())('%s', async (name) => {
    const path = join(folder, name);
    const rendered = runTrace(name, readFileSync(path, 'utf8'), kinds);
    await expect(rendered).toMatchFileSnapshot(path);
  });
}

function named<T>(file: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw failed(file, error, []);
  }
}

function failed(where: string, error: unknown, output: readonly string[]): TraceError {
  const text = error instanceof Error ? error.message : String(error);
  const before = output.length === 0 ? '' : `\n${output.join('\n')}`;
  const result = new TraceError(`${where}\n${text}${before}`);
  // A broken core is found by its stack; a broken trace by its line.
  if (!(error instanceof TraceError)) result.cause = error;
  return result;
}
