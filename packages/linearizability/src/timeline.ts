import type { PartitionReport } from './check.ts';
import type { Model, State } from './model.ts';
import { isUnknown, type Operation } from './operation.ts';
import { timelineStyle } from './timeline-style.ts';

const characterWidth = 7.3;
const rowHeight = 52;
const barHeight = 14;
const margin = 90;
const smallestStep = 18;
const maxLabel = 60;

type Report<S extends State, I, O> = PartitionReport<S, I, O>;

/**
 * A self-contained HTML page, without scripts or network, that draws one timeline for each report: a row for each process, a bar from call
 * to return, the number of each operation in the linearization, and what could not be placed. Only the order of events is
 * to scale. Everything that comes from the history is escaped.
 */
export function renderTimeline<S extends State, I, O>(
  model: Model<S, I, O>,
  reports: readonly Report<S, I, O>[],
  title = 'History',
): string {
  const sections = reports.map((report) => section(model, report));
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escape(title)}</title>`,
    `<style>${timelineStyle}</style></head><body>`,
    `<h1>${escape(title)}</h1>`,
    '<p class="legend"><span class="placed">placed, with its number in the order</span> <span class="stuck">cannot be placed</span>',
    '<span class="left">not reached</span> <span class="open">outcome unknown: open to the right</span></p>',
    ...sections,
    '</body></html>',
    '',
  ].join('\n');
}

function section<S extends State, I, O>(model: Model<S, I, O>, report: Report<S, I, O>): string {
  const { partition, verdict, linearization } = report;
  const heading = `<h2>${escape(partition.name)}: <span class="${verdict}">${verdict}</span></h2>`;
  const known = partition.operations.filter((operation) => !isUnknown(operation)).length;
  const reached = linearization.filter((operation) => !isUnknown(operation)).length;
  const text = `${partition.operations.length} operations of the model ${model.name}; ${reached} of the ${known} that returned are placed.`;
  return [`<section>${heading}`, `<p>${escape(text)}</p>`, drawing(model, report), '</section>'].join('\n');
}

function drawing<S extends State, I, O>(model: Model<S, I, O>, report: Report<S, I, O>): string {
  const { operations } = report.partition;
  const label = (operation: Operation<I, O>): string => shorten(model.describeOperation(operation.input, operation.output));
  const columns = columnsOf(operations, (operation) => (label(operation).length + 3) * characterWidth);
  const processes = [...new Set(operations.map(({ process }) => process))].sort((a, b) => a - b);
  const rows = new Map(processes.map((process, row) => [process, row]));
  const places = new Map(report.linearization.map((operation, place) => [operation, place + 1]));
  const height = processes.length * rowHeight + 20;
  const lines = processes.map((process, row) => {
    const y = row * rowHeight + 36;
    return `<line class="row" x1="${margin}" y1="${y}" x2="${columns.end}" y2="${y}"/><text class="process" x="8" y="${y + 4}">process ${process}</text>`;
  });
  const bars = operations.map((operation) => {
    const x = columns.at(operation.call);
    const width = columns.at(operation.return) - x;
    const y = (rows.get(operation.process) ?? 0) * rowHeight + 36;
    const place = places.get(operation);
    const state = operation === report.stuck ? 'stuck' : place === undefined ? 'left' : 'placed';
    const mark = operation === report.stuck ? '✗' : place === undefined ? '–' : String(place);
    return [
      `<g class="${state}${isUnknown(operation) ? ' open' : ''}"><title>${escape(fullText(model, operation))}</title>`,
      `<rect x="${x}" y="${y - barHeight / 2}" width="${width}" height="${barHeight}" rx="3"/>`,
      `<text x="${x + 4}" y="${y - barHeight / 2 - 5}">${escape(`${mark}  ${label(operation)}`)}</text></g>`,
    ].join('');
  });
  const size = `width="${columns.end + 20}" height="${height}" viewBox="0 0 ${columns.end + 20} ${height}"`;
  return `<div class="scroll"><svg role="img" aria-label="timeline" ${size}>\n${[...lines, ...bars].join('\n')}\n</svg></div>`;
}

interface Columns {
  readonly end: number;
  at(time: number): number;
}

/** A place from left to right for each moment, so that every bar is as wide as its label. */
function columnsOf<I, O>(operations: readonly Operation<I, O>[], widthOf: (operation: Operation<I, O>) => number): Columns {
  const times = [...new Set(operations.flatMap((operation) => [operation.call, operation.return]))];
  times.sort((a, b) => a - b);
  const ending = new Map<number, Operation<I, O>[]>();
  for (const operation of operations) {
    const list = ending.get(operation.return);
    if (list === undefined) ending.set(operation.return, [operation]);
    else list.push(operation);
  }
  const places = new Map<number, number>();
  let last = margin - smallestStep;
  for (const time of times) {
    last += smallestStep;
    for (const operation of ending.get(time) ?? []) last = Math.max(last, (places.get(operation.call) ?? 0) + widthOf(operation));
    last = Math.ceil(last);
    places.set(time, last);
  }
  return { end: last, at: (time) => places.get(time) ?? last };
}

function fullText<S extends State, I, O>(model: Model<S, I, O>, operation: Operation<I, O>): string {
  const time = `${operation.call} to ${isUnknown(operation) ? 'unknown' : operation.return}`;
  const note = operation.note === undefined ? '' : `, ${operation.note}`;
  return `${model.describeOperation(operation.input, operation.output)} (process ${operation.process}, ${time}${note})`;
}

function shorten(text: string): string {
  const characters = Array.from(text);
  return characters.length <= maxLabel ? text : `${characters.slice(0, maxLabel - 1).join('')}…`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Control characters too: they have no place in a page. */
function escape(text: string): string {
  return Array.from(
    text.replaceAll(/[&<>"']/g, (character) => entities[character] as string),
    visible,
  ).join('');
}

function visible(character: string): string {
  const code = character.codePointAt(0) as number;
  return code < 32 || (code >= 0x7f && code < 0xa0) ? '�' : character;
}
