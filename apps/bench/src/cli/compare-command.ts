import type { FlagValue } from '@quorate/server';
import { memberProgram } from '../cluster/quorate-cluster.ts';
import { planCompare } from '../compare/compare-plan.ts';
import type { CompareWish } from '../compare/compare-plan.ts';
import { runCompare } from '../compare/run-compare.ts';
import { listOf } from './command-line.ts';
import { runCommand } from './run-command.ts';
import { settingsOf } from './settings-of.ts';
import type { Surroundings } from './surroundings.ts';

/** `quorate-bench compare`. Gives the exit code. */
export function compareCommand(
  argv: readonly string[],
  values: ReadonlyMap<string, FlagValue>,
  around: Surroundings,
): Promise<number> {
  const settings = settingsOf(values);
  const wish = compareWish(values, around.version);
  const plan = planCompare(wish);
  const sizes = {
    keyBytes: Number(values.get('key-bytes')),
    valueBytes: Number(values.get('value-bytes')),
    keys: Number(values.get('keys')),
  };
  return runCommand(
    {
      command: 'compare',
      argv,
      values,
      settings,
      calibrateMs: values.get('short') === true ? 250 : settings.quick ? 500 : 2000,
      measure: (run) =>
        runCompare(run, { plan, sizes, inFlight: wish.inFlight, programOf: ({ system }) => memberProgram(system.service) }),
    },
    around,
  );
}

/** What the flags of `compare` ask for. */
export function compareWish(values: ReadonlyMap<string, FlagValue>, version: string): CompareWish {
  return {
    protocols: listOf(values, 'protocols'),
    transports: listOf(values, 'transports'),
    storages: listOf(values, 'storages'),
    workloads: listOf(values, 'workloads'),
    loops: listOf(values, 'loops'),
    members: Number(values.get('members')),
    inFlight: Number(values.get('in-flight')),
    rate: Number(values.get('rate')),
    version,
  };
}
