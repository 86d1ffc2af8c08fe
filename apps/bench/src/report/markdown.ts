import { cellText } from './document.ts';
import type { Block, Cell, ReportDocument, Row, Section, Statement, Table } from './document.ts';

/** The report for a pull request: everything but the charts. Ends with a line feed. */
export function markdownReport({ title, subtitle, sections }: ReportDocument): string {
  const parts = [`# ${inline(title)}`, ...(subtitle === '' ? [] : [inline(subtitle)]), ...sections.flatMap(sectionParts)];
  return `${parts.join('\n\n')}\n`;
}

function sectionParts({ heading, blocks }: Section): readonly string[] {
  const parts = blocks.flatMap(blockParts);
  return parts.length === 0 ? [] : [`## ${inline(heading)}`, ...parts];
}

function blockParts(block: Block): readonly string[] {
  switch (block.kind) {
    case 'prose':
      return [inline(block.text)];
    case 'statements':
      return [block.items.map((item) => `- ${statement(item)}`).join('\n')];
    case 'table':
      return tableParts(block);
    case 'figures':
      return [];
    case 'checks':
      return [block.items.map(({ state, name, text }) => `- ${marks[state]} **${inline(name)}**: ${inline(text)}`).join('\n')];
    default:
      return [block.items.map(({ name, value }) => `- ${inline(name)}: ${inline(value)}`).join('\n')];
  }
}

const marks = { doubt: '⚠', unknown: '?', fine: '✓' } as const;

function statement({ weight, text, confidence }: Statement): string {
  if (weight === 'difference') return `**${inline(text)}** ${inline(confidence)}`;
  return weight === 'none' ? `${inline(text)} ${inline(confidence)}` : `_Not ranked:_ ${inline(text)} ${inline(confidence)}`;
}

function tableParts({ caption, columns, rows, detail }: Table): readonly string[] {
  if (rows.length === 0) return [];
  const head = [
    line(columns.map(({ name }) => inline(name))),
    line(columns.map(({ align }) => (align === 'right' ? '--:' : '---'))),
  ];
  const table = [...head, ...rows.map(rowLine)].join('\n');
  if (detail === true) return [`<details><summary>${inline(caption)}</summary>`, table, '</details>'];
  return [`**${inline(caption)}**`, table];
}

/** What is not ranked stands in parentheses: as text it must not look like the others. */
function rowLine({ cells, unranked }: Row): string {
  return line(cells.map((cell) => (unranked === true && cellText(cell) !== '' ? `(${cellOf(cell)})` : cellOf(cell))));
}

function cellOf(cell: Cell): string {
  if (typeof cell === 'string') return inline(cell);
  return cell.flag === 'deviates' ? `**${inline(cell.text)}**` : `(${inline(cell.text)})`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Text that stays text: no markup, no cell borders, no HTML, no lines of its own. */
function inline(text: string): string {
  return text
    .replaceAll(/\s*[\r\n]+\s*/g, ' ')
    .replaceAll(/[\\`*_[\]|~]/g, String.raw`\$&`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
