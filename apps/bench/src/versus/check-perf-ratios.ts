import type { RunSettings } from '../result/bench-result.ts';
import type { CheckPerf } from '../result/check-perf.ts';
import type { Ratio } from '../result/group.ts';
import { chanceFrom } from '../statistics/chance.ts';
import { pairedRatio } from '../statistics/paired-ratio.ts';

const figures = {
  operationsPerSecond: ({ putsPerSecond }: CheckPerf) => putsPerSecond,
  memberCpuSeconds: ({ memberCpuSecondsPerPut }: CheckPerf) => memberCpuSecondsPerPut,
} as const;

/** Every other system divided by the first one, over the rounds that both have. */
export function checkPerfRatios(
  runs: readonly CheckPerf[],
  { seed, bootstrapResamples }: Pick<RunSettings, 'seed' | 'bootstrapResamples'>,
): readonly Ratio[] {
  const [first, ...others] = new Set(runs.map(({ system }) => system));
  if (first === undefined) return [];
  return others.flatMap((other) =>
    (['operationsPerSecond', 'memberCpuSeconds'] as const).flatMap((metric) => {
      const figure = figures[metric];
      const pairs = runs.flatMap((run) => {
        const beside = runs.find(({ system, round }) => system === first && round === run.round);
        return run.system !== other || beside === undefined ? [] : [{ of: figure(run), to: figure(beside) }];
      });
      if (pairs.length === 0) return [];
      const resampling = { chance: chanceFrom(seed), resamples: bootstrapResamples };
      return [pairedRatio({ metric, of: other, to: first }, pairs, { ...resampling, isFair: true })];
    }),
  );
}
