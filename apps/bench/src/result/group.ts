import type { SystemUnderTest } from './cell.ts';

/** Cells with one workload, one loop and one class of durability. Only they are compared with each other. */
export interface Group {
  readonly id: string;
  /** For headings. */
  readonly text: string;
  readonly durability: SystemUnderTest['durability'];
  readonly cells: readonly string[];
  /** Each pair once: `of` stands behind `to` in `cells`. */
  readonly ratios: readonly Ratio[];
  /** By this metric. */
  readonly rankedBy: RatioMetric;
  /** The cells that may be ranked, the best first. Those whose ratio to the first of a place has 1 in its interval share the place. */
  readonly ranking: readonly RankedCell[];
}

/** A place in a ranking. */
export interface RankedCell {
  readonly cell: string;
  /** From 1; equal for cells between which no difference was found. */
  readonly place: number;
}

/** What ratios are taken of. */
export type RatioMetric = 'operationsPerSecond' | 'p50Ms' | 'p99Ms' | 'memberCpuSeconds';

/** One cell divided by another: the median over the rounds in which both ran next to each other, with a bootstrap interval. */
export interface Ratio {
  readonly metric: RatioMetric;
  readonly of: string;
  readonly to: string;
  readonly median: number;
  /** 95 % confidence. */
  readonly low: number;
  readonly high: number;
  /** Rounds. */
  readonly pairs: number;
  /** `no-difference`: 1 is inside. `not-ranked`: one of the two cells may not be ranked, whatever the figures say. */
  readonly verdict: 'higher' | 'lower' | 'no-difference' | 'not-ranked';
}
