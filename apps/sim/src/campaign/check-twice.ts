import type { SeedReport } from '../run-seed.ts';
import type { Failure } from './failure.ts';

/** Two runs of one seed must be one: anything else draws chance, time or order from outside of the simulation. */
export function checkTwice(first: SeedReport, second: SeedReport): readonly Failure[] {
  if (first.traceHash === second.traceHash && first.events === second.events) return [];
  const told = [first, second].map(
    ({ traceHash, events, virtualMs }) => `${traceHash} after ${events} events and ${virtualMs} ms`,
  );
  const text = `the same seed gave two different runs: trace hash ${told.join(', and ')}`;
  return [{ seed: first.seed, invariant: 'determinism', text, atMs: 0 }];
}
