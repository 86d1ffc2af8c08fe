import type { BenchResult } from '../../result/bench-result.ts';
import type { Cell } from '../../result/cell.ts';
import type { Group } from '../../result/group.ts';
import type { Latency } from '../../result/latency.ts';
import type { LineChart, LineSeries, Point } from '../chart/chart.ts';
import type { Block, Section } from '../document.ts';
import { columns } from '../document.ts';
import { decimalLogarithm } from '../decimal-logarithm.ts';
import { duration, whole } from '../figures.ts';
import { cellNamed, systemNames, systemSlots } from '../systems.ts';

/** Latency curves by percentile, group by group. */
export function latencySection(result: BenchResult): Section {
  const charts = result.groups.flatMap((group) => latencyChart(result, group) ?? []);
  const blocks: Block[] = [];
  const note =
    'The horizontal axis stretches the slow end: each step to the right is ten times as rare. A curve that is lower is faster; thin lines count from the send and not from the intended start.';
  if (charts.length > 0) blocks.push({ kind: 'figures', charts, note });
  const open = result.cells.filter(({ latencyFromSend }) => latencyFromSend !== undefined);
  if (open.length > 0) blocks.push(omissionTable(result, open));
  return { id: 'latency', heading: 'Latency curves', brief: false, blocks };
}

function latencyChart(result: BenchResult, group: Group): LineChart | undefined {
  const cells = group.cells.flatMap((id) => cellNamed(result, id) ?? []).filter(({ latency }) => latency.buckets.length > 0);
  if (cells.length === 0) return undefined;
  const most = Math.min(5, Math.max(1, ...cells.map(({ latency }) => decimalLogarithm(Math.max(latency.count, 10)))));
  const series = cells.flatMap((cell) => cellSeries(result, cell, most));
  return {
    kind: 'line',
    title: `Latency by percentile: ${group.text}`,
    summary: `Latency by percentile, ${group.text}: ${cells.map((cell) => `${systemNames(result)(cell.system)} p50 ${duration(cell.latency.p50Ms)}, p99 ${duration(cell.latency.p99Ms)}`).join('; ')}.`,
    x: { label: 'percentile', scale: 'linear', least: 0, most, ticks: percentileTicks.filter(({ at }) => at <= most + 1e-9) },
    y: { label: 'milliseconds', scale: isWide(series) ? 'log' : 'linear' },
    series,
  };
}

function cellSeries(result: BenchResult, cell: Cell, most: number): readonly LineSeries[] {
  const label = systemNames(result)(cell.system) + (cell.verdict.rankable ? '' : ' (not ranked)');
  const slot = systemSlots(result)(cell.system);
  const unranked = !cell.verdict.rankable;
  const main: LineSeries = { label, slot, points: curve(cell.latency, most), shape: 'line', unranked };
  if (cell.latencyFromSend === undefined) return [main];
  const fromSend = curve(cell.latencyFromSend, most);
  return [main, { label: `${label}, from the send`, slot, points: fromSend, shape: 'faint', unranked: true }];
}

/** A point for each bucket, at the share of operations that were as fast: 90 % stands at 1, 99 % at 2. */
function curve({ buckets, count, maxMs }: Latency, most: number): readonly Point[] {
  const points: Point[] = [];
  const total = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  let below = 0;
  let lastX = -1;
  for (const { upToMs, count: inside } of buckets) {
    below += inside;
    const share = total === 0 ? 0 : below / total;
    const x = share >= 1 ? Math.min(most, decimalLogarithm(Math.max(count, 10))) : -decimalLogarithm(1 - share);
    if (x > most + 1e-9) break;
    if (x - lastX >= finestStep || share >= 1) points.push({ x, y: share >= 1 ? maxMs : upToMs });
    lastX = points.at(-1)?.x ?? -1;
  }
  return points;
}

/** More points than these nobody can see. */
const finestStep = 0.01;

const percentileTicks = [
  { at: decimalLogarithm(2), text: '50' },
  { at: 1, text: '90' },
  { at: 2, text: '99' },
  { at: 3, text: '99.9' },
  { at: 4, text: '99.99' },
  { at: 5, text: '99.999' },
];

function isWide(series: readonly LineSeries[]): boolean {
  const values = series.flatMap(({ points }) => points.map(({ y }) => y)).filter((value) => value > 0);
  return values.length > 0 && Math.max(...values) / Math.min(...values) > 10;
}

function omissionTable(result: BenchResult, cells: readonly Cell[]): Block {
  const rows = cells.map((cell) => ({
    cells: [
      systemNames(result)(cell.system),
      cell.workload.text,
      ...[cell.latency.p50Ms, cell.latencyFromSend?.p50Ms, cell.latency.p99Ms, cell.latencyFromSend?.p99Ms].map((value) =>
        duration(value ?? Number.NaN),
      ),
      whole(cell.latency.count),
    ],
    unranked: !cell.verdict.rankable,
  }));
  return {
    kind: 'table',
    caption: 'Open loop: what measuring from the send would have left out',
    columns: columns('system', 'workload', '>p50', '>from send', '>p99', '>from send', '>operations'),
    rows,
  };
}
