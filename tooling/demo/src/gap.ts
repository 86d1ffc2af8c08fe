/** The longest time in which nothing succeeded, in milliseconds. */
export interface Gap {
  readonly lengthMs: number;
  /** When it began. */
  readonly fromMs: number;
}

/** The longest gap between consecutive completions that ends after `sinceMs`. `completionsMs` never falls. */
export function longestGap(completionsMs: readonly number[], sinceMs: number): Gap {
  let longest: Gap = { lengthMs: 0, fromMs: sinceMs };
  for (let i = 1; i < completionsMs.length; i++) {
    const from = completionsMs[i - 1] ?? 0;
    const to = completionsMs[i] ?? 0;
    if (to >= sinceMs && to - from > longest.lengthMs) longest = { lengthMs: to - from, fromMs: from };
  }
  return longest;
}
