import type { ReadResult } from '@quorate/interface';
import { decorateCore } from './decorate.ts';
import type { Plant } from './plant.ts';
import { steady } from './steady.ts';

/** Reads are answered with what this member happens to know, without asking anybody: a deposed leader or a slow follower gives old values. */
export const hastyRead: Plant = {
  name: 'hasty-read',
  text: 'a core answers reads at its own commit index without asking a quorum',
  plants: () => ({
    core: (kind) =>
      decorateCore(kind, (core) => {
        let asked: number[] = [];
        return {
          step: (input, now) => {
            if (input.type === 'read') asked.push(input.context);
            else core.step(input, now);
          },
          drain: (now) => {
            const effects = core.drain(now);
            const reads = asked.map((context): ReadResult => ({
              context,
              index: effects.commit.index,
              method: 'read-index',
              validUntil: Infinity,
            }));
            asked = [];
            return { ...effects, reads: [...effects.reads, ...reads] };
          },
        };
      }),
  }),
  seeds: [1, 2, 3],
  seconds: 6,
  change: (plan) =>
    steady(plan, {
      electionTimeoutMs: 600,
      workload: { clients: 6, operationsPerSecond: 200, keys: 2 },
      // Members that hear nothing for a while go on answering clients.
      actions: [1000, 2500, 4000].map((atMs, place) => ({
        atMs,
        kind: 'one-way',
        member: place + 1,
        peer: 2,
        forMs: 1000,
        amount: 0.5,
      })),
    }),
};
