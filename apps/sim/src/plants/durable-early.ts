import { decorateJournal } from './decorate.ts';
import type { Plant } from './plant.ts';
import { steady } from './steady.ts';

/** The journal says that a batch is durable when it is queued: what was acknowledged can be lost with the power. */
export const durableEarly: Plant = {
  name: 'durable-early',
  text: 'a journal reports batches durable before they are flushed',
  plants: () => ({
    storage: (storage) =>
      decorateJournal(storage, (journal) => {
        let report: (write: number) => void = () => undefined;
        return {
          append: (batch) => {
            const write = journal.append(batch);
            report(write);
            return write;
          },
          listen: (listener) => {
            report = listener;
          },
        };
      }),
  }),
  seeds: [1, 2, 3],
  seconds: 5,
  change: (plan) => steady(plan, { disk: { sectorBytes: 512, writeMs: 0.05, syncMs: 5, tornSectors: 0 } }),
};
