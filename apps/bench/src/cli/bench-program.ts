import { calibrateCommand } from './calibrate-command.ts';
import { parseCommandLine } from './command-line.ts';
import { compareCommand } from './compare-command.ts';
import { reportCommand } from './report-command.ts';
import { simulatedCommand } from './simulated-command.ts';
import type { Surroundings } from './surroundings.ts';
import { versusCommand } from './versus-command.ts';

const usage = 64;
const internal = 70;

/** Does what a command line says. Gives the exit code. */
export async function benchProgram(argv: readonly string[], around: Surroundings): Promise<number> {
  const line = parseCommandLine(argv, around.version);
  try {
    switch (line.ask) {
      case 'answer':
        around.stdout(line.text);
        return 0;
      case 'refuse':
        for (const problem of line.problems) around.stderr(`${problem}\n`);
        return usage;
      case 'calibrate':
        return await calibrateCommand(argv, line.values, around);
      case 'compare':
        return line.values.get('simulated') === true
          ? await simulatedCommand(line.values, around)
          : await compareCommand(argv, line.values, around);
      case 'report':
        return reportCommand(line.values, around);
      default:
        return await versusCommand(argv, line.values, around);
    }
  } catch (error) {
    around.stderr(`E_INTERNAL: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return internal;
  }
}
