import type { FlagValue } from '@quorate/server';
import { compareSimulated } from '../simulated/compare-simulated.ts';
import type { SimulatedResult } from '../simulated/simulated-result.ts';
import type { Surroundings } from './surroundings.ts';
import { writeReport } from './write-report.ts';

const filesExit = 74;
const interruptedExit = 130;
/** Between two lines of progress where nothing can be drawn over. */
const plainMs = 10_000;

/** `quorate-bench compare --simulated`. Gives the exit code. */
export async function simulatedCommand(values: ReadonlyMap<string, FlagValue>, around: Surroundings): Promise<number> {
  const result = await simulatedResult(Number(values.get('seed')), around);
  if (result === undefined) {
    around.stderr('The comparison was interrupted: nothing of it is reported.\n');
    return interruptedExit;
  }
  return writeReport({ simulated: result }, result, values, around) ? 0 : filesExit;
}

/** Undefined: the user ended it. */
async function simulatedResult(seed: number, around: Surroundings): Promise<SimulatedResult | undefined> {
  const steps = compareSimulated({ version: around.version, seed });
  let interrupted = false;
  let toldMs = Number.NEGATIVE_INFINITY;
  const calm = around.onInterrupt(() => (interrupted = true));
  try {
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      if (around.isTerminal) around.stderr(`\r\u001B[2K${step.value.slice(0, Math.max(20, around.columns() - 1))}`);
      else if (around.nowMs() - toldMs >= plainMs) {
        toldMs = around.nowMs();
        around.stderr(`${step.value}\n`);
      }
      // Signals are taken in between two trials.
      await new Promise<void>((resume) => void setImmediate(resume));
      if (interrupted) return undefined;
    }
  } finally {
    if (around.isTerminal) around.stderr('\r\u001B[2K');
    calm();
  }
}
