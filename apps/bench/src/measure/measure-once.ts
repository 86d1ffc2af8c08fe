import type { RunningCluster } from '../cluster/running-cluster.ts';
import { LoadGenerator } from '../load/load-generator.ts';
import type { LoadPlan } from '../load/load-plan.ts';
import type { RankingLimits } from '../result/bench-result.ts';
import type { Repeat } from '../result/cell.ts';
import { disturbanceReasons } from '../statistics/verdict.ts';
import type { Children } from './children.ts';
import { commitCost } from './commit-cost.ts';
import type { Snapshot } from './commit-cost.ts';
import { cpuShares, readCpu } from './cpu-shares.ts';
import type { CpuReading } from './cpu-shares.ts';
import { percentileMs } from './latency-of.ts';
import { probeMs } from './probe.ts';

/** One measurement: a fresh cluster under one load. */
export interface MeasureOrder {
  readonly start: () => Promise<RunningCluster>;
  /** Everything but the endpoints, which the cluster has. */
  readonly load: (cluster: RunningCluster) => Promise<LoadPlan>;
  readonly seconds: number;
  readonly directory: string;
  readonly limits: RankingLimits;
  readonly children: Children;
  readonly wallMs: () => number;
}

/** What was measured; the histograms are as the load process encoded them. */
export interface Measured {
  readonly repeat: Omit<Repeat, 'round'>;
  readonly latency: string;
  readonly latencyFromSend: string | undefined;
  /** Of the commits beside hand-overs. */
  readonly commitLatency: string | undefined;
}

interface Reading extends Snapshot {
  readonly cpu: CpuReading;
}

/** Starts a cluster, warms it up, measures it, and ends it. */
export async function measureOnce(order: MeasureOrder): Promise<Measured> {
  const { children } = order;
  const startedAt = new Date(order.wallMs()).toISOString();
  const probeBeforeMs = probeMs(order.directory);
  const found = await children.using(order.start, (cluster) =>
    children.using(
      () => new LoadGenerator(),
      async (generator) => {
        const warmUp = await generator.ask('warmUp', await order.load(cluster));
        const before = await reading(cluster, generator);
        const measured = await generator.ask('measure', { seconds: order.seconds });
        const after = await reading(cluster, generator);
        await generator.ask('stop', undefined);
        return { warmUp, before, measured, after };
      },
    ),
  );
  const { warmUp, before, measured, after } = found;
  const shares = { ...cpuShares(before.cpu, after.cpu), probeBeforeMs, probeAfterMs: probeMs(order.directory) };
  const { intended, succeeded, failed, unknown, handOver } = measured;
  return {
    repeat: {
      startedAt,
      measuredSeconds: measured.seconds,
      warmUpSeconds: warmUp.seconds,
      steady: warmUp.steady,
      operationsPerSecond: succeeded / measured.seconds,
      counts: { intended, succeeded, failed, unknown },
      p50Ms: percentileMs(measured.latency, 50),
      p99Ms: percentileMs(measured.latency, 99),
      windowsPerSecond: measured.windowsPerSecond,
      cost: commitCost(before, after),
      ...(handOver && {
        handOver: {
          commitP50Ms: percentileMs(handOver.commitLatency, 50),
          wakeUpsPerRelease: handOver.wakeUps / succeeded,
        },
      }),
      disturbance: { ...shares, reasons: disturbanceReasons(shares, order.limits) },
    },
    latency: measured.latency,
    latencyFromSend: measured.latencyFromSend,
    commitLatency: handOver?.commitLatency,
  };
}

async function reading(cluster: RunningCluster, generator: LoadGenerator): Promise<Reading> {
  const [members, { succeeded, cpuSeconds }] = await Promise.all([cluster.counters(), generator.ask('reading', undefined)]);
  const ours = members.reduce((sum, member) => sum + member.cpuSeconds, cpuSeconds);
  return { members, succeeded, loadCpuSeconds: cpuSeconds, cpu: readCpu(ours) };
}
