import type { BenchResult } from '../../result/bench-result.ts';
import type { Estimate } from '../../result/cell.ts';
import type { FailoverCell } from '../../result/failover.ts';
import type { LineChart, Point, StackChart } from '../chart/chart.ts';
import type { Block, Section } from '../document.ts';
import { columns, prose } from '../document.ts';
import { duration, interval, rate, whole } from '../figures.ts';
import { rankedName, systemNames, systemSlots } from '../systems.ts';

/** What clients see when a leader is killed. */
export function failoverSection(result: BenchResult): Section | undefined {
  const cells = result.failovers;
  const [first] = cells;
  if (first === undefined) return undefined;
  const blocks: Block[] = [
    prose(
      `The leader was ended with SIGKILL again and again, at ${ratesOf(cells)} of open-loop load. Election timeout ${duration(first.electionTimeoutMs)}, heartbeat ${duration(first.heartbeatMs)}. The gap is the longest time without a success, less what was usual before.`,
    ),
    gapTable(result, cells),
  ];
  const charts = [gapCurve(result, cells), stageBars(result, cells)].flatMap((chart) => chart ?? []);
  if (charts.length > 0) blocks.push({ kind: 'figures', charts });
  return { id: 'failover', heading: 'Failover', brief: true, blocks };
}

function ratesOf(cells: readonly FailoverCell[]): string {
  const rates = cells.map(({ ratePerSecond }) => ratePerSecond);
  const [least, most] = [rate(Math.min(...rates)), rate(Math.max(...rates))];
  return least === most ? most : interval(least, most);
}

function gapTable(result: BenchResult, cells: readonly FailoverCell[]): Block {
  const rows = cells.map((cell) => ({
    cells: [
      rankedName(systemNames(result)(cell.system), cell.remarks, cell.remarks.length === 0),
      trialsText(cell),
      estimate(cell.gapMs),
      duration(Math.max(...cell.trials.map(({ gapMs }) => gapMs))),
      ...[cell.detectionMs, cell.electionMs, cell.readyMs, cell.firstCommitMs].map((one) => duration(one?.median ?? Number.NaN)),
      ...(['failed', 'unknown'] as const).map((what) => whole(cell.trials.reduce((total, trial) => total + trial[what], 0))),
    ],
    unranked: cell.remarks.length > 0,
  }));
  return {
    kind: 'table',
    caption: 'Gap and its parts (medians)',
    columns: columns(
      'system',
      '>trials',
      '>gap, 95 % interval',
      '>longest',
      '>detection',
      '>election',
      '>ready',
      '>first commit',
      '>refused',
      '>unknown',
    ),
    rows,
  };
}

function trialsText({ trials }: FailoverCell): string {
  const disturbed = trials.filter((trial) => trial.disturbed).length;
  return disturbed === 0 ? whole(trials.length) : `${whole(trials.length)}, ${whole(disturbed)} disturbed`;
}

function estimate(one: Estimate | undefined): string {
  return one === undefined ? '–' : `${duration(one.median)} (${interval(duration(one.low), duration(one.high))})`;
}

function gapCurve(result: BenchResult, cells: readonly FailoverCell[]): LineChart | undefined {
  const name = systemNames(result);
  const slot = systemSlots(result);
  const gaps = (cell: FailoverCell): readonly number[] =>
    cell.trials.filter(({ disturbed }) => !disturbed).map(({ gapMs }) => gapMs);
  const series = cells.map((cell) => ({
    label: name(cell.system) + (cell.remarks.length === 0 ? '' : ' (not ranked)'),
    slot: slot(cell.system),
    points: cumulative(gaps(cell)),
    shape: 'steps' as const,
    unranked: cell.remarks.length > 0,
  }));
  if (series.every(({ points }) => points.length === 0)) return undefined;
  return {
    kind: 'line',
    title: 'How long a dead leader is missed',
    summary: `Share of failovers whose gap was at most so long: ${cells.map((cell) => `${name(cell.system)} median ${duration(cell.gapMs?.median ?? Number.NaN)}`).join('; ')}. Disturbed trials are left out.`,
    x: { label: 'gap, milliseconds', scale: 'linear' },
    y: { label: 'share of failovers', scale: 'linear', least: 0, most: 1, ticks: shareTicks },
    series,
  };
}

/** From 0 to 1, at each value a step. */
export function cumulative(values: readonly number[]): readonly Point[] {
  const sorted = values.toSorted((a, b) => a - b);
  const [first] = sorted;
  if (first === undefined) return [];
  return [{ x: first, y: 0 }, ...sorted.map((x, place) => ({ x, y: (place + 1) / sorted.length }))];
}

/** Marks of a share. */
export const shareTicks: readonly { readonly at: number; readonly text: string }[] = [0, 0.25, 0.5, 0.75, 1].map((at) => ({
  at,
  text: `${at * 100} %`,
}));

function stageBars(result: BenchResult, cells: readonly FailoverCell[]): StackChart | undefined {
  const rows = cells
    .filter(({ detectionMs, electionMs }) => detectionMs !== undefined && electionMs !== undefined)
    .map((cell) => {
      const parts = [
        { name: 'detection', value: cell.detectionMs?.median ?? 0 },
        { name: 'election', value: cell.electionMs?.median ?? 0 },
        { name: 'ready', value: cell.readyMs?.median ?? 0 },
        { name: 'first commit', value: cell.firstCommitMs?.median ?? 0 },
      ];
      const sum = parts.reduce((total, { value }) => total + value, 0);
      return { label: systemNames(result)(cell.system), text: duration(sum), parts, unranked: cell.remarks.length > 0 };
    });
  if (rows.length === 0) return undefined;
  return {
    kind: 'stack',
    title: 'What a failover is made of',
    summary: `Medians of detection, election, readiness and first commit: ${rows.map(({ label, text }) => `${label} ${text}`).join('; ')}.`,
    axis: { label: 'milliseconds, sum of medians', scale: 'linear' },
    rows,
  };
}
