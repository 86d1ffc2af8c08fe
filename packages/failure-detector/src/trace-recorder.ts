import type { Arrival, ArrivalTrace, PeerTrace } from './arrival-trace.ts';
import { checkOptions, timeRange } from './option-checks.ts';
import type { Stall } from './stall-meter.ts';

/** What {@link traceRecorder} is told. */
export interface TraceRecorderOptions {
  /** η, how often peers send. */
  readonly intervalMs: number;
  /** When the peers begin to be watched. */
  readonly fromMs: number;
  /** How many arrivals are kept; at the next one the record ends. Default 1 000 000; whole, from 1, up to 100 000 000. */
  readonly maxArrivals?: number;
}

/** Writes down what a process hears, to be replayed later. Everything is told in the order of time. */
export interface TraceRecorder {
  heartbeat(peer: string, arrival: Arrival): void;
  crashed(peer: string, atMs: number): void;
  stalled(fromMs: number, untilMs: number): void;
  /** What was recorded until now, as a copy. A record that was full ends at the arrival that it had no room for. */
  trace(nowMs: number): ArrivalTrace;
}

/** An empty record. Throws `RangeError` (`E_USAGE`) on bad options. */
export function traceRecorder({ intervalMs, fromMs, maxArrivals = 1_000_000 }: TraceRecorderOptions): TraceRecorder {
  const ranges = { intervalMs: timeRange, maxArrivals: { least: 1, most: 100_000_000, whole: true } };
  checkOptions('traceRecorder', { intervalMs, maxArrivals }, ranges);
  const peers = new Map<string, { readonly arrivals: Arrival[]; crashMs: number | undefined }>();
  const stalls: Stall[] = [];
  let room = maxArrivals;
  let fullMs = Infinity;
  const recordOf = (peer: string): { readonly arrivals: Arrival[]; crashMs: number | undefined } => {
    const record = peers.get(peer) ?? { arrivals: [], crashMs: undefined };
    peers.set(peer, record);
    return record;
  };
  return {
    heartbeat(peer, arrival) {
      if (room === 0) fullMs = Math.min(fullMs, arrival.arrivedMs);
      if (fullMs < Infinity) return;
      room -= 1;
      recordOf(peer).arrivals.push(arrival);
    },
    crashed(peer, atMs) {
      if (atMs < fullMs) recordOf(peer).crashMs = atMs;
    },
    stalled(begin, end) {
      if (begin < fullMs) stalls.push({ fromMs: begin, untilMs: Math.min(end, fullMs) });
    },
    trace(nowMs) {
      const copies = Array.from(peers, ([peer, { arrivals, crashMs }]): PeerTrace => ({
        peer,
        arrivals: [...arrivals],
        crashMs,
      }));
      return { intervalMs, fromMs, untilMs: Math.min(nowMs, fullMs), stalls: [...stalls], peers: copies };
    },
  };
}
