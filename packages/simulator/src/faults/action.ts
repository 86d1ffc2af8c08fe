/** Every kind of fault that a schedule can hold. Names are part of plans and reports: append only. */
export const faultKinds = [
  'kill',
  'kill-all',
  'power-loss',
  'power-loss-all',
  'crash-at-boundary',
  'crash-loop',
  'stop',
  'pause',
  'stall',
  'wipe',
  'clock-jump',
  'clock-rate',
  'wall-jump',
  'wall-strobe',
  'isolate',
  'split',
  'one-way',
  'bridge',
  'ring',
  'flap',
  'break-links',
  'delay',
  'loss',
  'duplicate',
  'reorder',
  'replay',
  'corrupt',
  'bandwidth',
  'disk-slow',
  'disk-stuck',
  'disk-full',
  'sync-error',
  'read-error',
  'short-write',
  'no-descriptors',
  'bit-rot',
  'transfer',
  'client-cut',
  'client-pause',
] as const;

/** One of {@link faultKinds}. */
export type FaultKind = (typeof faultKinds)[number];

/** One fault of a schedule. Which member it hits is decided by `member`; 0: whoever leads then, or the first that is up. */
export interface Action {
  readonly atMs: number;
  readonly kind: FaultKind;
  readonly member: number;
  /** Another member, where two are needed. */
  readonly peer: number;
  readonly forMs: number;
  /** A probability, a rate, a number of bytes or of calls, as the kind has it. */
  readonly amount: number;
}

/** Kinds that need `datagram` links: on a `fifo` link the network does not do this. */
export const datagramKinds: ReadonlySet<FaultKind> = new Set(['duplicate', 'reorder', 'replay']);

/** Kinds that spoil a disk for good: only members of the atlas are hit. */
export const spoilingKinds: ReadonlySet<FaultKind> = new Set(['wipe', 'bit-rot']);
