import type { FlagValue } from '@quorate/server';
import type { RankingLimits, RunSettings } from '../result/bench-result.ts';

const limits: RankingLimits = {
  foreignCpuShare: 0.05,
  stealShare: 0.02,
  probeRatio: 1.25,
  halfWidth: 0.25,
  lostShare: 0.001,
  badRepeatShare: 0.25,
};

/** The flags that all commands share, as settings; those that a command does not have are as if nothing was asked for. */
export function settingsOf(values: ReadonlyMap<string, FlagValue>): RunSettings {
  const number = (name: string, absent: number): number => Number(values.get(name) ?? absent);
  const short = values.get('short') === true;
  const quick = values.get('quick') === true || short;
  return {
    quick,
    members: number('members', 3),
    repeats: number('repeats', 0),
    measureSeconds: number('seconds', 0),
    warmUp: { windowSeconds: short ? 0.25 : quick ? 0.5 : 1, windows: 5, slopeLimit: 0.02, mostSeconds: number('warm-up', 0) },
    failoverTrials: number('failover-trials', 0),
    detectorSeconds: number('detector-seconds', 0),
    electionTimeoutMs: number('election-timeout', 1000),
    heartbeatMs: number('heartbeat-interval', 100),
    seed: number('seed', 1),
    bootstrapResamples: 5000,
    limits,
  };
}
