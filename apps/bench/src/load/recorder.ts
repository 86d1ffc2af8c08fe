import { build } from 'hdr-histogram-js';
import type { Histogram } from 'hdr-histogram-js';

/** A minute: nothing that is measured may take longer. */
const highestUs = 60_000_000;

/** An empty histogram of microseconds with three significant digits. */
export function newHistogram(): Histogram {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: highestUs,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 32,
  });
}

/** Records a latency; what is beyond a minute counts as a minute. */
export function recordMs(histogram: Histogram, ms: number): void {
  histogram.recordValue(Math.min(highestUs, Math.max(1, Math.round(ms * 1000))));
}
