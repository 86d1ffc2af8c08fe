import type { HandOver } from '../result/hand-over.ts';
import { estimateOf } from '../statistics/bootstrap.ts';
import type { Resampling } from '../statistics/bootstrap.ts';
import { latencyOf } from './latency-of.ts';
import type { Measured } from './measure-once.ts';

/** Puts the hand-overs of all repeats together; nothing where no lock was handed over. */
export function handOverOf(rounds: readonly Measured[], resampling: Resampling): { readonly handOver?: HandOver } {
  const found = rounds.flatMap(({ repeat, commitLatency }) =>
    repeat.handOver === undefined || commitLatency === undefined ? [] : [{ repeat, commitLatency, ...repeat.handOver }],
  );
  if (found.length === 0) return {};
  const commit = latencyOf(found.map(({ commitLatency }) => commitLatency));
  const releases = found.reduce((sum, { repeat }) => sum + repeat.counts.succeeded, 0);
  const wakeUps = found.reduce((sum, { repeat, wakeUpsPerRelease }) => sum + wakeUpsPerRelease * repeat.counts.succeeded, 0);
  const ratios = found.map(({ repeat, commitP50Ms }) => repeat.p50Ms / commitP50Ms);
  return {
    handOver: {
      commitP50Ms: commit.p50Ms,
      commitP99Ms: commit.p99Ms,
      ratio: estimateOf(ratios, resampling),
      wakeUpsPerRelease: wakeUps / releases,
    },
  };
}
