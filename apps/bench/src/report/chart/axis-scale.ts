import { decadeOf, decimalLogarithm } from '../decimal-logarithm.ts';
import { plain } from '../figures.ts';
import type { Axis } from './chart.ts';

/** Where values stand along an edge. */
export interface AxisScale {
  /** From 0 at the beginning to 1 at the end. */
  readonly place: (value: number) => number;
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
}

/** A scale that has room for all values. */
export function axisScale(axis: Axis, values: readonly number[]): AxisScale {
  const usable = values.filter((value) => Number.isFinite(value) && (axis.scale === 'linear' || value > 0));
  return axis.scale === 'log' ? logScale(axis, usable) : linearScale(axis, usable);
}

function linearScale(axis: Axis, values: readonly number[]): AxisScale {
  const least = axis.least ?? Math.min(0, ...values);
  const widest = axis.most ?? Math.max(least, ...values);
  const step = niceStep((widest - least) / 4);
  const most = axis.most ?? (step > 0 ? least + Math.ceil((widest - least) / step - 1e-9) * step : least + 1);
  const span = most - least || 1;
  const count = step > 0 ? Math.floor((most - least) / step + 1e-9) : 0;
  const marks = Array.from({ length: count + 1 }, (_, place) => least + place * step);
  return {
    place: (value) => clamp((value - least) / span),
    ticks: axis.ticks ?? marks.map((at) => ({ at, text: tickText(at) })),
  };
}

function logScale(axis: Axis, values: readonly number[]): AxisScale {
  const least = axis.least ?? Math.min(...values, Number.MAX_VALUE);
  const most = axis.most ?? Math.max(...values, 0);
  if (!(least > 0) || !(most >= least) || least === Number.MAX_VALUE) return { place: () => 0, ticks: axis.ticks ?? [] };
  const raw = decimalLogarithm(most / least);
  const digits = raw > 3 ? [1] : raw > 1 ? [1, 3] : [1, 2, 5];
  const from = axis.least ?? floorMark(least, digits);
  const to = axis.most ?? ceilMark(most, digits);
  const span = decimalLogarithm(to) - decimalLogarithm(from) || 1;
  const marks: number[] = [];
  for (let power = decadeOf(from); power <= decadeOf(to) + 1; power++)
    for (const digit of digits) marks.push(Number(`${digit}e${power}`));
  const inside = marks.filter((mark) => mark >= from * (1 - 1e-9) && mark <= to * (1 + 1e-9));
  return {
    place: (value) =>
      Number.isFinite(value) ? clamp((decimalLogarithm(Math.max(value, from)) - decimalLogarithm(from)) / span) : 0,
    ticks: axis.ticks ?? inside.map((at) => ({ at, text: tickText(at) })),
  };
}

/** 1, 2 or 5 times a power of ten. */
function niceStep(rough: number): number {
  if (!(rough > 0)) return 0;
  const power = 10 ** decadeOf(rough);
  const digit = rough / power;
  return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}

function floorMark(value: number, digits: readonly number[]): number {
  const power = 10 ** decadeOf(value);
  const digit = digits.findLast((mark) => mark * power <= value * (1 + 1e-9)) ?? 1;
  return digit * power;
}

function ceilMark(value: number, digits: readonly number[]): number {
  const power = 10 ** decadeOf(value);
  const digit = digits.find((mark) => mark * power >= value * (1 - 1e-9)) ?? 10;
  return digit * power;
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}

function tickText(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${plain(value / 1e6)} M`;
  if (size >= 1e4) return `${plain(value / 1e3)} k`;
  return plain(value, size > 0 && size < 0.01 ? 4 : size < 1 ? 3 : 2);
}
