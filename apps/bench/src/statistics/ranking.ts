import type { RankedCell, Ratio, RatioMetric } from '../result/group.ts';

/** What is ranked. */
export interface Contest {
  /** Cells that may be ranked, with the figure that orders them. */
  readonly cells: readonly { readonly id: string; readonly figure: number }[];
  readonly metric: RatioMetric;
  readonly ratios: readonly Ratio[];
}

/** Orders cells, the best first. A cell shares the place of the one that opened the place where their ratio shows no difference. */
export function rank({ cells, metric, ratios }: Contest): readonly RankedCell[] {
  const better = metric === 'operationsPerSecond' ? -1 : 1;
  const ordered = [...cells].sort((a, b) => better * (a.figure - b.figure));
  const ranked: RankedCell[] = [];
  let opener: RankedCell | undefined;
  for (const [place, { id }] of ordered.entries()) {
    const shares = opener !== undefined && differ(ratios, { metric, one: opener.cell, other: id }) === false;
    const next: RankedCell = { cell: id, place: shares && opener !== undefined ? opener.place : place + 1 };
    if (!shares) opener = next;
    ranked.push(next);
  }
  return ranked;
}

function differ(
  ratios: readonly Ratio[],
  { metric, one, other }: { metric: RatioMetric; one: string; other: string },
): boolean | undefined {
  const ratio = ratios.find(
    ({ metric: of, ...pair }) =>
      of === metric && ((pair.of === one && pair.to === other) || (pair.of === other && pair.to === one)),
  );
  return ratio === undefined ? undefined : ratio.verdict === 'higher' || ratio.verdict === 'lower';
}
