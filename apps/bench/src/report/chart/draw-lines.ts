import { axisScale } from './axis-scale.ts';
import type { AxisScale } from './axis-scale.ts';
import type { LineChart, LineSeries, Point } from './chart.ts';
import { coordinate, element, picture, slotClass, words } from './svg.ts';

const height = 250;
const left = 44;
const right = 348;
const top = 24;
const bottom = 208;

/** Lines over a grid. */
export function drawLines(chart: LineChart): string {
  const points = chart.series.flatMap((series) => series.points);
  const x = axisScale(
    chart.x,
    points.map((point) => point.x),
  );
  const y = axisScale(
    chart.y,
    points.map((point) => point.y),
  );
  const parts = [
    words(chart.y.label, 2, 12, { class: 'axis' }),
    ...grid(x, y),
    words(chart.x.label, right, height - 6, { class: 'axis', 'text-anchor': 'end' }),
    ...chart.series.map((series) => drawSeries(series, x, y)),
  ];
  return picture(height, chart.summary, parts.join(''));
}

function grid(x: AxisScale, y: AxisScale): readonly string[] {
  const rows = y.ticks.map(({ at, text }) => {
    const place = rowOf(y, at);
    const line = element('line', { x1: left, x2: right, y1: place, y2: place, class: 'grid' });
    return line + words(text, left - 6, place + 3.5, { class: 'tick', 'text-anchor': 'end' });
  });
  const columns = x.ticks.map(({ at, text }) => {
    const place = columnOf(x, at);
    const line = element('line', { x1: place, x2: place, y1: bottom, y2: bottom + 4, class: 'edge' });
    const anchor = place > right - 14 ? 'end' : 'middle';
    return line + words(text, Math.min(place, right), bottom + 16, { class: 'tick', 'text-anchor': anchor });
  });
  return [...rows, ...columns, element('line', { x1: left, x2: right, y1: bottom, y2: bottom, class: 'edge' })];
}

function drawSeries({ points, slot, shape, unranked }: LineSeries, x: AxisScale, y: AxisScale): string {
  const look = lookOf(slot, shape, unranked);
  const placed = points.map((point) => ({ x: columnOf(x, point.x), y: rowOf(y, point.y) }));
  const dots = (some: readonly Point[]): string =>
    some.map((point) => element('circle', { cx: point.x, cy: point.y, r: 3, class: `dot ${look}` })).join('');
  const path = element('path', { d: shape === 'steps' ? steps(placed) : straight(placed), class: `line ${look}` });
  return path + (placed.length <= mostDots && shape === 'line' ? dots(placed) : '');
}

/** So few points are shown as what they are. */
const mostDots = 12;

function lookOf(slot: number, shape: LineSeries['shape'], unranked: boolean): string {
  return `${slotClass(slot)}${shape === 'faint' ? ' faint' : unranked ? ' unranked' : ''}`;
}

function straight(points: readonly Point[]): string {
  return points.map(({ x, y }, place) => `${place === 0 ? 'M' : 'L'}${coordinate(x)} ${coordinate(y)}`).join('');
}

function steps(points: readonly Point[]): string {
  return points
    .map(({ x, y }, place) => (place === 0 ? `M${coordinate(x)} ${coordinate(y)}` : `H${coordinate(x)}V${coordinate(y)}`))
    .join('');
}

function columnOf(scale: AxisScale, value: number): number {
  return left + scale.place(value) * (right - left);
}

function rowOf(scale: AxisScale, value: number): number {
  return bottom - scale.place(value) * (bottom - top);
}

/** A short piece of a series' line, for the list below a picture. */
export function lineSample({ points, slot, shape, unranked }: LineSeries): string {
  const look = lookOf(slot, shape, unranked);
  const line = element('path', { d: 'M1 6H29', class: `line ${look}` });
  const dot =
    shape !== 'line' || points.length > mostDots ? '' : element('circle', { cx: 15, cy: 6, r: 3, class: `dot ${look}` });
  return element('svg', { viewBox: '0 0 30 12', class: 'sample', 'aria-hidden': 'true', width: 30, height: 12 }, line + dot);
}
