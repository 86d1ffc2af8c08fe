import { axisScale } from './axis-scale.ts';
import type { AxisScale } from './axis-scale.ts';
import type { IntervalChart, IntervalRow } from './chart.ts';
import { element, picture, slotClass, words } from './svg.ts';

const left = 6;
const right = 346;
const top = 8;
const rowHeight = 38;

/** Each median as a dot on the bar of its confidence interval. */
export function drawIntervals(chart: IntervalChart): string {
  const scale = axisScale(
    chart.axis,
    chart.rows.flatMap(({ low, high, median }) => [low, high, median]),
  );
  const bottom = top + chart.rows.length * rowHeight;
  const marks = scale.ticks.map(({ at, text }) => {
    const x = placeOf(scale, at);
    const anchor = x > right - 12 ? 'end' : x < left + 12 ? 'start' : 'middle';
    const line = element('line', { x1: x, x2: x, y1: top, y2: bottom, class: 'grid' });
    return line + words(text, x, bottom + 14, { class: 'tick', 'text-anchor': anchor });
  });
  const rows = chart.rows.map((row, place) => drawRow(row, scale, top + place * rowHeight));
  const label = words(chart.axis.label, right, bottom + 30, { class: 'axis', 'text-anchor': 'end' });
  return picture(bottom + 36, chart.summary, [...marks, ...rows, label].join(''));
}

function drawRow({ label, slot, median, low, high, text, unranked }: IntervalRow, scale: AxisScale, y: number): string {
  const look = `${slotClass(slot)}${unranked ? ' unranked' : ''}`;
  const line = y + 26;
  const [from, to] = [placeOf(scale, low), placeOf(scale, high)];
  const whiskers = [from, to].map((x) => element('line', { x1: x, x2: x, y1: line - 5, y2: line + 5, class: `whisker ${look}` }));
  return [
    words(label, left, y + 13, { class: unranked ? 'label unranked' : 'label' }),
    words(text, right, y + 13, { class: unranked ? 'value unranked' : 'value', 'text-anchor': 'end' }),
    element('line', { x1: from, x2: to, y1: line, y2: line, class: `whisker ${look}` }),
    ...whiskers,
    element('circle', { cx: placeOf(scale, median), cy: line, r: 4.5, class: `dot ${look}` }),
  ].join('');
}

function placeOf(scale: AxisScale, value: number): number {
  return left + scale.place(value) * (right - left);
}
