import type { RunSettings } from '../result/bench-result.ts';
import type { Cell, Repeat } from '../result/cell.ts';
import type { Group, Ratio, RatioMetric } from '../result/group.ts';
import { ratioOf } from '../statistics/bootstrap.ts';
import { chanceFrom } from '../statistics/chance.ts';
import { rank } from '../statistics/ranking.ts';

/** Which figure of a repeat a metric is; undefined: that product does not tell. */
const figures: Readonly<Record<RatioMetric, (repeat: Repeat) => number | undefined>> = {
  operationsPerSecond: (repeat) => repeat.operationsPerSecond,
  p50Ms: ({ p50Ms }) => p50Ms,
  p99Ms: ({ p99Ms }) => p99Ms,
  memberCpuSeconds: ({ cost }) => cost?.memberCpuSeconds,
};
/** Fewer rounds side by side show nothing. */
const leastPairs = 3;
const metrics = Object.keys(figures) as readonly RatioMetric[];

/** Compares cells pair by pair, round by round, and ranks those that may be. */
export function groupOf(
  head: { readonly id: string; readonly text: string },
  cells: readonly Cell[],
  settings: RunSettings,
): Group {
  const [first] = cells;
  if (first === undefined) throw new RangeError('a group has at least one cell');
  const { durability } = first.system;
  if (cells.some(({ system }) => system.durability !== durability))
    throw new RangeError('cells of different durability are never compared');
  const ratios = cells.flatMap((of, place) =>
    cells.slice(0, place).flatMap((to) => metrics.flatMap((metric) => ratioBetween(metric, { of, to, settings }) ?? [])),
  );
  const rankedBy = first.loop.kind === 'closed' ? 'operationsPerSecond' : 'p50Ms';
  const contest = cells
    .filter(({ verdict }) => verdict.rankable)
    .map((cell) => ({ id: cell.id, figure: rankedBy === 'p50Ms' ? cell.latency.p50Ms : cell.operationsPerSecond.median }));
  return {
    ...head,
    durability,
    cells: cells.map(({ id }) => id),
    ratios,
    rankedBy,
    ranking: rank({ cells: contest, metric: rankedBy, ratios }),
  };
}

function ratioBetween(
  metric: RatioMetric,
  { of, to, settings }: { readonly of: Cell; readonly to: Cell; readonly settings: RunSettings },
): Ratio | undefined {
  const pairs = of.repeats.flatMap((repeat) => {
    const beside = to.repeats.find(({ round }) => round === repeat.round);
    const figure = figures[metric](repeat);
    const other = beside === undefined ? undefined : figures[metric](beside);
    return figure === undefined || other === undefined ? [] : [{ of: figure, to: other }];
  });
  if (pairs.length === 0) return undefined;
  const ratio = ratioOf(pairs, { chance: chanceFrom(settings.seed), resamples: settings.bootstrapResamples });
  const isFair = of.verdict.rankable && to.verdict.rankable && pairs.length >= leastPairs;
  return { metric, of: of.id, to: to.id, ...ratio, pairs: pairs.length, verdict: isFair ? verdictOf(ratio) : 'not-ranked' };
}

function verdictOf({ low, high }: { readonly low: number; readonly high: number }): Ratio['verdict'] {
  if (low > 1) return 'higher';
  return high < 1 ? 'lower' : 'no-difference';
}
