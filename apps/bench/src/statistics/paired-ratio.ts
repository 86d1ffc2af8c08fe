import type { Ratio } from '../result/group.ts';
import { ratioOf } from './bootstrap.ts';
import type { Pair, Resampling } from './bootstrap.ts';

/** Fewer rounds side by side show nothing. */
const leastPairs = 3;

/** The ratio of two systems over their rounds, with what it shows. `isFair`: nothing speaks against comparing the two. */
export function pairedRatio(
  head: Pick<Ratio, 'metric' | 'of' | 'to'>,
  pairs: readonly Pair[],
  { isFair, ...resampling }: Resampling & { readonly isFair: boolean },
): Ratio {
  const ratio = ratioOf(pairs, resampling);
  const verdict = isFair && pairs.length >= leastPairs ? verdictOf(ratio) : 'not-ranked';
  return { ...head, ...ratio, pairs: pairs.length, verdict };
}

function verdictOf({ low, high }: { readonly low: number; readonly high: number }): Ratio['verdict'] {
  if (low > 1) return 'higher';
  return high < 1 ? 'lower' : 'no-difference';
}
