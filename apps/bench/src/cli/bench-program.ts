import { parseCommandLine } from './command-line.ts';
import type { Surroundings } from './surroundings.ts';

const usage = 64;

/** Does what a command line says. Gives the exit code. */
export async function benchProgram(argv: readonly string[], around: Surroundings): Promise<number> {
  const line = parseCommandLine(argv, around.version);
  if (line.ask === 'answer') {
    around.stdout(line.text);
    return 0;
  }
  if (line.ask === 'refuse') {
    for (const problem of line.problems) around.stderr(`${problem}\n`);
    return usage;
  }
  await Promise.resolve();
  around.stderr(`E_INTERNAL: ${line.ask} does not exist yet.\n`);
  return 70;
}
