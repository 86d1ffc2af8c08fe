import type { DetectorStrategy, StatusChange } from '@quorate/interface';
import type { ArrivalTrace, PeerTrace } from './arrival-trace.ts';

/** What a strategy would have said of one peer. */
export interface PeerReplay {
  readonly peer: string;
  readonly crashMs: number | undefined;
  /** In order, at the exact moments; before the first one the peer is trusted. */
  readonly changes: readonly StatusChange<string>[];
}

/**
 * Runs a strategy over a trace, as a host would that never looks late. The moments are computed from deadlines, not sampled, so that two
 * strategies can be compared to the last bit. Pure.
 */
export function replayTrace(trace: ArrivalTrace, strategy: DetectorStrategy): readonly PeerReplay[] {
  return trace.peers.map((peer) => replayPeer(trace, peer, strategy));
}

function replayPeer(trace: ArrivalTrace, { peer, arrivals, crashMs }: PeerTrace, strategy: DetectorStrategy): PeerReplay {
  const changes: StatusChange<string>[] = [];
  const detector = strategy.create<string>((change) => changes.push(change));
  detector.expect(peer, trace.fromMs);
  let told = 0;
  // A stall is noticed when it ends, before anything that waited for its end.
  const tellStalls = (nowMs: number): void => {
    for (let stall = trace.stalls[told]; stall !== undefined && stall.untilMs <= nowMs; stall = trace.stalls[++told])
      detector.stalled(stall.fromMs, stall.untilMs);
  };
  for (const { sequence, arrivedMs } of arrivals) {
    if (arrivedMs > trace.untilMs) break;
    tellStalls(arrivedMs);
    detector.heartbeat(peer, arrivedMs, sequence);
  }
  tellStalls(trace.untilMs);
  detector.expired(trace.untilMs);
  return { peer, crashMs, changes };
}
