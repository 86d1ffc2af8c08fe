import type { BenchResult } from '../../result/bench-result.ts';
import type { Cell as MeasuredCell } from '../../result/cell.ts';
import type { Group, Ratio } from '../../result/group.ts';
import type { Chart, Point } from '../chart/chart.ts';
import type { Block, Cell, Row, Section } from '../document.ts';
import { columns } from '../document.ts';
import { capital, duration, interval, plain, rate, ratioText, whole } from '../figures.ts';
import { cellNamed, rankedName, systemNames, systemSlots } from '../systems.ts';
import { metricNames } from './verdict.ts';

/** Throughput and latency of all cells, group by group. */
export function throughputSection(result: BenchResult): Section {
  const blocks = result.groups.flatMap((group) => groupBlocks(result, group));
  return { id: 'throughput', heading: 'Throughput and latency', brief: true, blocks };
}

function groupBlocks(result: BenchResult, group: Group): readonly Block[] {
  const cells = group.cells.flatMap((id) => cellNamed(result, id) ?? []);
  if (cells.length === 0) return [];
  const [first] = cells;
  const rows = byPlace(group, cells).map((cell) => cellRow(result, group, cell));
  const base = first === undefined ? '' : systemNames(result)(first.system);
  const names = columns('place', 'system', '>operations', '>95 % interval', '>p50', '>p99', '>p99.9', `>÷ ${base}`);
  const blocks: Block[] = [{ kind: 'table', caption: capital(group.text), columns: names, rows }];
  blocks.push({ kind: 'figures', charts: [throughputChart(result, group, cells), steadinessChart(result, group, cells)] });
  if (group.ratios.length > 0) blocks.push(ratioTable(result, group));
  blocks.push(repeatTable(result, group, cells));
  return blocks;
}

function byPlace({ ranking }: Group, cells: readonly MeasuredCell[]): readonly MeasuredCell[] {
  const place = ({ id }: MeasuredCell): number => ranking.find(({ cell }) => cell === id)?.place ?? Number.POSITIVE_INFINITY;
  return cells.toSorted((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
}

function cellRow(result: BenchResult, group: Group, cell: MeasuredCell): Row {
  const ranked = group.ranking.find((one) => one.cell === cell.id);
  const shared = group.ranking.filter(({ place }) => place === ranked?.place).length > 1;
  const { median, low, high } = cell.operationsPerSecond;
  const ratio = group.ratios.find(({ metric, of, to }) => metric === group.rankedBy && of === cell.id && to === group.cells[0]);
  return {
    cells: [
      ranked === undefined ? '–' : `${ranked.place}${shared ? ' =' : ''}`,
      rankedName(systemNames(result)(cell.system), cell.verdict.reasons, cell.verdict.rankable),
      rate(median),
      interval(rate(low), rate(high)),
      duration(cell.latency.p50Ms),
      duration(cell.latency.p99Ms),
      duration(cell.latency.p999Ms),
      ratio === undefined ? '' : ratioCell(ratio),
    ],
    unranked: !cell.verdict.rankable,
  };
}

/** Of two cells that may be ranked, a ratio that may as well be 1 says nothing. (A row that is not ranked looks so by itself.) */
function ratioCell({ median, low, high, verdict }: Ratio): Cell {
  const text = `${ratioText(median)}, ${interval(ratioText(low), ratioText(high))}`;
  return verdict === 'no-difference' ? { text, flag: 'unranked' } : text;
}

function throughputChart(result: BenchResult, group: Group, cells: readonly MeasuredCell[]): Chart {
  const slot = systemSlots(result);
  return {
    kind: 'interval',
    title: `Operations per second: ${group.text}`,
    summary: `Medians and 95 % intervals of operations per second, ${group.text}. The table above has the figures.`,
    axis: { label: 'operations per second', scale: 'linear' },
    rows: cells.map((cell) => ({
      label: systemNames(result)(cell.system) + (cell.verdict.rankable ? '' : ' (not ranked)'),
      slot: slot(cell.system),
      ...cell.operationsPerSecond,
      text: rate(cell.operationsPerSecond.median),
      unranked: !cell.verdict.rankable,
    })),
  };
}

/** What systems did in each part of the measured time, on average of their repeats: flat is steady. */
function steadinessChart(result: BenchResult, { text }: Group, cells: readonly MeasuredCell[]): Chart {
  const series = cells.map((cell) => ({
    label: systemNames(result)(cell.system) + (cell.verdict.rankable ? '' : ' (not ranked)'),
    slot: systemSlots(result)(cell.system),
    points: averageWindows(cell),
    shape: 'line' as const,
    unranked: !cell.verdict.rankable,
  }));
  return {
    kind: 'line',
    title: `How steady it was: ${text}`,
    summary: `Operations per second in equal parts of the measured time, mean of the repeats, ${text}.`,
    x: {
      label: 'seconds measured',
      scale: 'linear',
      least: 0,
      most: Math.max(...series.flatMap(({ points }) => points.map(({ x }) => x)), 1),
    },
    y: { label: 'operations per second', scale: 'linear' },
    series,
  };
}

function averageWindows({ repeats }: MeasuredCell): readonly Point[] {
  const count = Math.min(...repeats.map(({ windowsPerSecond }) => windowsPerSecond.length));
  const seconds = repeats[0]?.measuredSeconds ?? 0;
  return Array.from({ length: Number.isFinite(count) ? count : 0 }, (_, place) => {
    const sum = repeats.reduce((total, { windowsPerSecond }) => total + (windowsPerSecond[place] ?? 0), 0);
    return { x: ((place + 1) * seconds) / count, y: sum / repeats.length };
  });
}

function ratioTable(result: BenchResult, group: Group): Block {
  const name = (id: string): string => {
    const cell = cellNamed(result, id);
    return cell === undefined ? id : systemNames(result)(cell.system);
  };
  const verdicts = {
    higher: 'higher',
    lower: 'lower',
    'no-difference': 'no difference found',
    'not-ranked': 'not ranked',
  } as const;
  const rows = group.ratios.map((ratio) => ({
    cells: [
      `${name(ratio.of)} ÷ ${name(ratio.to)}`,
      metricNames[ratio.metric],
      ratioText(ratio.median),
      interval(ratioText(ratio.low), ratioText(ratio.high)),
      whole(ratio.pairs),
      verdicts[ratio.verdict],
    ],
    unranked: ratio.verdict === 'no-difference' || ratio.verdict === 'not-ranked',
  }));
  return {
    kind: 'table',
    caption: `All ratios: ${group.text}`,
    columns: columns('of what', 'metric', '>ratio', '>95 % interval', '>rounds', 'verdict'),
    rows,
    detail: true,
  };
}

function repeatTable(result: BenchResult, group: Group, cells: readonly MeasuredCell[]): Block {
  const rows = cells.flatMap((cell) =>
    cell.repeats.map((repeat) => ({
      cells: [
        systemNames(result)(cell.system),
        whole(repeat.round + 1),
        rate(repeat.operationsPerSecond),
        duration(repeat.p50Ms),
        duration(repeat.p99Ms),
        `${plain(repeat.warmUpSeconds, 1)} s${repeat.steady ? '' : ', not steady'}`,
        repeat.disturbance.reasons.join(', '),
      ],
      unranked: !repeat.steady || repeat.disturbance.reasons.length > 0,
    })),
  );
  return {
    kind: 'table',
    caption: `Every repeat: ${group.text}`,
    columns: columns('system', '>round', '>operations', '>p50', '>p99', 'warm-up', 'disturbed by'),
    rows,
    detail: true,
  };
}
