import type { RunningCluster } from '../cluster/running-cluster.ts';
import type { DoorPlan } from '../load/load-plan.ts';
import type { LoopSettings, SystemUnderTest } from '../result/cell.ts';
import type { Cell } from '../result/cell.ts';
import type { WorkloadSizes } from '../workload/workload.ts';
import { workloadNamed } from '../workload/workload-named.ts';
import type { BenchRun } from './bench-run.ts';
import { cellOf } from './cell-of.ts';
import type { Round } from './cell-of.ts';
import { Interrupted } from './children.ts';
import { groupOf } from './group-of.ts';
import { measureOnce } from './measure-once.ts';

/** A system, how to start it, and how its clients connect. */
export interface Contestant {
  readonly system: SystemUnderTest;
  /** Part of the name of its cells. */
  readonly key: string;
  readonly start: () => Promise<RunningCluster>;
  readonly door: (cluster: RunningCluster) => Promise<DoorPlan>;
}

/** Systems that take turns under one load. */
export interface ContestOrder {
  readonly id: string;
  readonly text: string;
  readonly workload: string;
  readonly sizes: WorkloadSizes;
  readonly loop: LoopSettings;
  readonly contestants: readonly Contestant[];
}

/** Steps of a run, as progress is told of them. */
export interface ExpectedSteps {
  readonly steps: number;
  readonly secondsEach: number;
}

/** One process has one core for its JavaScript; near that, it is the limit and not the cluster. */
const busyLoad = 0.9;

/** Longer than an election: an operation that waited for one is late, not lost. */
const operationTimeoutMs = 10_000;

/** How long one measurement is expected to take, starts and ends of processes included. */
export function secondsOfMeasurement({ measureSeconds, warmUp, electionTimeoutMs }: BenchRun['settings']): number {
  return measureSeconds + warmUp.windowSeconds * (warmUp.windows + 2) + 2 + electionTimeoutMs / 1000;
}

/**
 * Measures all systems, round by round; every other round in the opposite order, so that none always comes after the same one. Adds cells
 * and a group to the run, also where it is interrupted. A system that cannot be measured drops out, and is named.
 */
export async function runContest(run: BenchRun, order: ContestOrder): Promise<readonly Cell[]> {
  const { settings, progress } = run;
  const rounds = new Map(order.contestants.map(({ key }) => [key, [] as Round[]]));
  let left = order.contestants;
  try {
    for (let round = 0; round < settings.repeats; round++) {
      for (const contestant of round % 2 === 0 ? left : left.toReversed()) {
        progress.begin(`${order.text}: ${contestant.system.label}, round ${round + 1} of ${settings.repeats}`);
        try {
          rounds.get(contestant.key)?.push({ round, ...(await measure(run, { order, contestant, round })) });
          progress.done();
        } catch (error) {
          if (error instanceof Interrupted) throw error;
          left = left.filter((other) => other !== contestant);
          progress.skip(settings.repeats - round);
          dropOut(run, `${contestant.system.label}, ${order.text}`, error);
        }
      }
    }
  } finally {
    conclude(run, order, rounds);
  }
  return run.cells.slice(-order.contestants.length);
}

/** Says that something could not be measured. */
export function dropOut(run: BenchRun, what: string, error: unknown): void {
  const why = error instanceof Error ? error.message : String(error);
  run.notMeasured.push({ what, why });
  run.incomplete = true;
  run.progress.note(`not measured: ${what}: ${why}`);
}

function measure(
  run: BenchRun,
  { order, contestant, round }: { readonly order: ContestOrder; readonly contestant: Contestant; readonly round: number },
): ReturnType<typeof measureOnce> {
  const { settings, directory, children, wallMs } = run;
  return measureOnce({
    start: contestant.start,
    load: async (cluster) => ({
      workload: order.workload,
      sizes: order.sizes,
      loop: order.loop,
      door: await contestant.door(cluster),
      warmUp: settings.warmUp,
      timeoutMs: operationTimeoutMs,
      // Equal for all systems of a round.
      seed: settings.seed + round,
    }),
    seconds: settings.measureSeconds,
    directory,
    limits: settings.limits,
    children,
    wallMs,
  });
}

function conclude(run: BenchRun, order: ContestOrder, rounds: ReadonlyMap<string, readonly Round[]>): void {
  const { settings } = run;
  const workload = workloadNamed(order.workload, order.sizes).settings;
  const cells = order.contestants.flatMap(({ key, system }) => {
    const measured = rounds.get(key) ?? [];
    if (measured.length === 0) return [];
    return [cellOf({ id: `${key}-${order.id}`, system, workload, loop: order.loop, rounds: measured, settings })];
  });
  if (cells.length === 0) return;
  run.cells.push(...cells);
  run.groups.push(groupOf({ id: order.id, text: order.text }, cells, settings));
  for (const { id, verdict, cost, operationsPerSecond } of cells) {
    const load = cost?.cpuSeconds.find(({ role }) => role === 'load')?.seconds ?? 0;
    const busy = load * operationsPerSecond.median;
    if (busy > busyLoad)
      run.warnings.push({
        code: 'load-generator',
        cell: id,
        text: `the load process used ${(busy * 100).toFixed(0)} % of a core: it may be what was measured`,
      });
    for (const { kind, text } of verdict.reasons)
      run.warnings.push({ code: kind === 'too-few-repeats' ? 'no-confidence' : kind, cell: id, text });
  }
}
