import { cpuSecondsOf } from '../cluster/process-cpu.ts';
import type { Leadership, RunningCluster } from '../cluster/running-cluster.ts';
import { LoadGenerator } from '../load/load-generator.ts';
import type { BenchRun } from '../measure/bench-run.ts';
import { Interrupted } from '../measure/children.ts';
import { dropOut } from '../measure/contest.ts';
import type { Contestant, ExpectedSteps } from '../measure/contest.ts';
import { cpuShares, readCpu } from '../measure/cpu-shares.ts';
import type { RunSettings } from '../result/bench-result.ts';
import type { Estimate, VerdictReason } from '../result/cell.ts';
import type { FailoverCell, FailoverTrial } from '../result/failover.ts';
import { estimateOf } from '../statistics/bootstrap.ts';
import { chanceFrom } from '../statistics/chance.ts';
import type { WorkloadSizes } from '../workload/workload.ts';
import { failoverTimes } from './failover-times.ts';

/** What is killed again and again. */
export interface FailoverOrder {
  readonly contestant: Contestant;
  readonly sizes: WorkloadSizes;
  readonly ratePerSecond: number;
}

/** The steps of the failovers of one system, and how long each is expected to take: the cluster's start and warm-up, then the trials. */
export function failoverSteps({ warmUp, failoverTrials, electionTimeoutMs }: RunSettings): readonly ExpectedSteps[] {
  if (failoverTrials === 0) return [];
  const election = (2 * electionTimeoutMs) / 1000;
  return [
    { steps: 1, secondsEach: warmUp.windowSeconds * (warmUp.windows + 2) + 1.5 + election },
    { steps: failoverTrials, secondsEach: 3 + election },
  ];
}

/** Load before the kill, which tells what is usual, and after the new leader is ready. */
const quietMs = 1000;
const pollMs = 50;
const leaderWithinMs = 30_000;
const moment = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Kills the leader of one cluster again and again under an open loop, and adds what was found to the run. */
export async function measureFailover(run: BenchRun, order: FailoverOrder): Promise<void> {
  const { settings, progress, children } = run;
  const { contestant, ratePerSecond } = order;
  const { system, key } = contestant;
  const trials: FailoverTrial[] = [];
  let left = settings.failoverTrials + 1;
  const done = (): void => {
    progress.done();
    left--;
  };
  if (system.storage === 'memory') {
    progress.skip(settings.failoverTrials + 1);
    run.notMeasured.push({ what: `failover of ${system.label}`, why: 'a member that forgot everything may not come back' });
    return;
  }
  try {
    await children.using(contestant.start, (cluster) =>
      children.using(
        () => new LoadGenerator(),
        async (generator) => {
          progress.begin(`failover: ${system.label}, warming up`);
          await warmUp(run, order, { cluster, generator });
          done();
          while (trials.length < settings.failoverTrials) {
            progress.begin(`failover: ${system.label}, trial ${trials.length + 1} of ${settings.failoverTrials}`);
            const dead = trials.at(-1)?.killed;
            if (dead !== undefined) await bringBack(cluster, dead);
            trials.push(await oneTrial(run, cluster, generator));
            done();
          }
          await generator.ask('stop', undefined);
        },
      ),
    );
  } catch (error) {
    progress.skip(left);
    if (error instanceof Interrupted) throw error;
    dropOut(run, `failover of ${system.label} after ${trials.length} trials`, error);
  } finally {
    if (trials.length > 0) {
      const cell = cellOf(run, { id: `${key}-failover`, system, ratePerSecond, trials });
      run.failovers.push(cell);
      for (const { kind, text } of cell.remarks)
        run.warnings.push({ code: kind === 'too-few-repeats' ? 'no-confidence' : kind, cell: cell.id, text });
    }
  }
}

interface Stage {
  readonly cluster: RunningCluster;
  readonly generator: LoadGenerator;
}

async function warmUp(run: BenchRun, { contestant, sizes, ratePerSecond }: FailoverOrder, stage: Stage): Promise<void> {
  const { settings } = run;
  await stage.generator.ask('warmUp', {
    workload: contestant.system.service === 'lock' ? 'lock' : 'put',
    sizes: { ...sizes, keys: Math.min(sizes.keys, 1000) },
    loop: { kind: 'open', ratePerSecond, arrivals: 'uniform', chosen: 'a third of the throughput, at most 2000' },
    door: await contestant.door(stage.cluster),
    warmUp: settings.warmUp,
    timeoutMs: 10_000,
    seed: settings.seed,
  });
}

async function oneTrial({ settings }: BenchRun, cluster: RunningCluster, generator: LoadGenerator): Promise<FailoverTrial> {
  const { leader: killed } = await someLeader(cluster, undefined);
  await generator.ask('watch', undefined);
  await moment(quietMs);
  const killedAtMs = performance.timeOrigin + performance.now();
  await cluster.kill(killed);
  const before = readCpu(await oursSeconds(cluster, generator));
  const leadership = await someLeader(cluster, killed);
  await moment(quietMs);
  const after = readCpu(await oursSeconds(cluster, generator));
  const times = failoverTimes(await generator.ask('trail', undefined), killedAtMs, leadership);
  if (times === undefined) throw new Error(`nothing succeeded within ${quietMs} ms after ${leadership.leader} was ready`);
  const { foreignCpuShare = 0, stealShare = 0 } = cpuShares(before, after);
  const disturbed = foreignCpuShare > settings.limits.foreignCpuShare || stealShare > settings.limits.stealShare;
  return { killed, leader: leadership.leader, ...times, disturbed };
}

async function bringBack(cluster: RunningCluster, member: string): Promise<void> {
  await cluster.restart(member);
  await moment(quietMs);
}

async function oursSeconds(cluster: RunningCluster, generator: LoadGenerator): Promise<number | undefined> {
  const { cpuSeconds } = await generator.ask('reading', undefined);
  const members = cpuSecondsOf(cluster.pids());
  return members === undefined ? undefined : members + cpuSeconds;
}

/** Waits until a member that is not the given one leads and accepts proposals. */
async function someLeader(cluster: RunningCluster, notThis: string | undefined): Promise<Leadership> {
  const deadline = performance.now() + leaderWithinMs;
  while (performance.now() < deadline) {
    const found = await cluster.leadership();
    if (found !== undefined && found.leader !== notThis) return found;
    await moment(pollMs);
  }
  throw new Error(`no member led within ${leaderWithinMs} ms`);
}

function cellOf({ settings }: BenchRun, found: Pick<FailoverCell, 'id' | 'system' | 'ratePerSecond' | 'trials'>): FailoverCell {
  const { trials } = found;
  const part = (field: (trial: FailoverTrial) => number | undefined): Estimate | undefined => {
    const values = trials.map(field).filter((value) => value !== undefined);
    if (values.length === 0) return undefined;
    return estimateOf(values, { chance: chanceFrom(settings.seed), resamples: settings.bootstrapResamples });
  };
  const disturbed = trials.filter((trial) => trial.disturbed).length;
  const remarks: VerdictReason[] = [];
  if (disturbed > trials.length * settings.limits.badRepeatShare)
    remarks.push({ kind: 'disturbed', text: `${disturbed} of ${trials.length} trials were disturbed by other processes` });
  if (trials.length < 5) remarks.push({ kind: 'too-few-repeats', text: `${trials.length} trials; an interval needs at least 5` });
  return {
    ...found,
    electionTimeoutMs: settings.electionTimeoutMs,
    heartbeatMs: settings.heartbeatMs,
    gapMs: part(({ gapMs }) => gapMs),
    detectionMs: part(({ detectionMs }) => detectionMs),
    electionMs: part(({ electionMs }) => electionMs),
    readyMs: part(({ readyMs }) => readyMs),
    firstCommitMs: part(({ firstCommitMs }) => firstCommitMs),
    remarks,
  };
}
