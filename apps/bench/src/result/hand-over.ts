import type { Estimate } from './cell.ts';

/**
 * A lock that goes round under contention, and what a commit took meanwhile. The cell's latency is that of the hand-overs: from the moment
 * when a release is sent until the next holder has its grant.
 */
export interface HandOver {
  /** The same request where nobody waits, in turns with the hand-overs and through the same door: one commit. All repeats together. */
  readonly commitP50Ms: number;
  readonly commitP99Ms: number;
  /** The median hand-over divided by the median commit of the same repeat; over the repeats. */
  readonly ratio: Estimate;
  /** Answers to those who wait, for each release. */
  readonly wakeUpsPerRelease: number;
}

/** The same of one repeat. */
export interface HandOverRepeat {
  readonly commitP50Ms: number;
  readonly wakeUpsPerRelease: number;
}
