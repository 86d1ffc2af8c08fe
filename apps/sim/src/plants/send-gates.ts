import { decorateCore } from './decorate.ts';
import type { Plant } from './plant.ts';
import { steady } from './steady.ts';

/** Messages do not wait for the write that they speak of: a vote or an acknowledgement is given that the disk may forget. */
export const sendGates: Plant = {
  name: 'send-gates',
  text: 'a core sends everything at once, whatever has to be durable first',
  plants: () => ({
    core: (kind) =>
      decorateCore(kind, (core) => ({
        drain: (now) => {
          const effects = core.drain(now);
          return { ...effects, sends: effects.sends.map((send) => ({ ...send, gate: 0 })) };
        },
      })),
  }),
  seeds: [1, 2, 3],
  seconds: 5,
  change: (plan) => steady(plan, { disk: { sectorBytes: 512, writeMs: 0.05, syncMs: 5, tornSectors: 0 } }),
};
