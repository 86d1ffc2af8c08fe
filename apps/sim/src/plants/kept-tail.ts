import { decorateJournal } from './decorate.ts';
import type { Plant } from './plant.ts';
import { steady } from './steady.ts';

// A leader that nobody hears gathers a tail; a new one cuts it off; then all restart before the place is taken again.
const restarts = [2000, 4000].flatMap((atMs, place) => [
  { atMs, kind: 'one-way', member: 0, peer: 1, forMs: 600, amount: 0.5 } as const,
  { atMs: atMs + 300 + 40 * place, kind: 'kill-all', member: 1, peer: 1, forMs: 50, amount: 0.5 } as const,
]);

// ZAB's new leader sends its own txns right behind the cut. So all restart when it has none yet, and again when it has cut.
const doubleRestarts = Array.from({ length: 7 }, (_, place) => 5000 + 1000 * place).flatMap((atMs, place) => [
  { atMs, kind: 'one-way', member: 0, peer: 1, forMs: 260, amount: 0.5 } as const,
  { atMs: atMs + 190, kind: 'kill-all', member: 1, peer: 1, forMs: 50, amount: 0.5 } as const,
  { atMs: atMs + 330 + 5 * place, kind: 'kill-all', member: 1, peer: 1, forMs: 50, amount: 0.5 } as const,
]);

/** The journal keeps a tail that a new leader cut off: after a restart the member has entries that nobody agreed on. */
export const keptTail: Plant = {
  name: 'kept-tail',
  text: 'a journal does not cut off the tail that a new leader replaces',
  plants: () => ({
    storage: (storage) =>
      decorateJournal(storage, (journal) => ({
        append: (batch) => {
          const { truncateFrom: _, ...rest } = batch;
          return journal.append(rest);
        },
      })),
  }),
  seeds: [1, 2, 3],
  seconds: 12,
  // Multi-Paxos never cuts a journal: a newer vote stands in the place of an older one.
  harmlessUnder: ['multi-paxos'],
  change: (plan) =>
    steady(plan, {
      workload: { clients: 6, operationsPerSecond: 200, keys: 5 },
      actions: [...restarts, ...doubleRestarts],
    }),
};
