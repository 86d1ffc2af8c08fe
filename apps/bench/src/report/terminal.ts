import { cellText } from './document.ts';
import type { Block, Column, ReportDocument, Row, Section, Statement, Table } from './document.ts';

/** What stands at the end of a run: verdict, tables, doubts, in so many columns. Ends with a line feed. */
export function terminalReport({ sections }: ReportDocument, columnCount: number): string {
  const width = Math.max(40, columnCount);
  const parts = sections.filter(({ brief }) => brief).flatMap((section) => sectionParts(section, width));
  return `${parts.join('\n\n')}\n`;
}

function sectionParts({ heading, blocks }: Section, width: number): readonly string[] {
  const parts = blocks.flatMap((block) => blockParts(block, width));
  return parts.length === 0 ? [] : [clipped(clean(heading.toUpperCase()), width), ...parts];
}

function blockParts(block: Block, width: number): readonly string[] {
  switch (block.kind) {
    case 'prose':
      return [wrapped(block.text, width, '')];
    case 'statements':
      return [block.items.map((item) => wrapped(statement(item), width, '  ')).join('\n')];
    case 'table':
      return block.detail === true || block.rows.length === 0 ? [] : [tableText(block, width)];
    case 'checks': {
      const doubts = block.items.filter(({ state }) => state === 'doubt');
      return doubts.length === 0
        ? ['Nothing was found.']
        : [doubts.map(({ name, text }) => wrapped(`! ${name}: ${text}`, width, '  ')).join('\n')];
    }
    case 'figures':
    case 'facts':
      return [];
  }
}

function statement({ weight, text, confidence }: Statement): string {
  const mark = { difference: '*', none: '=', unranked: '?' }[weight];
  return `${mark} ${text} ${confidence}`;
}

/** Columns as wide as their widest cell; those that do not fit go below, in groups that repeat the first text column. */
function tableText({ caption, columns: given, rows }: Table, width: number): string {
  const columns = given.map((column) => ({ ...column, name: clean(column.name) }));
  const texts = rows.map((row) => columns.map((_, place) => rowCell(row, place)));
  const widths = columns.map(({ name }, place) => Math.max(length(name), ...texts.map((cells) => length(cells[place] ?? ''))));
  const shown = columns.map((_, place) => place).filter((place) => texts.some((cells) => (cells[place] ?? '') !== ''));
  const lines = chunks(shown, widths, width, columns).map((places) =>
    [columns.map(({ name }) => name), ...texts]
      .map((cells) =>
        places
          .map((place) => pad(cells[place] ?? '', widths[place] ?? 0, columns[place]?.align ?? 'left'))
          .join('  ')
          .trimEnd(),
      )
      .map((line) => clipped(line, width))
      .join('\n'),
  );
  return [clipped(clean(caption), width), ...lines].join('\n');
}

function chunks(
  shown: readonly number[],
  widths: readonly number[],
  width: number,
  columns: readonly Column[],
): readonly (readonly number[])[] {
  const groups: number[][] = [];
  const key = columns.findIndex(({ name, align }) => align === 'left' && name !== 'place');
  let group: number[] = [];
  let used = 0;
  for (const place of shown) {
    const own = (widths[place] ?? 0) + 2;
    if (group.length > 1 && used + own > width + 2) {
      groups.push(group);
      group = key < 0 ? [] : [key];
      used = key < 0 ? 0 : (widths[key] ?? 0) + 2;
    }
    group.push(place);
    used += own;
  }
  return [...groups, group];
}

/** What is not ranked stands in parentheses. */
function rowCell({ cells, unranked }: Row, place: number): string {
  const cell = cells[place];
  const text = cell === undefined ? '' : clean(cellText(cell));
  return unranked === true && text !== '' ? `(${text})` : text;
}

function pad(text: string, width: number, align: Column['align']): string {
  const space = ' '.repeat(Math.max(0, width - length(text)));
  return align === 'right' ? space + text : text + space;
}

function wrapped(text: string, width: number, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of clean(text).split(' ')) {
    const candidate = line === '' ? word : `${line} ${word}`;
    if (length(candidate) > width && line !== '') {
      lines.push(line);
      line = indent + word;
    } else line = candidate;
  }
  return [...lines, line].join('\n');
}

function clipped(line: string, width: number): string {
  const signs = [...line];
  return signs.length <= width ? line : `${signs.slice(0, width - 1).join('')}…`;
}

function length(text: string): number {
  return [...text].length;
}

/** A result may come from anywhere: nothing in it may steer a terminal. */
function clean(text: string): string {
  return text.replaceAll(controls, ' ');
}

// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u001F\u007F-\u009F]/g;
