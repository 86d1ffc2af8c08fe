import { invariant } from '@quorate/interface';
import type { ArrivalTrace, PeerTrace } from './arrival-trace.ts';
import { checkOptions, timeRange } from './option-checks.ts';

/** How a recording of the living becomes one of deaths. */
export interface TraceCut {
  /** How often each peer dies, each time in a trace of its own. */
  readonly crashesPerPeer: number;
  /** No crash before: strategies that learn have learned by then. */
  readonly fromMs: number;
  /** For how long the trace goes on behind the recording, so that crashes can be detected. */
  readonly tailMs: number;
}

/**
 * What would have been heard if peers had died: each dies at random moments, and what it sent from then on is left out. Real crashes are
 * too few for a percentile; the network and the processes in front of a cut are as real as they were recorded. Peers that crashed in the
 * recording, and those that sent nothing behind `fromMs`, are left out. `chance` answers uniform numbers in [0, 1). Every arrival needs
 * its `sentMs`, on the clock of the recording. Throws `RangeError` (`E_USAGE`) on bad options.
 */
export function cutTrace(trace: ArrivalTrace, cut: TraceCut, chance: () => number): ArrivalTrace {
  const { crashesPerPeer, fromMs, tailMs } = cut;
  checkOptions(
    'cutTrace',
    { crashesPerPeer, tailMs },
    { crashesPerPeer: { least: 1, most: 100_000, whole: true }, tailMs: { least: 0, most: timeRange.most } },
  );
  const peers = trace.peers.flatMap((living): readonly PeerTrace[] => {
    // Behind the last one, what was on its way at the end of the recording would be missing.
    const lastMs = living.arrivals.reduce((last, arrival) => Math.max(last, sentMsOf(arrival)), -Infinity);
    if (living.crashMs !== undefined || lastMs < fromMs) return [];
    return Array.from({ length: crashesPerPeer }, (_, place) => {
      const crashMs = fromMs + chance() * (lastMs - fromMs);
      const arrivals = living.arrivals.filter((arrival) => sentMsOf(arrival) < crashMs);
      return { peer: `${living.peer} †${place + 1}`, arrivals, crashMs };
    });
  });
  return { ...trace, untilMs: trace.untilMs + tailMs, peers };
}

function sentMsOf({ sentMs }: { readonly sentMs: number | undefined }): number {
  invariant(sentMs !== undefined, 'an arrival that is cut says when it was sent');
  return sentMs;
}
