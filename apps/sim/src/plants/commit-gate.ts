import { decorateCore } from './decorate.ts';
import type { Plant } from './plant.ts';
import { steady } from './steady.ts';

/** Who comes back gets entries together with the news that they are committed. */
const restarts = [1000, 2000, 3000, 4000].map(
  (atMs, place) => ({ atMs, kind: 'kill', member: (place % 3) + 1, peer: 1, forMs: 300, amount: 0.5 }) as const,
);

/** The commit cursor does not wait for the member's own disk: it answers a client with what it may forget itself. */
export const commitGate: Plant = {
  name: 'commit-gate',
  text: 'a core lets entries be applied before this member’s own disk holds them',
  plants: () => ({
    core: (kind) =>
      decorateCore(kind, (core) => ({
        drain: (now) => {
          const effects = core.drain(now);
          return { ...effects, commit: { index: effects.commit.index, gate: 0 } };
        },
      })),
  }),
  seeds: [1, 2, 3],
  seconds: 5,
  change: (plan) => steady(plan, { disk: { sectorBytes: 512, writeMs: 0.05, syncMs: 5, tornSectors: 0 }, actions: restarts }),
};
