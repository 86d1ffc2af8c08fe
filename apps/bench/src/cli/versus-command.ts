import type { FlagValue } from '@quorate/server';
import { memberProgram } from '../cluster/quorate-cluster.ts';
import { hasProgram } from '../processes/etcdctl.ts';
import { runCheckPerf } from '../versus/check-perf.ts';
import { runVersus } from '../versus/run-versus.ts';
import { runCommand } from './run-command.ts';
import { settingsOf } from './settings-of.ts';
import type { Surroundings } from './surroundings.ts';

/** A service that is needed is not there (EX_UNAVAILABLE of sysexits.h). */
const unavailableExit = 69;

const packages = { etcd: 'etcd-server', etcdctl: 'etcd-client' } as const;

/** `quorate-bench versus`. Gives the exit code. */
export function versusCommand(
  argv: readonly string[],
  values: ReadonlyMap<string, FlagValue>,
  around: Surroundings,
): Promise<number> {
  const load = String(values.get('check-perf'));
  const needed = load === 'none' ? (['etcd'] as const) : (['etcd', 'etcdctl'] as const);
  const missing = needed.filter((name) => !hasProgram(name));
  for (const name of missing)
    around.stderr(`E_PROGRAM: there is no ${name} in the PATH. Install it (Debian: apt-get install ${packages[name]}).\n`);
  if (missing.length > 0) return Promise.resolve(unavailableExit);
  const settings = settingsOf(values);
  const order = {
    protocol: String(values.get('protocol')),
    transport: String(values.get('transport')),
    inFlight: Number(values.get('in-flight')),
    program: memberProgram(),
    version: around.version,
  };
  return runCommand(
    {
      command: 'versus',
      argv,
      values,
      settings,
      calibrateMs: settings.quick ? 500 : 2000,
      measure: (run) => (load === 'none' ? runVersus(run, order) : runCheckPerf(run, { ...order, load })),
    },
    around,
  );
}
