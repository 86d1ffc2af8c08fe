import type { RunSettings } from '../result/bench-result.ts';
import type { Cell, Repeat } from '../result/cell.ts';
import type { Group, Ratio, RatioMetric } from '../result/group.ts';
import { chanceFrom } from '../statistics/chance.ts';
import { pairedRatio } from '../statistics/paired-ratio.ts';
import { rank } from '../statistics/ranking.ts';

/** Which figure of a repeat a metric is; undefined: that product does not tell. */
const figures: Readonly<Record<RatioMetric, (repeat: Repeat) => number | undefined>> = {
  operationsPerSecond: (repeat) => repeat.operationsPerSecond,
  p50Ms: ({ p50Ms }) => p50Ms,
  p99Ms: ({ p99Ms }) => p99Ms,
  memberCpuSeconds: ({ cost }) => cost?.memberCpuSeconds,
};
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
  // Of a hand-over the latency is what was asked for; its rate counts what stands between two as well.
  const byRate = first.loop.kind === 'closed' && first.handOver === undefined;
  const rankedBy = byRate ? 'operationsPerSecond' : 'p50Ms';
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
  const resampling = { chance: chanceFrom(settings.seed), resamples: settings.bootstrapResamples };
  const isFair = of.verdict.rankable && to.verdict.rankable;
  return pairedRatio({ metric, of: of.id, to: to.id }, pairs, { ...resampling, isFair });
}
