import type { BenchResult } from '../result/bench-result.ts';
import type { Cell } from '../result/cell.ts';
import type { DetectorStudy } from '../result/detectors.ts';
import type { FailoverCell } from '../result/failover.ts';
import { commitsPerOperation } from '../workload/workload.ts';
import type { Block, ReportDocument, Row } from './document.ts';
import { columns, prose } from './document.ts';
import { byteSize, counted, duration, figure, interval, ratioText } from './figures.ts';
import { checksOf } from './sections/doubts.ts';
import { detectorStatement, silence } from './sections/detector-statement.ts';
import { missingSection } from './sections/machine.ts';
import { verdictSection } from './sections/verdict.ts';
import { protocolName } from './systems.ts';

/** The one table of a comparison, and what may be concluded from it: what a terminal has room for. Everything else is in the report. */
export function summaryDocument(result: BenchResult): ReportDocument {
  const checks = checksOf(result);
  const doubts = checks.filter(({ state }) => state === 'doubt').length;
  const found = verdictSection(result, checks).blocks.flatMap((block) =>
    block.kind === 'statements' ? block.items.filter(({ weight }) => weight === 'difference') : [],
  );
  const nothing =
    result.settings.repeats < 3
      ? `Nothing is ranked: ${counted(result.settings.repeats, 'round')} say too little.`
      : 'Nothing is ranked: no difference is separated by its interval.';
  const remarks = [
    'Gap: without a success after a leader was killed.',
    result.cells.some(({ workload }) => commitsPerOperation(workload.name) > 1) ? 'Latency of lock: acquire and release.' : '',
    result.interrupted ? 'The run was ended early.' : '',
    found.length === 0 ? nothing : '',
    doubts === 0 ? '' : `The report has ${counted(doubts, 'reason')} to doubt these figures, and their intervals.`,
    ...handOvers(result),
  ];
  const blocks: readonly Block[] = [
    table(result),
    ...(found.length === 0 ? [] : [{ kind: 'statements' as const, items: found }]),
    prose(remarks.filter((text) => text !== '').join(' ')),
    ...(result.detectors === undefined ? [] : detectors(result.detectors)),
  ];
  const rest = missingSection(result.notMeasured);
  const section = { id: 'summary', heading: 'On this machine', blocks, brief: true };
  return { title: '', subtitle: '', sections: [section, ...(rest === undefined ? [] : [rest])] };
}

function table(result: BenchResult): Block {
  const { members } = result.settings;
  const rows = result.cells
    .filter(({ loop, system }) => loop.kind === 'closed' && system.door !== 'http')
    .map((cell) => row(cell, failoverOf(result, cell)));
  const names = columns('service', 'protocol', '>commits', '>p50', '>p99', '>messages', '>bytes', '>syncs', '>CPU', '>gap');
  const caption = `Clusters of ${counted(members, 'process', 'processes')}; messages, bytes, syncs and CPU of all members for each commit`;
  return { kind: 'table', caption, columns: names, rows, keys: 2 };
}

function row({ system, workload, operationsPerSecond, latency, cost }: Cell, failover: FailoverCell | undefined): Row {
  const commits = commitsPerOperation(workload.name);
  const each = (value: number | undefined): number => (value ?? Number.NaN) / commits;
  const details = [system.transport === 'tcp' ? '' : system.transport, system.storage === 'memory' ? 'memory' : ''];
  return {
    cells: [
      [
        system.service === 'lock' ? 'lock' : 'store',
        ...(workload.name === 'put' || workload.name === 'lock' ? [] : [workload.name]),
      ].join(', '),
      [protocolName(system.protocol), ...details.filter((text) => text !== '')].join(' · '),
      `${figure(operationsPerSecond.median * commits)}/s`,
      duration(latency.p50Ms),
      duration(latency.p99Ms),
      figure(each(cost?.messages)),
      byteSize(Math.round(each(cost?.bytes))),
      figure(each(cost?.syncs)),
      duration(each(cost?.memberCpuSeconds) * 1000),
      duration(failover?.gapMs?.median ?? Number.NaN),
    ],
  };
}

function failoverOf({ failovers }: BenchResult, { system }: Cell): FailoverCell | undefined {
  return failovers.find((one) => one.system.label === system.label);
}

/** What is said of a lock that is handed over, where it was measured: in one sentence. */
function handOvers({ cells }: BenchResult): readonly string[] {
  const ratios = cells.flatMap(({ handOver }) => (handOver === undefined ? [] : [handOver.ratio.median]));
  if (ratios.length === 0) return [];
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)].map(ratioText);
  const times = least === most ? least : interval(least ?? '', most ?? '');
  return [`A lock that others wait for changes hands in ${times} times a commit.`];
}

function detectors({ rows }: DetectorStudy): readonly Block[] {
  return rows.length === 0 ? [] : [prose(`Failure detectors. ${detectorStatement(rows).text}${silence(rows)}`)];
}
