/**
 * How much a straight line through the values (least squares) rises from the first to the last, as a share of their mean. NaN of less
 * than two values or of a mean of 0.
 */
export function relativeRise(values: readonly number[]): number {
  const count = values.length;
  if (count < 2) return Number.NaN;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const middle = (count - 1) / 2;
  let product = 0;
  let squares = 0;
  values.forEach((value, place) => {
    product += (place - middle) * (value - mean);
    squares += (place - middle) ** 2;
  });
  return ((product / squares) * (count - 1)) / mean;
}

/** Whether throughput has settled: over the last windows it changes by less than the limit, up or down. */
export function hasSettled(
  perWindow: readonly number[],
  { windows, slopeLimit }: { windows: number; slopeLimit: number },
): boolean {
  return perWindow.length >= windows && Math.abs(relativeRise(perWindow.slice(-windows))) < slopeLimit;
}
