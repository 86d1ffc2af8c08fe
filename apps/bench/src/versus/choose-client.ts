import type { RunningCluster } from '../cluster/running-cluster.ts';
import type { BenchRun } from '../measure/bench-run.ts';
import { measureOnce } from '../measure/measure-once.ts';
import type { LoopSettings, SystemUnderTest } from '../result/cell.ts';
import type { WorkloadSizes } from '../workload/workload.ts';

/** A way to spread calls over connections. */
export interface GrpcClient {
  readonly text: string;
  readonly connections: number;
  readonly leaderOnly: boolean;
}

/** What to choose from, and how to try it. */
export interface ClientChoice {
  readonly system: SystemUnderTest;
  readonly start: () => Promise<RunningCluster>;
  readonly sizes: WorkloadSizes;
  readonly loop: LoopSettings;
  readonly clients: readonly GrpcClient[];
}

const trialSeconds = 2;

/** How often each client is tried before one is chosen. */
export function clientTrials(quick: boolean): number {
  return quick ? 1 : 2;
}

/**
 * Tries each client shortly, in turns, each time on a fresh cluster, and gives the one that was fastest in any trial: a server is never
 * blamed for the client it was given.
 */
export async function chooseClient(run: BenchRun, choice: ClientChoice): Promise<GrpcClient> {
  const { settings, progress, children, directory, wallMs } = run;
  let best: { readonly client: GrpcClient; readonly rate: number } | undefined;
  const trials = Array.from({ length: clientTrials(settings.quick) }, () => choice.clients).flat();
  for (const client of trials) {
    progress.begin(`looking for the fastest client of ${choice.system.label}: ${client.text}`);
    const { repeat } = await measureOnce({
      start: choice.start,
      load: async (cluster) => {
        const endpoints = await cluster.leaderFirst();
        return {
          workload: 'put',
          sizes: choice.sizes,
          loop: choice.loop,
          door: {
            kind: 'grpc',
            endpoints: client.leaderOnly ? endpoints.slice(0, 1) : endpoints,
            connections: client.connections,
          },
          warmUp: { ...settings.warmUp, mostSeconds: Math.min(4, settings.warmUp.mostSeconds) },
          timeoutMs: 10_000,
          seed: settings.seed,
        };
      },
      seconds: trialSeconds,
      directory,
      limits: settings.limits,
      children,
      wallMs,
    });
    progress.done();
    const rate = repeat.operationsPerSecond;
    progress.note(`${choice.system.label}, ${client.text}: ${rate.toFixed(0)} puts per second`);
    if (best === undefined || rate > best.rate) best = { client, rate };
  }
  if (best === undefined) throw new RangeError('there is no client to choose from');
  return best.client;
}
