import { decorateJournal } from './decorate.ts';
import type { Plant } from './plant.ts';
import { steady } from './steady.ts';

/** Terms and votes are not written down: a member that restarts may vote a second time, and a term may get two leaders. */
export const doubleVote: Plant = {
  name: 'double-vote',
  text: 'a journal does not keep the hard state, so that a vote is forgotten with its process',
  plants: () => ({
    storage: (storage) =>
      decorateJournal(storage, (journal) => ({
        append: (batch) => {
          const { hardState: _, ...rest } = batch;
          return journal.append(rest);
        },
      })),
  }),
  seeds: [1, 2, 3],
  seconds: 10,
  change: (plan) =>
    steady(plan, {
      actions: [2000, 3000, 4000, 5000, 6000].flatMap((atMs) => [
        { atMs, kind: 'kill', member: 0, peer: 1, forMs: 20, amount: 0.5 } as const,
        { atMs: atMs + 200, kind: 'kill-all', member: 1, peer: 1, forMs: 20, amount: 0.5 } as const,
      ]),
    }),
};
