import { startQuorate } from '../cluster/quorate-cluster.ts';
import { detectorSteps, measureDetectors } from '../detectors/measure-detectors.ts';
import type { BenchRun } from '../measure/bench-run.ts';
import { Interrupted } from '../measure/children.ts';
import { dropOut, runContest, secondsOfMeasurement } from '../measure/contest.ts';
import type { Contestant, ExpectedSteps } from '../measure/contest.ts';
import type { RunSettings } from '../result/bench-result.ts';
import type { Cell } from '../result/cell.ts';
import type { WorkloadSizes } from '../workload/workload.ts';
import { rateFrom } from './compare-plan.ts';
import type { ComparePlan, PlannedSystem } from './compare-plan.ts';
import { failoverSteps, measureFailover } from './measure-failover.ts';

/** What a comparison needs beside its plan. */
export interface CompareOrder {
  readonly plan: ComparePlan;
  readonly sizes: WorkloadSizes;
  /** Of the load beside which heartbeats are recorded. */
  readonly inFlight: number;
  /** The program of a member of each system: that of its service, or in a test one with a planted fault. */
  readonly programOf: (system: PlannedSystem) => string;
}

/** Measures everything in a plan. What was found is in the run; returns early where it is interrupted. */
export async function runCompare(run: BenchRun, order: CompareOrder): Promise<void> {
  const { plan } = order;
  const { progress, settings } = run;
  const available = await findAvailable(run, order);
  const contests = plan.contests.map((contest) => ({
    ...contest,
    systems: contest.systems.filter(({ key }) => available.has(key)),
  }));
  const systems = plan.systems.filter(({ key }) => available.has(key));
  for (const { steps, secondsEach } of expectedSteps({ contests, systems }, settings)) progress.expect(steps, secondsEach);
  let before: readonly Cell[] = [];
  for (const { systems: taking, loop, ...contest } of contests) {
    if (taking.length === 0) continue;
    const chosen = loop ?? rateFrom(before);
    const contestants = taking.map((planned) => contestantOf(run, order, planned));
    const text = chosen.kind === 'open' ? `${contest.text} at ${chosen.ratePerSecond} per second` : contest.text;
    before = await runContest(run, { ...contest, text, sizes: order.sizes, loop: chosen, contestants });
  }
  if (settings.failoverTrials === 0)
    run.notMeasured.push({ what: 'failover', why: 'no trials were asked for (--failover-trials 0)' });
  else
    for (const planned of systems) {
      const rate = failoverRate(run.cells, planned);
      await measureFailover(run, { contestant: contestantOf(run, order, planned), sizes: order.sizes, ratePerSecond: rate });
    }
  const [first] = systems;
  if (first === undefined) return;
  const { sizes, inFlight } = order;
  await measureDetectors(run, { contestant: contestantOf(run, order, first), sizes, inFlight });
}

/** Everything that is in a plan, in its order, and how long it is expected to take. */
export function expectedSteps(
  { contests, systems }: Pick<ComparePlan, 'contests' | 'systems'>,
  settings: RunSettings,
): readonly ExpectedSteps[] {
  const steps = contests.reduce((sum, contest) => sum + contest.systems.length * settings.repeats, 0);
  const failovers = systems.flatMap(() => failoverSteps(settings));
  const detectors = systems.length === 0 ? [] : detectorSteps(settings);
  return [{ steps, secondsEach: secondsOfMeasurement(settings) }, ...failovers, ...detectors];
}

function contestantOf(
  { directory, settings: timing }: BenchRun,
  { programOf }: CompareOrder,
  planned: PlannedSystem,
): Contestant {
  const { key, system } = planned;
  return {
    key,
    system,
    start: () => startQuorate({ system, program: programOf(planned), directory, timing }),
    door: async (cluster) => ({ kind: system.door === 'http' ? 'http' : 'native', endpoints: await cluster.leaderFirst() }),
  };
}

/** Starts one system of each transport: what is not part of this installation is named now, and not after an hour. */
async function findAvailable(run: BenchRun, order: CompareOrder): Promise<ReadonlySet<string>> {
  const { progress, children } = run;
  const { systems } = order.plan;
  const available = new Set<string>();
  const transports = [...new Set(systems.map(({ system }) => system.transport))];
  progress.expect(transports.length, 2);
  for (const transport of transports) {
    const [planned, ...others] = systems.filter(({ system }) => system.transport === transport);
    if (planned === undefined) continue;
    progress.begin(`trying ${transport}`);
    try {
      await children.using(contestantOf(run, order, planned).start, () => Promise.resolve());
      for (const { key } of [planned, ...others]) available.add(key);
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      const refusal = /^E_TRANSPORT: .*$/mu.exec(error instanceof Error ? error.message : '');
      // A version without a transport is complete: it is named, and nothing is wrong.
      if (refusal === null) dropOut(run, `transport ${transport}`, error);
      else run.notMeasured.push({ what: `transport ${transport}`, why: refusal[0] });
    }
    progress.done();
  }
  return available;
}

const lowestFailoverRate = 200;
const highestFailoverRate = 2000;

/** A third of what the system reached, within bounds: enough to see a gap to the millisecond, and no queue that hides when it is over. */
function failoverRate(cells: readonly Cell[], { system }: PlannedSystem): number {
  const reached = cells.filter((cell) => cell.system === system && cell.loop.kind === 'closed');
  const least = Math.min(highestFailoverRate * 3, ...reached.map(({ operationsPerSecond }) => operationsPerSecond.median));
  return Math.max(lowestFailoverRate, Math.round(least / 3));
}
