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
      return block.detail === true || block.pageOnly === true || block.rows.length === 0 ? [] : [tableText(block, width)];
    case 'checks': {
      const doubts = block.items.filter(({ state }) => state === 'doubt');
      return doubts.length === 0
        ? ['Nothing was found.']
        : [doubts.map(({ name, text }) => wrapped(`! ${name}: ${text}`, width, '  ')).join('\n')];
    }
    default:
      return [];
  }
}

function statement({ weight, text, confidence }: Statement): string {
  const mark = { difference: '*', none: '=', unranked: '?' }[weight];
  return `${mark} ${text} ${confidence}`;
}

/** Columns as wide as their widest cell; those that do not fit go below, in groups that repeat what a row is called. */
function tableText({ caption, columns: given, rows, keys = 1 }: Table, width: number): string {
  const columns = given.map((column) => ({ ...column, name: clean(column.name) }));
  const texts = rows.map((row) => columns.map((_, place) => rowCell(row, place)));
  const widths = columns.map(({ name }, place) => Math.max(length(name), ...texts.map((cells) => length(cells[place] ?? ''))));
  const shown = columns.map((_, place) => place).filter((place) => texts.some((cells) => (cells[place] ?? '') !== ''));
  const lines = chunks(shown, widths, width, keyPlaces(columns, keys)).map((places) =>
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

/** The columns that every group of columns begins with. */
function keyPlaces(columns: readonly Column[], keys: number): readonly number[] {
  const first = columns.findIndex(({ name, align }) => align === 'left' && name !== 'place');
  return first < 0 ? [] : Array.from({ length: keys }, (_, place) => first + place);
}

function chunks(
  shown: readonly number[],
  widths: readonly number[],
  width: number,
  keys: readonly number[],
): readonly (readonly number[])[] {
  const groups: number[][] = [];
  const widthOf = (places: readonly number[]): number => places.reduce((sum, place) => sum + (widths[place] ?? 0) + 2, 0);
  let group: number[] = [];
  for (const place of shown) {
    if (group.some((one) => !keys.includes(one)) && widthOf([...group, place]) > width + 2) {
      groups.push(group);
      group = [...keys];
    }
    group.push(place);
  }
  return [...groups, group];
}

/** What is not ranked stands in parentheses. */
function rowCell({ cells, unranked }: Row, place: number): string {
  const cell = cells[place];
  const text = cell === undefined ? '' : clean(cellText(cell));
  const isUnsure = unranked === true || (typeof cell === 'object' && cell.flag === 'unranked');
  return isUnsure && text !== '' ? `(${text})` : text;
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
  const signs = Array.from(line);
  return signs.length <= width ? line : `${signs.slice(0, width - 1).join('')}…`;
}

function length(text: string): number {
  return Array.from(text).length;
}

/** A result may come from anywhere: nothing in it may steer a terminal. */
function clean(text: string): string {
  return text.replaceAll(controls, ' ');
}

// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u001F\u007F-\u009F]/g;
