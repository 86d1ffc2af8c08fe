import { bertier, chen, cutTrace, fixedTimeout, measureQuality, phiAccrual, replayTrace } from '@quorate/failure-detector';
import type { ArrivalTrace } from '@quorate/failure-detector';
import type { DetectorRow } from '../result/detectors.ts';

/** What a watching process heard, with how often, as one recording. */
export interface Recording {
  readonly scenario: string;
  readonly trace: ArrivalTrace;
}

/** η of what is recorded, milliseconds: 50 to 5 messages per second. */
export const heartbeatIntervalsMs: readonly number[] = [20, 50, 100, 200];

/** Crashes that are cut out of one recording, all peers together: as many as a p99 needs. */
const crashes = 200;
/** Longer than any strategy waits. */
const tailMs = 60_000;
/** The part of a recording in which nobody dies: who learns has learned something by then. */
const learning = 0.25;

/**
 * What all strategies make of the same arrivals: mistakes from the recording, in which nobody died, detection from random cuts of it. Equal
 * recordings and equal chance give equal rows.
 */
export function detectorRows({ scenario, trace }: Recording, chance: () => number): readonly DetectorRow[] {
  const fromMs = trace.fromMs + learning * (trace.untilMs - trace.fromMs);
  const crashesPerPeer = Math.ceil(crashes / Math.max(1, trace.peers.length));
  const deaths = cutTrace(trace, { crashesPerPeer, fromMs, tailMs }, chance);
  return strategiesFor(trace.intervalMs).map(({ name, strategy }): DetectorRow => {
    const alive = measureQuality(trace, replayTrace(trace, strategy));
    const { detectionP50Ms, detectionP99Ms } = measureQuality(deaths, replayTrace(deaths, strategy));
    return {
      scenario,
      strategy: name,
      intervalMs: trace.intervalMs,
      detectionP50Ms: inJson(detectionP50Ms),
      detectionP99Ms: inJson(detectionP99Ms),
      mistakes: alive.mistakes,
      mistakesPerHour: alive.mistakesPerHour,
      mistakeDurationMs: alive.mistakeDurationMs,
      accuracy: alive.accuracy,
      messagesPerSecond: alive.messagesPerSecond,
      hours: (trace.peers.length * (trace.untilMs - trace.fromMs)) / 3_600_000,
    };
  });
}

/** Every strategy in proportion to η, so that one name is one idea at all intervals. */
function strategiesFor(
  intervalMs: number,
): readonly { readonly name: string; readonly strategy: ReturnType<typeof fixedTimeout> }[] {
  const firstIntervalMs = intervalMs;
  return [
    { name: 'fixed 3 η', strategy: fixedTimeout({ timeoutMs: 3 * intervalMs }) },
    { name: 'fixed 10 η', strategy: fixedTimeout({ timeoutMs: 10 * intervalMs }) },
    { name: 'Chen, α = 2 η', strategy: chen({ intervalMs, marginMs: 2 * intervalMs }) },
    { name: 'Bertier 1/4/0.1', strategy: bertier({ intervalMs, firstMarginMs: 2 * intervalMs }) },
    { name: 'φ 8, normal, σ ≥ η/2', strategy: phiAccrual({ firstIntervalMs, minStdDevMs: intervalMs / 2 }) },
    { name: 'φ 8, exponential', strategy: phiAccrual({ firstIntervalMs, distribution: 'exponential' }) },
  ];
}

function inJson(ms: number): number | null {
  return Number.isFinite(ms) ? ms : null;
}
