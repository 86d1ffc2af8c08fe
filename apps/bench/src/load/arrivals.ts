import type { Chance } from '../statistics/chance.ts';

/** Gives the moments of an arrival plan one after the other: milliseconds from its beginning, never falling. */
export type Arrivals = () => number;

/** A plan that knows nothing of answers. Exponential: independent clients (a Poisson process). Uniform: a metronome. */
export function arrivalsOf(
  { ratePerSecond, arrivals }: { readonly ratePerSecond: number; readonly arrivals: 'exponential' | 'uniform' },
  chance: Chance,
): Arrivals {
  const meanMs = 1000 / ratePerSecond;
  let atMs = 0;
  return () => {
    const moment = atMs;
    atMs += arrivals === 'uniform' ? meanMs : -Math.log(1 - chance()) * meanMs;
    return moment;
  };
}
