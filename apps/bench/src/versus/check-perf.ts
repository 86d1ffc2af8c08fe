import { startEtcdCluster } from '../cluster/etcd-cluster.ts';
import { startQuorate } from '../cluster/quorate-cluster.ts';
import type { RunningCluster } from '../cluster/running-cluster.ts';
import type { BenchRun } from '../measure/bench-run.ts';
import { Interrupted } from '../measure/children.ts';
import { dropOut } from '../measure/contest.ts';
import { startEtcdctl } from '../processes/etcdctl.ts';
import type { CheckPerf } from '../result/check-perf.ts';
import { versusSystems } from './run-versus.ts';
import type { VersusOrder } from './run-versus.ts';

/** How long `etcdctl check perf` writes. */
const writesForSeconds = 60;

/** Runs stock `etcdctl check perf` on ours and on etcd, in turns, and adds what it says to the run. */
export async function runCheckPerf(run: BenchRun, order: VersusOrder & { readonly load: string }): Promise<void> {
  const { settings, progress, directory } = run;
  const systems = versusSystems(order, settings.members);
  const starts = [
    { label: systems.etcd.label, start: () => startEtcdCluster(systems.etcd, directory) },
    {
      label: systems.door.label,
      start: () => startQuorate({ system: systems.door, program: order.program, directory, timing: settings }),
    },
  ];
  progress.expect(2 * settings.repeats, writesForSeconds + 8);
  for (let round = 0; round < settings.repeats; round++) {
    for (const { label, start } of round % 2 === 0 ? starts : starts.toReversed()) {
      progress.begin(`etcdctl check perf --load=${order.load} on ${label}, round ${round + 1} of ${settings.repeats}`);
      try {
        const found = await run.children.using(start, (cluster) => checkOnce(run, cluster, order.load));
        run.checkPerf.push({ system: label, load: order.load, round, ...found });
      } catch (error) {
        if (error instanceof Interrupted) throw error;
        dropOut(run, `etcdctl check perf on ${label}, round ${round + 1}`, error);
      }
      progress.done();
    }
  }
}

async function checkOnce(
  { children }: BenchRun,
  cluster: RunningCluster,
  load: string,
): Promise<Omit<CheckPerf, 'system' | 'load' | 'round'>> {
  const cpu = async (): Promise<number> => (await cluster.counters()).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  const before = await cpu();
  const { stdout, stderr } = await children.using(
    () => startEtcdctl(['check', 'perf', `--load=${load}`], { endpoints: cluster.endpoints }),
    ({ result }) => result,
  );
  return readCheckPerf(`${stdout}\n${stderr}`, (await cpu()) - before);
}

/** What the lines of `etcdctl check perf` say. Throws where they are not there. */
export function readCheckPerf(text: string, memberCpuSeconds: number): Omit<CheckPerf, 'system' | 'load' | 'round'> {
  // The verdict begins on the line of the progress bar. Its last line is one word.
  const output = /(?:(?:PASS|FAIL): )?Throughput[^]*/u.exec(text)?.[0].trim() ?? '';
  const number = (pattern: RegExp): number | undefined => {
    const found = pattern.exec(output)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const putsPerSecond = number(/Throughput[^\d\n]*([\d.]+) writes\/s/u);
  if (putsPerSecond === undefined) throw new Error(`etcdctl check perf ended without a throughput: ${text.trim().slice(-500)}`);
  const seconds = (pattern: RegExp): number | undefined => {
    const found = number(pattern);
    return found === undefined ? undefined : found * 1000;
  };
  return {
    passed: /^PASS$/mu.test(output),
    putsPerSecond,
    slowestMs: seconds(/Slowest request took(?: too long:)? ([\d.]+)s/u),
    deviationMs: seconds(/Stddev(?: is| too high:) ([\d.]+)s/u),
    memberCpuSecondsPerPut: memberCpuSeconds / (putsPerSecond * writesForSeconds),
    output,
  };
}
