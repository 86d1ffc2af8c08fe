import type { Epoch, Index } from '@quorate/interface';

/** A ballot: a round and its owner. */
export type Ballot = Epoch;

/** Negative, zero or positive as `a` is below, equal to or above `b`. */
export function compareBallots(a: Ballot, b: Ballot): number {
  return a.round === b.round ? a.owner - b.owner : a.round - b.round;
}

/** A ballot in words. */
export function textOf({ round, owner }: Ballot): string {
  return `${round}.${owner}`;
}

/** The promise in a hard state, read by itself: version (u8), round (u64), owner (u64), little-endian. */
export function readPromise(hardState: Uint8Array | undefined): Ballot | undefined {
  if (hardState === undefined) return undefined;
  const view = new DataView(hardState.buffer, hardState.byteOffset, hardState.byteLength);
  const read = (offset: number): number => view.getUint32(offset, true) + view.getUint32(offset + 4, true) * 0x1_0000_0000;
  return { round: read(1), owner: read(9) };
}

/** Votes of one ballot, as the core traces them. */
export interface TracedRun {
  readonly from: Index;
  readonly to: Index;
  readonly ballot: Ballot;
}

/** What one acceptor of a phase-1 quorum told. */
export interface TracedAnswer {
  readonly member: number;
  readonly chosenUpTo: Index;
  readonly votes: readonly TracedRun[];
}

/** The core's own account of a phase 1 that succeeded. */
export interface TracedPhase1 {
  readonly event: 'phase1';
  readonly ballot: Ballot;
  readonly fromSlot: Index;
  readonly answers: readonly TracedAnswer[];
}
