import type { BenchResult } from '../../result/bench-result.ts';
import type { Cell, CommitCost } from '../../result/cell.ts';
import type { StackChart } from '../chart/chart.ts';
import type { Block, Section } from '../document.ts';
import { columns } from '../document.ts';
import { byteSize, duration, figure } from '../figures.ts';
import { cellNamed, systemNames } from '../systems.ts';

/** What one operation costs the members. */
export function costSection(result: BenchResult): Section | undefined {
  const blocks = result.groups.flatMap((group): Block[] => {
    const cells = group.cells.flatMap((id) => cellNamed(result, id) ?? []).filter(({ cost }) => cost !== undefined);
    if (cells.length === 0) return [];
    const charts = [cpuBars(result, cells, group.text), messageBars(result, cells, group.text)].flatMap((chart) => chart ?? []);
    return [costTable(result, cells, group.text), ...(charts.length > 0 ? [{ kind: 'figures' as const, charts }] : [])];
  });
  return blocks.length === 0 ? undefined : { id: 'cost', heading: 'Cost per operation', brief: false, blocks };
}

const cpuOf = ({ cpuSeconds }: CommitCost, role: string): number =>
  cpuSeconds.filter((process) => process.role === role).reduce((sum, { seconds }) => sum + seconds, 0);

function costTable(result: BenchResult, cells: readonly Cell[], caption: string): Block {
  const rows = cells.map(({ system, cost, verdict }) => ({
    cells: [
      systemNames(result)(system),
      figure(cost?.messages ?? Number.NaN),
      Object.entries(cost?.messagesByKind ?? {})
        .map(([kind, count]) => `${kind} ${figure(count)}`)
        .join(', '),
      byteSize(cost?.bytes ?? Number.NaN),
      figure(cost?.syncs ?? Number.NaN),
      duration((cost?.memberCpuSeconds ?? Number.NaN) * 1000),
      cost === undefined ? '–' : duration(cpuOf(cost, 'load') * 1000),
    ],
    unranked: !verdict.rankable,
  }));
  const names = columns('system', '>messages', 'by kind', '>bytes', '>syncs', '>CPU of members', '>CPU of load');
  return { kind: 'table', caption: `Per operation: ${caption}`, columns: names, rows };
}

function cpuBars(result: BenchResult, cells: readonly Cell[], text: string): StackChart {
  const rows = cells.flatMap(({ system, cost, verdict }) => {
    if (cost === undefined) return [];
    const parts = [
      { name: 'leader', value: cpuOf(cost, 'leader') * 1e6 },
      { name: 'followers', value: cpuOf(cost, 'follower') * 1e6 },
    ].filter(({ value }) => value > 0);
    const label = systemNames(result)(system) + (verdict.rankable ? '' : ' (not ranked)');
    return [{ label, text: duration((cost.memberCpuSeconds ?? 0) * 1000), parts, unranked: !verdict.rankable }];
  });
  return {
    kind: 'stack',
    title: `CPU per operation: ${text}`,
    summary: `CPU time of leader and followers per operation: ${rows.map((row) => `${row.label} ${row.text}`).join('; ')}.`,
    axis: { label: 'microseconds', scale: 'linear' },
    rows,
  };
}

function messageBars(result: BenchResult, cells: readonly Cell[], text: string): StackChart | undefined {
  const rows = cells.flatMap(({ system, cost, verdict }) => {
    if (cost?.messagesByKind === undefined) return [];
    const parts = Object.entries(cost.messagesByKind).map(([name, value]) => ({ name, value }));
    const label = systemNames(result)(system) + (verdict.rankable ? '' : ' (not ranked)');
    return [{ label, text: figure(cost.messages ?? Number.NaN), parts, unranked: !verdict.rankable }];
  });
  if (rows.length === 0) return undefined;
  return {
    kind: 'stack',
    title: `Messages per operation: ${text}`,
    summary: `Messages between members per operation, by kind: ${rows.map((row) => `${row.label} ${row.text}`).join('; ')}.`,
    axis: { label: 'messages', scale: 'linear' },
    rows,
  };
}
