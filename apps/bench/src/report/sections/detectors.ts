import type { DetectorRow, DetectorStudy } from '../../result/detectors.ts';
import type { LineChart } from '../chart/chart.ts';
import type { Block, Section, Table } from '../document.ts';
import { columns, prose } from '../document.ts';
import { capital, counted, duration, figure, isReached, plain } from '../figures.ts';
import { detectorStatement, silence, usualInterval } from './detector-statement.ts';

/** What quick detection costs in mistakes and in messages: rows that somebody computed. */
export function detectorSection(rows: readonly DetectorRow[]): Section | undefined {
  return sectionOf(rows, { id: 'detectors', heading: 'Failure detectors' }, []);
}

/** The same of heartbeats that were recorded between processes of this machine. */
export function measuredDetectors(study: DetectorStudy): Section | undefined {
  const text = `Heartbeats of ${counted(study.peers, 'process', 'processes')} to another one were recorded for ${plain(study.seconds)} s over the members’ transport, at all intervals at once, while a cluster was under load (${study.load}). ${howJudged}${silence(study.rows)}`;
  return sectionOf(study.rows, { id: 'measured-detectors', heading: 'Failure detectors under load' }, [prose(text)]);
}

/** The same of heartbeats in virtual time. */
export function simulatedDetectors(study: DetectorStudy): Section | undefined {
  const text = `Heartbeats of ${counted(study.peers, 'process', 'processes')} to another one were recorded for ${plain(study.seconds)} s of virtual time over each of these networks, at all intervals at once. ${howJudged}${silence(study.rows)}`;
  return sectionOf(study.rows, { id: 'simulated-detectors', heading: 'Failure detectors in virtual time' }, [prose(text)]);
}

const howJudged =
  'Every detector was then given the same arrivals. Nobody died meanwhile, so that each suspicion was a mistake; deaths are cuts of the recording at random moments. η is the time between two heartbeats of one process.';

function sectionOf(
  rows: readonly DetectorRow[],
  head: Pick<Section, 'id' | 'heading'>,
  introduction: readonly Block[],
): Section | undefined {
  if (rows.length === 0) return undefined;
  const scenarios = [...new Set(rows.map(({ scenario }) => scenario))];
  const items = scenarios.map((scenario) => detectorStatement(rows.filter((row) => row.scenario === scenario)));
  const charts = scenarios.flatMap((scenario) => [...mistakeChart(rows, scenario), ...messageChart(rows, scenario)]);
  const note =
    'Down and to the left is better: a death is noticed sooner, and the living are suspected less often, or fewer messages do. Detectors that made no mistake stand at the lower edge. Detectors may be wrong; safety never depends on them.';
  const pictures: readonly Block[] = charts.length > 0 ? [{ kind: 'figures', charts, note }] : [];
  const tables = scenarios.flatMap((scenario) => scenarioTables(rows.filter((row) => row.scenario === scenario)));
  return { ...head, brief: true, blocks: [{ kind: 'statements', items }, ...introduction, ...pictures, ...tables] };
}

/** One at the interval that most members have, and one with all of them. */
function scenarioTables(rows: readonly DetectorRow[]): readonly Table[] {
  const name = rows[0]?.scenario ?? '';
  const usual = usualInterval(rows);
  const chosen = rows.filter(({ intervalMs }) => intervalMs === usual);
  const table = tableOf(`${capital(name)}: a heartbeat in ${duration(usual)}`, chosen);
  return chosen.length === rows.length ? [table] : [table, { ...tableOf(`${capital(name)}: all intervals`, rows), detail: true }];
}

function tableOf(caption: string, rows: readonly DetectorRow[]): Table {
  return {
    kind: 'table',
    caption,
    columns: columns(
      'detector',
      '>η',
      '>messages/s',
      '>detection p50',
      '>p99',
      '>mistakes/h',
      '>length of one',
      '>query accuracy',
    ),
    rows: rows.map((row) => ({
      cells: [
        row.strategy,
        duration(row.intervalMs),
        figure(row.messagesPerSecond),
        reached(row.detectionP50Ms),
        reached(row.detectionP99Ms),
        figure(row.mistakesPerHour),
        row.mistakes === 0 ? '–' : duration(row.mistakeDurationMs),
        plain(row.accuracy, 6),
      ],
      unranked: !isReached(row.detectionP99Ms),
    })),
    pageOnly: true,
  };
}

/** One line per detector, one point per interval. Mistakes that never happened stand at the lower edge. */
function mistakeChart(rows: readonly DetectorRow[], scenario: string): readonly LineChart[] {
  const own = rows.filter((row) => row.scenario === scenario && isReached(row.detectionP99Ms));
  if (own.length === 0) return [];
  const rates = own.map(({ mistakesPerHour }) => mistakesPerHour).filter((one) => one > 0);
  const floor = rates.length === 0 ? 0.01 : Math.min(...rates) / 2;
  const series = seriesOf(rows, own, (row) => ({ x: row.detectionP99Ms ?? 0, y: Math.max(row.mistakesPerHour, floor) }));
  return [
    {
      kind: 'line',
      title: `Detection and mistakes: ${scenario}`,
      summary: `Mistakes per hour over the p99 of the detection time, ${scenario}: ${series.map(({ label }) => label).join(', ')}. The table has the figures.`,
      x: { label: 'detection p99, milliseconds', scale: 'log' },
      y: { label: 'mistakes per hour', scale: 'log', least: floor },
      series,
    },
  ];
}

/** What more messages buy, where there is more than one interval. */
function messageChart(rows: readonly DetectorRow[], scenario: string): readonly LineChart[] {
  const own = rows.filter((row) => row.scenario === scenario && isReached(row.detectionP99Ms));
  const costs = [...new Set(own.map(({ messagesPerSecond }) => messagesPerSecond))].toSorted((a, b) => a - b);
  if (costs.length < 2) return [];
  const series = seriesOf(rows, own, (row) => ({ x: row.messagesPerSecond, y: row.detectionP99Ms ?? 0 }));
  return [
    {
      kind: 'line',
      title: `Detection and messages: ${scenario}`,
      summary: `The p99 of the detection time over messages per second and watched process, ${scenario}: ${series.map(({ label }) => label).join(', ')}. The table has the figures.`,
      x: { label: 'messages per second', scale: 'log', ticks: costs.map((cost) => ({ at: cost, text: figure(cost) })) },
      y: { label: 'detection p99, milliseconds', scale: 'log' },
      series,
    },
  ];
}

function seriesOf(
  all: readonly DetectorRow[],
  own: readonly DetectorRow[],
  point: (row: DetectorRow) => { readonly x: number; readonly y: number },
): LineChart['series'] {
  const names = [...new Set(all.map(({ strategy }) => strategy))];
  return [...new Set(own.map(({ strategy }) => strategy))].map((strategy) => ({
    label: strategy,
    slot: names.indexOf(strategy),
    points: own
      .filter((row) => row.strategy === strategy)
      .map(point)
      .toSorted((a, b) => a.x - b.x),
    shape: 'line' as const,
    unranked: false,
  }));
}

function reached(ms: number | null): string {
  return isReached(ms) ? duration(ms) : 'never';
}
