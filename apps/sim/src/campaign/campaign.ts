import type { Executor } from './executor.ts';
import type { Totals } from './totals.ts';

/** Which seeds are run, and how. */
export interface Campaign {
  readonly protocol: string;
  readonly workload: string;
  readonly firstSeed: number;
  readonly seeds: number;
  readonly seconds: number;
  /** Every n-th seed is run twice; 1: each. */
  readonly twiceEvery: number;
  readonly keepGoing: boolean;
  readonly traceDirectory: string;
}

/** Hands out seeds one by one until all are done, one failed (unless `keepGoing`), or the executor is closed. */
export async function runCampaign(
  campaign: Campaign,
  executor: Executor,
  totals: Totals,
  progress: () => void = () => undefined,
): Promise<void> {
  const { protocol, workload, firstSeed, seeds, seconds, twiceEvery, keepGoing, traceDirectory } = campaign;
  let next = 0;
  const goesOn = (): boolean => next < seeds && (keepGoing || totals.failedSeeds === 0);
  const lane = async (): Promise<void> => {
    while (goesOn()) {
      const place = next++;
      const answer = await executor.run({
        kind: 'seed',
        protocol,
        workload,
        seed: firstSeed + place,
        seconds,
        twice: place % twiceEvery === 0,
        traceDirectory,
      });
      if (answer?.kind !== 'seed') return;
      totals.add(answer);
      progress();
    }
  };
  await Promise.all(Array.from({ length: Math.min(executor.jobs, seeds) }, lane));
}
