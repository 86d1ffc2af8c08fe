/** What the network does to messages, as probabilities per message and milliseconds. A fault schedule changes it during a run. */
export interface NetworkFaults {
  /** Every frame takes this long … */
  delayMs: number;
  /** … and a random time more, exponential with this mean. */
  jitterMs: number;
  /** On a `fifo` link a lost frame ends the link at both ends; on a `datagram` link it is just lost, and a numbered one ends at the next. */
  loss: number;
  /** `datagram` only. */
  duplicate: number;
  /** `datagram` only: the frame takes up to ten times as long. */
  reorder: number;
  /** A byte of the frame is flipped after encoding; the checksum of the link finds it. */
  corrupt: number;
  /** `datagram` only: with each frame, an old one of the same pair of machines arrives once more, also from before a restart. */
  replay: number;
  /** Bytes per millisecond that a machine can send to another one. */
  bandwidth: number;
}

/** A network without faults; frames take half a millisecond. */
export function calmNetwork(): NetworkFaults {
  return {
    delayMs: 0.5,
    jitterMs: 0,
    loss: 0,
    duplicate: 0,
    reorder: 0,
    corrupt: 0,
    replay: 0,
    // A plan is JSON, which knows no infinity.
    bandwidth: Number.MAX_SAFE_INTEGER,
  };
}

/** How often each fault took effect. */
export interface NetworkCounters {
  frames: number;
  bytes: number;
  lost: number;
  duplicated: number;
  reordered: number;
  corrupted: number;
  replayed: number;
  /** Frames that a partition held back or swallowed. */
  blocked: number;
  linksUp: number;
  linksLost: number;
  /** Numbered links that ended because a frame was missing. */
  gaps: number;
  overflows: number;
  collisions: number;
  refusals: number;
}

/** All zero. */
export function newNetworkCounters(): NetworkCounters {
  return {
    frames: 0,
    bytes: 0,
    lost: 0,
    duplicated: 0,
    reordered: 0,
    corrupted: 0,
    replayed: 0,
    blocked: 0,
    linksUp: 0,
    linksLost: 0,
    gaps: 0,
    overflows: 0,
    collisions: 0,
    refusals: 0,
  };
}
