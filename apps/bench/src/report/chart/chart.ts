/** A picture of figures, as data. */
export type Chart = LineChart | IntervalChart | StackChart;

/** What all pictures have. */
interface Picture {
  readonly title: string;
  /** What a reader sees in it, in words: for those who cannot. */
  readonly summary: string;
}

/** Lines over one axis. */
export interface LineChart extends Picture {
  readonly kind: 'line';
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly LineSeries[];
}

/** Values and their names along an edge. */
export interface Axis {
  readonly label: string;
  readonly scale: 'linear' | 'log';
  /** Given: these marks and no others. */
  readonly ticks?: readonly { readonly at: number; readonly text: string }[];
  readonly least?: number;
  readonly most?: number;
}

/** One line. Its slot decides colour and dashes: the same system has the same in all pictures of a report. */
export interface LineSeries {
  readonly label: string;
  readonly slot: number;
  readonly points: readonly Point[];
  /** `steps`: a value holds until the next point. `faint`: stands behind the others. */
  readonly shape: 'line' | 'steps' | 'faint';
  readonly unranked: boolean;
}

/** A place in a picture. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Medians and their confidence intervals. */
export interface IntervalChart extends Picture {
  readonly kind: 'interval';
  readonly axis: Axis;
  readonly rows: readonly IntervalRow[];
}

/** One median. An unranked one is drawn hollow and dashed. */
export interface IntervalRow {
  readonly label: string;
  readonly slot: number;
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly text: string;
  readonly unranked: boolean;
}

/** Sums and what they are made of. */
export interface StackChart extends Picture {
  readonly kind: 'stack';
  readonly axis: Axis;
  readonly rows: readonly StackRow[];
}

/** One sum. Parts of one name look alike in all rows. */
export interface StackRow {
  readonly label: string;
  readonly text: string;
  readonly parts: readonly { readonly name: string; readonly value: number }[];
  readonly unranked: boolean;
}
