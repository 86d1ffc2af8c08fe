import type { SourceFile } from './source-file.ts';

/** The cores whose traces stand side by side, in the order of the columns. */
const columns = [
  { core: 'raft', title: 'Raft' },
  { core: 'multi-paxos', title: 'Multi-Paxos' },
  { core: 'zab', title: 'ZAB' },
] as const;

/** One scenario that every core plays: its file is `g<number>-<name>.txt` in the core's `test/golden`. */
interface Scenario {
  readonly number: number;
  readonly name: string;
}

const place = /^packages\/(?<core>[^/]+)\/test\/golden\/g(?<number>\d+)-(?<name>[^/]+)\.txt$/u;

/**
 * "What each protocol does when…": a row for each scenario that all cores play under one file name, a column for each core. A cell is what
 * the trace's own first comment tells its reader to look for, so the table says nothing that a trace does not show.
 */
export function goldenTable(files: readonly SourceFile[]): string {
  const traces = new Map(files.filter(({ path }) => place.test(path)).map(({ path, text }) => [path, text]));
  const rows = scenariosOf([...traces.keys()]).map(({ number, name }) => [
    `G${number}, ${name.replaceAll('-', ' ')}`,
    ...columns.map(({ core }) => {
      const path = pathOf(core, number, name);
      return `${lookFor(traces.get(path) ?? '', path)} ([trace](${path}))`;
    }),
  ]);
  const head = ['when…', ...columns.map(({ title }) => title)];
  const widths = head.map((cell, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? cell).length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** The scenarios that every core has a trace of. */
function scenariosOf(paths: readonly string[]): readonly Scenario[] {
  const first = paths.flatMap((path) => {
    const { core, number, name } = place.exec(path)?.groups ?? {};
    return core === columns[0].core && name !== undefined ? [{ number: Number(number), name }] : [];
  });
  return first
    .filter(({ number, name }) => columns.every(({ core }) => paths.includes(pathOf(core, number, name))))
    .toSorted((a, b) => a.number - b.number);
}

function pathOf(core: string, number: number, name: string): string {
  return `packages/${core}/test/golden/g${number}-${name}.txt`;
}

// The first comment of a trace, from "Look for:" to its end.
function lookFor(text: string, path: string): string {
  const lines = text.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('#'));
  const comment = lines
    .slice(0, end)
    .map((line) => line.replace(/^#\s*/u, ''))
    .join(' ');
  const found = /Look for: (?<what>.+)$/u.exec(comment)?.groups?.['what'];
  if (found === undefined) throw new Error(`${path}: its first comment does not say "Look for: …"`);
  return `${found.charAt(0).toUpperCase()}${found.slice(1)}`.replaceAll('|', '\\|');
}
