import type { LineChart } from '../chart/chart.ts';
import type { Block, Section } from '../document.ts';
import { columns } from '../document.ts';
import { duration, figure, plain } from '../figures.ts';
import type { DetectorRow } from '../report-source.ts';

/** What quick detection costs in mistakes. */
export function detectorSection(rows: readonly DetectorRow[]): Section | undefined {
  if (rows.length === 0) return undefined;
  const blocks = [...new Set(rows.map(({ scenario }) => scenario))].map((scenario) => scenarioTable(rows, scenario));
  const charts = [...new Set(rows.map(({ scenario }) => scenario))].flatMap((scenario) => tradeOffChart(rows, scenario) ?? []);
  const note =
    'Every detector saw the same arrivals. Down and to the left is better: a death is noticed sooner, and the living are suspected less often. Detectors may be wrong; safety never depends on them.';
  const pictures: readonly Block[] = charts.length > 0 ? [{ kind: 'figures', charts, note }] : [];
  return { id: 'detectors', heading: 'Failure detectors', brief: false, blocks: [...pictures, ...blocks] };
}

function scenarioTable(rows: readonly DetectorRow[], scenario: string): Block {
  return {
    kind: 'table',
    caption: `Detection time, mistakes and accuracy: ${scenario}`,
    columns: columns('detector', '>messages/s', '>detection p50', '>p99', '>mistakes/h', '>length of one', '>accuracy'),
    rows: rows
      .filter((row) => row.scenario === scenario)
      .map((row) => ({
        cells: [
          row.strategy,
          figure(row.messagesPerSecond),
          reached(row.detectionP50Ms),
          reached(row.detectionP99Ms),
          figure(row.mistakesPerHour),
          row.mistakes === 0 ? '–' : duration(row.mistakeDurationMs),
          plain(row.accuracy, 6),
        ],
        unranked: !isReached(row.detectionP99Ms),
      })),
  };
}

/** One line per detector, one point per interval. Mistakes that never happened stand at the lower edge. */
function tradeOffChart(rows: readonly DetectorRow[], scenario: string): LineChart | undefined {
  const own = rows.filter((row) => row.scenario === scenario && isReached(row.detectionP99Ms));
  if (own.length === 0) return undefined;
  const all = [...new Set(rows.map(({ strategy }) => strategy))];
  const rates = own.map(({ mistakesPerHour }) => mistakesPerHour).filter((one) => one > 0);
  const floor = rates.length === 0 ? 0.01 : Math.min(...rates) / 2;
  const series = [...new Set(own.map(({ strategy }) => strategy))].map((strategy) => ({
    label: strategy,
    slot: all.indexOf(strategy),
    points: own
      .filter((row) => row.strategy === strategy)
      .map((row) => ({ x: row.detectionP99Ms ?? 0, y: Math.max(row.mistakesPerHour, floor) }))
      .toSorted((a, b) => a.x - b.x),
    shape: 'line' as const,
    unranked: false,
  }));
  return {
    kind: 'line',
    title: `Detection and mistakes: ${scenario}`,
    summary: `Mistakes per hour over the p99 of the detection time, ${scenario}: ${series.map(({ label }) => label).join(', ')}. The table has the figures.`,
    x: { label: 'detection p99, milliseconds', scale: 'log' },
    y: { label: 'mistakes per hour', scale: 'log' },
    series,
  };
}

function isReached(ms: number | null): ms is number {
  return ms !== null && Number.isFinite(ms);
}

function reached(ms: number | null): string {
  return isReached(ms) ? duration(ms) : 'never';
}
