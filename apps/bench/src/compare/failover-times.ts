import type { Leadership } from '../cluster/running-cluster.ts';
import type { LoadTrail } from '../load/load-plan.ts';
import type { FailoverTrial } from '../result/failover.ts';
import { quantile } from '../statistics/median.ts';

const succeeded = 0;
const failed = 1;
const unknown = 2;

/** What one death of a leader was like for clients, and where the time went. */
export type FailoverTimes = Omit<FailoverTrial, 'killed' | 'leader' | 'disturbed'>;

/**
 * Takes a trail of operations around a kill apart. Undefined where nothing that was sent after the kill succeeded. Parts that the new
 * leader does not tell, or that contradict the clients' clock, are undefined.
 */
export function failoverTimes(
  trail: LoadTrail,
  killedAtMs: number,
  leadership: Leadership | undefined,
): FailoverTimes | undefined {
  const { sentAtMs, endedAtMs, outcomes } = trail;
  const places = outcomes.map((_, place) => place);
  const isAfter = (place: number): boolean => (endedAtMs[place] ?? 0) >= killedAtMs;
  const ends = places.filter((place) => outcomes[place] === succeeded).map((place) => endedAtMs[place] ?? 0);
  const fresh = places.filter((place) => outcomes[place] === succeeded && (sentAtMs[place] ?? 0) >= killedAtMs);
  if (fresh.length === 0) return undefined;
  const firstAtMs = Math.min(...fresh.map((place) => endedAtMs[place] ?? Infinity));
  const { suspectedAtMs, electedAtMs, readyAtMs } = leadership ?? {};
  return {
    gapMs: gapOf(ends, killedAtMs),
    detectionMs: between(killedAtMs, suspectedAtMs),
    electionMs: between(suspectedAtMs, electedAtMs),
    readyMs: between(electedAtMs, readyAtMs),
    firstCommitMs: between(readyAtMs, firstAtMs),
    totalMs: firstAtMs - killedAtMs,
    failed: places.filter((place) => outcomes[place] === failed && isAfter(place)).length,
    unknown: places.filter((place) => outcomes[place] === unknown && isAfter(place)).length,
  };
}

/** The longest time between two successes that ends after the kill, less what was usual before it. */
function gapOf(endsMs: readonly number[], killedAtMs: number): number {
  const sorted = [...endsMs].sort((a, b) => a - b);
  const usual: number[] = [];
  let longest = 0;
  for (let place = 1; place < sorted.length; place++) {
    const end = sorted[place] ?? 0;
    const length = end - (sorted[place - 1] ?? 0);
    if (end < killedAtMs) usual.push(length);
    else longest = Math.max(longest, length);
  }
  return Math.max(0, longest - (usual.length === 0 ? 0 : quantile(usual, 0.999)));
}

/** Clocks of two processes agree to a fraction of a millisecond: a little less than nothing is nothing. */
const clockMs = 1;

function between(fromMs: number | undefined, toMs: number | undefined): number | undefined {
  if (fromMs === undefined || toMs === undefined || toMs < fromMs - clockMs) return undefined;
  return Math.max(0, toMs - fromMs);
}
