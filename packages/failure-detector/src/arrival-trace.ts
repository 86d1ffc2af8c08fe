import type { Stall } from './stall-meter.ts';

/** What a process heard of its peers in some time, as data: the input of {@link replayTrace}. All times are its monotonic milliseconds. */
export interface ArrivalTrace {
  /** η, how often peers send. */
  readonly intervalMs: number;
  /** When the peers began to be watched. */
  readonly fromMs: number;
  /** Until when arrivals were recorded, or would have been. */
  readonly untilMs: number;
  /** When the watching process itself did nothing, in order. */
  readonly stalls: readonly Stall[];
  readonly peers: readonly PeerTrace[];
}

/** What was heard of one peer. */
export interface PeerTrace {
  readonly peer: string;
  /** In the order of `arrivedMs`, which need not be that of `sequence`. */
  readonly arrivals: readonly Arrival[];
  /** Undefined: it lived to the end. */
  readonly crashMs: number | undefined;
}

/** One heartbeat that was received. */
export interface Arrival {
  /** Its place in its sender's schedule. */
  readonly sequence: number;
  /** On the clock of the recording; undefined where the sender's is another one. Only `cutTrace` computes from it. */
  readonly sentMs: number | undefined;
  readonly arrivedMs: number;
}
