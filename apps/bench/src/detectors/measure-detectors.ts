import { LoadGenerator } from '../load/load-generator.ts';
import type { BenchRun } from '../measure/bench-run.ts';
import { Interrupted } from '../measure/children.ts';
import { dropOut } from '../measure/contest.ts';
import type { Contestant, ExpectedSteps } from '../measure/contest.ts';
import type { RunSettings } from '../result/bench-result.ts';
import { chanceFrom } from '../statistics/chance.ts';
import type { WorkloadSizes } from '../workload/workload.ts';
import { detectorRows } from './detector-study.ts';
import { recordHeartbeats } from './record-heartbeats.ts';

/** Under which load heartbeats are recorded. */
export interface DetectorOrder {
  readonly contestant: Contestant;
  readonly sizes: WorkloadSizes;
  readonly inFlight: number;
}

/** Processes that are watched. */
const senders = 3;

/** The one step, and how long it is expected to take. */
export function detectorSteps({ warmUp, electionTimeoutMs, detectorSeconds }: RunSettings): readonly ExpectedSteps[] {
  if (detectorSeconds === 0) return [];
  const cluster = warmUp.windowSeconds * (warmUp.windows + 2) + 1.5 + electionTimeoutMs / 500;
  return [{ steps: 1, secondsEach: cluster + 1 + detectorSeconds }];
}

/** Records heartbeats between processes beside a cluster under full load, lets all failure detectors judge them, and adds that to the run. */
export async function measureDetectors(run: BenchRun, order: DetectorOrder): Promise<void> {
  const { settings, progress, children } = run;
  const { contestant, inFlight } = order;
  const { label, transport, service } = contestant.system;
  const workload = service === 'lock' ? 'lock' : 'put';
  const load = `${workload} of ${label}, ${inFlight} in flight`;
  if (settings.detectorSeconds === 0) {
    run.notMeasured.push({ what: 'failure detectors', why: 'no time was given for them (--detector-seconds 0)' });
    return;
  }
  progress.begin(`heartbeats under load: ${load}`);
  try {
    const traces = await children.using(contestant.start, (cluster) =>
      children.using(
        () => new LoadGenerator(),
        async (generator) => {
          await generator.ask('warmUp', {
            workload,
            sizes: order.sizes,
            loop: { kind: 'closed', inFlight },
            door: await contestant.door(cluster),
            warmUp: settings.warmUp,
            timeoutMs: 10_000,
            seed: settings.seed,
          });
          const recorded = await recordHeartbeats({ transport, senders }, children, async () => {
            await generator.ask('measure', { seconds: settings.detectorSeconds });
          });
          await generator.ask('stop', undefined);
          return recorded;
        },
      ),
    );
    const chance = chanceFrom(settings.seed);
    const rows = traces.flatMap((trace) => detectorRows({ scenario: 'this machine under load', trace }, chance));
    run.detectors = { seconds: settings.detectorSeconds, peers: senders, load, rows };
    progress.done();
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    progress.skip(1);
    dropOut(run, 'failure detectors', error);
  }
}
