import type { BenchResult } from '../result/bench-result.ts';
import type { SimulatedResult } from '../simulated/simulated-result.ts';
import { cellText } from './document.ts';
import type { Cell, ReportDocument, Section } from './document.ts';
import { counted, listed } from './figures.ts';
import type { ReportSource } from './report-source.ts';
import { calibrationSection } from './sections/calibration.ts';
import { costSection } from './sections/cost.ts';
import { detectorSection, measuredDetectors, simulatedDetectors } from './sections/detectors.ts';
import { checksOf, doubtsSection } from './sections/doubts.ts';
import { failoverSection } from './sections/failover.ts';
import { handOverSection } from './sections/hand-over.ts';
import { latencySection } from './sections/latency.ts';
import { checkPerfSection, machineSection, missingSection } from './sections/machine.ts';
import { simulatedCommits, simulatedFailovers, simulatedRegions, simulatedRemainders } from './sections/simulated-tables.ts';
import { simulatedVerdict } from './sections/simulated-verdict.ts';
import { throughputSection } from './sections/throughput.ts';
import { verdictSection } from './sections/verdict.ts';
import { systemNames } from './systems.ts';

/** Puts a report together: the verdict first, then its evidence, then its doubts. Equal sources give equal documents. */
export function reportDocument(source: ReportSource): ReportDocument {
  const { measured, simulated, detectors } = source;
  const sections = [
    ...(measured === undefined ? [] : measuredSections(measured)),
    ...(simulated === undefined ? [] : simulatedSections(simulated, measured === undefined)),
    detectors === undefined ? undefined : detectorSection(detectors),
    ...(measured === undefined ? [] : closingSections(measured)),
    measured === undefined && simulated !== undefined ? missingSection(notInVirtualTime) : undefined,
  ];
  return { ...headline(source), sections: sections.flatMap((section) => section ?? []).map(withoutEmptyColumns) };
}

/** A column in which nothing stands takes room from the others. */
function withoutEmptyColumns(section: Section): Section {
  const blocks = section.blocks.map((block) => {
    if (block.kind !== 'table') return block;
    const kept = block.columns.map((_, place) => block.rows.some(({ cells }) => !isEmpty(cells[place])));
    const rows = block.rows.map((row) => ({ ...row, cells: row.cells.filter((_, place) => kept[place]) }));
    return { ...block, columns: block.columns.filter((_, place) => kept[place]), rows };
  });
  return { ...section, blocks };
}

function isEmpty(cell: Cell | undefined): boolean {
  const text = cell === undefined ? '' : cellText(cell);
  return text === '' || text === '–';
}

function measuredSections(result: BenchResult): readonly (Section | undefined)[] {
  const hasCells = result.cells.length > 0;
  const isCompared = hasCells || result.failovers.length > 0;
  return [
    isCompared ? verdictSection(result, checksOf(result)) : undefined,
    hasCells ? throughputSection(result) : undefined,
    hasCells ? latencySection(result) : undefined,
    handOverSection(result),
    failoverSection(result),
    costSection(result),
    result.detectors === undefined ? undefined : measuredDetectors(result.detectors),
    checkPerfSection(result.checkPerf, result.checkPerfRatios),
  ];
}

function closingSections(result: BenchResult): readonly (Section | undefined)[] {
  return [
    doubtsSection(checksOf(result)),
    calibrationSection(result),
    machineSection(result),
    missingSection(result.notMeasured),
  ];
}

function simulatedSections(result: SimulatedResult, isAlone: boolean): readonly (Section | undefined)[] {
  return [
    simulatedVerdict(result, isAlone),
    simulatedCommits(result),
    simulatedFailovers(result),
    simulatedRegions(result),
    simulatedRemainders(result),
    simulatedDetectors(result.detectors),
  ];
}

function headline({ measured, simulated }: ReportSource): Pick<ReportDocument, 'title' | 'subtitle'> {
  if (measured === undefined)
    return {
      title: 'Raft, Multi-Paxos and ZAB in virtual time',
      subtitle: simulated === undefined ? '' : `Seed ${simulated.seed}, quorate-bench ${simulated.version}`,
    };
  const name = systemNames(measured);
  const systems = [...new Set([...measured.cells, ...measured.failovers].map(({ system }) => name(system)))];
  const { machine, startedAt, settings } = measured;
  const title = systems.length === 0 ? 'What this machine can do' : `${listed(systems)}${systems.length > 1 ? ', compared' : ''}`;
  const members = systems.length === 0 ? '' : `${counted(settings.members, 'member')} each, `;
  return {
    title,
    subtitle: `${members}${machine.cpuModel}, ${counted(machine.cores, 'core')}, ${machine.system}; ${readableTime(startedAt)}`,
  };
}

/** ISO 8601 of a computer is for a computer. */
function readableTime(iso: string): string {
  const parts = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}):\d{2}(\.\d+)?Z$/.exec(iso);
  return parts === null ? iso : `${parts[1]}, ${parts[2]} UTC`;
}

const notInVirtualTime = [
  { what: 'throughput, CPU, memory', why: 'Virtual time has no processors: compare without --simulated runs real processes.' },
  { what: 'what a sync costs', why: 'Disks take no time here. Syncs are counted; what one takes is a matter of the machine.' },
  {
    what: 'lossy links',
    why: 'Links keep their order and lose nothing, as TCP does; only heartbeats were also sent as datagrams.',
  },
  { what: 'reads', why: 'Commands are writes. What a read costs depends on the consistency that is asked for.' },
  { what: 'partial partitions', why: 'They are a matter of yes and no: the simulator and the golden traces show them.' },
];
