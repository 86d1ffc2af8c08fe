import type { TradeOffRow } from './trade-off.ts';

const columns: readonly { readonly title: string; readonly text: (row: TradeOffRow) => string }[] = [
  { title: 'scenario', text: ({ scenario }) => scenario },
  { title: 'strategy', text: ({ strategy }) => strategy },
  { title: 'msg/s', text: ({ messagesPerSecond }) => number(messagesPerSecond, 1) },
  { title: 'T_D p50 ms', text: ({ detectionP50Ms }) => number(detectionP50Ms, 0) },
  { title: 'T_D p99 ms', text: ({ detectionP99Ms }) => number(detectionP99Ms, 0) },
  { title: 'mistakes/h', text: ({ mistakesPerHour }) => number(mistakesPerHour, 2) },
  { title: 'T_M ms', text: ({ mistakes, mistakeDurationMs }) => (mistakes === 0 ? '-' : number(mistakeDurationMs, 0)) },
  { title: 'P_A', text: ({ accuracy }) => number(accuracy, 6) },
];
const namedColumns = 2;

/** The rows as a table of plain text, one line each, without a line feed at the end. `never`: not within the trace. */
export function formatTradeOff(rows: readonly TradeOffRow[]): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ text }) => text(row)))];
  const widths = columns.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const lines = cells.map((line) =>
    line
      .map((cell, column) => pad(cell, column, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return lines.join('\n');
}

function pad(cell: string, column: number, width: number): string {
  return column < namedColumns ? cell.padEnd(width) : cell.padStart(width);
}

function number(value: number, digits: number): string {
  if (Number.isNaN(value)) return '-';
  return value === Infinity ? 'never' : value.toFixed(digits);
}
