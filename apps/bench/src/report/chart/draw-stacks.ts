import { axisScale } from './axis-scale.ts';
import type { StackChart, StackRow } from './chart.ts';
import { element, picture, words } from './svg.ts';

const left = 6;
const right = 346;
const top = 8;
const rowHeight = 38;
const barHeight = 13;
/** Four hues, dark and light; the light ones are hatched as well. */
const shades = 8;

/** Bars of parts. */
export function drawStacks(chart: StackChart): string {
  const names = partNames(chart);
  const sums = chart.rows.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0));
  const scale = axisScale(chart.axis, [0, ...sums]);
  const bottom = top + chart.rows.length * rowHeight;
  const marks = scale.ticks.map(({ at, text }) => {
    const x = left + scale.place(at) * (right - left);
    const anchor = x > right - 12 ? 'end' : x < left + 12 ? 'start' : 'middle';
    const line = element('line', { x1: x, x2: x, y1: top, y2: bottom, class: 'grid' });
    return line + words(text, x, bottom + 14, { class: 'tick', 'text-anchor': anchor });
  });
  const rows = chart.rows.map((row, place) => {
    const y = top + place * rowHeight;
    let sum = 0;
    const bars = row.parts.map(({ name, value }) => {
      const from = scale.place(sum) * (right - left);
      sum += value;
      const width = scale.place(sum) * (right - left) - from;
      return bar({ x: left + from, y: y + 19, width }, names.indexOf(name), row.unranked);
    });
    return rowWords(row, y) + bars.join('');
  });
  const label = words(chart.axis.label, right, bottom + 30, { class: 'axis', 'text-anchor': 'end' });
  return picture(bottom + 36, chart.summary, [...marks, ...rows, label].join(''));
}

/** All parts that occur, in the order in which they first do. */
export function partNames({ rows }: StackChart): readonly string[] {
  return [...new Set(rows.flatMap(({ parts }) => parts.map(({ name }) => name)))];
}

/** A piece of a part's bar, for the list below a picture. */
export function partSample(place: number): string {
  const size = { viewBox: `0 0 22 ${barHeight}`, width: 22, height: barHeight };
  return element('svg', { ...size, class: 'sample', 'aria-hidden': 'true' }, bar({ x: 0, y: 0, width: 22 }, place, false));
}

function rowWords({ label, text, unranked }: StackRow, y: number): string {
  const look = unranked ? ' unranked' : '';
  const ending = { class: `value${look}`, 'text-anchor': 'end' };
  return words(label, left, y + 13, { class: `label${look}` }) + words(text, right, y + 13, ending);
}

function bar(
  { x, y, width }: { readonly x: number; readonly y: number; readonly width: number },
  place: number,
  unranked: boolean,
): string {
  const box = { x, y, width, height: barHeight };
  const filled = element('rect', { ...box, class: `part p${place % shades}${unranked ? ' unranked' : ''}` });
  return place % 2 === 1 ? filled + element('rect', { ...box, class: 'hatch', fill: 'url(#hatch)' }) : filled;
}
