import type { Executor } from '../campaign/executor.ts';
import { parseCommandLine } from './command-line.ts';
import { replayCommand } from './replay-command.ts';
import { runCommand } from './run-command.ts';
import { shrinkCommand } from './shrink-command.ts';
import type { Surroundings } from './surroundings.ts';

const usage = 64;

/** Does what a command line says. Gives the exit code. */
export async function simProgram(
  argv: readonly string[],
  executorFor: (jobs: number) => Executor,
  around: Surroundings & { readonly version: string },
): Promise<number> {
  const line = parseCommandLine(argv, around.version);
  switch (line.ask) {
    case 'answer':
      around.stdout(line.text);
      return 0;
    case 'refuse':
      for (const problem of line.problems) around.stderr(`${problem}\n`);
      return usage;
    case 'run':
      return runCommand(line.values, executorFor, around);
    case 'replay':
      return replayCommand(line.values, around);
    default:
      return shrinkCommand(line.values, executorFor, around);
  }
}
