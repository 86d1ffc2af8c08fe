import type { FlagValue } from '@quorate/server';
import { runCommand } from './run-command.ts';
import { settingsOf } from './settings-of.ts';
import type { Surroundings } from './surroundings.ts';

/** `quorate-bench calibrate`: the calibration of every command, and nothing else. Gives the exit code. */
export function calibrateCommand(
  argv: readonly string[],
  values: ReadonlyMap<string, FlagValue>,
  around: Surroundings,
): Promise<number> {
  const settings = settingsOf(values);
  return runCommand(
    {
      command: 'calibrate',
      argv,
      values,
      settings,
      calibrateMs: settings.quick ? 500 : settings.measureSeconds * 1000,
      measure: () => Promise.resolve(),
    },
    around,
  );
}
