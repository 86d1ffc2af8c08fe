import { decadeOf } from './decimal-logarithm.ts';

/** No line ends between the digits of a number, or between it and its unit. */
const thin = '\u202F';
const noBreak = '\u00A0';

/** Whether something happened at all: in JSON what never did is null. */
export function isReached(ms: number | null): ms is number {
  return ms !== null && Number.isFinite(ms);
}

/** Three significant digits; thousands apart. */
export function figure(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const size = decadeOf(Math.abs(value));
  const places = Math.max(0, digits - 1 - size);
  if (places > 0) return grouped(value.toFixed(Math.min(places, 12)));
  const unit = 10 ** (size - digits + 1);
  return grouped(String(Math.round(value / unit) * unit));
}

/** A whole number, thousands apart. */
export function whole(value: number): string {
  return grouped(String(Math.round(value)));
}

/** At most so many places, and none that say nothing. */
export function plain(value: number, places = 2): string {
  if (!Number.isFinite(value)) return '–';
  const scale = 10 ** places;
  return grouped(String(Math.round(value * scale) / scale));
}

/** A time in the unit that suits it. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  if (ms === 0) return `0${noBreak}ms`;
  if (Math.abs(ms) < 0.1) return `${figure(ms * 1000)}${noBreak}µs`;
  if (Math.abs(ms) >= 10_000) return `${figure(ms / 1000)}${noBreak}s`;
  return `${figure(ms)}${noBreak}ms`;
}

/** Milliseconds that are exact, or nearly: as many places as say something. */
export function exactMs(ms: number, places = 2): string {
  return `${plain(ms, places)}${noBreak}ms`;
}

/** Operations per second. */
export function rate(perSecond: number): string {
  return `${figure(perSecond)}/s`;
}

/** Bytes with a decimal prefix, or a binary one where that is exact. */
export function byteSize(bytes: number): string {
  if (!Number.isFinite(bytes)) return '–';
  if (bytes >= 2 ** 30 && bytes % 2 ** 30 === 0) return `${whole(bytes / 2 ** 30)}${noBreak}GiB`;
  if (bytes >= 1024 && bytes < 2 ** 20 && (bytes & (bytes - 1)) === 0) return `${whole(bytes / 1024)}${noBreak}KiB`;
  if (bytes < 10_000) return `${plain(bytes, 1)}${noBreak}B`;
  const [scale, unit] = bytes >= 1e9 ? [1e9, 'GB'] : bytes >= 1e6 ? [1e6, 'MB'] : [1e3, 'kB'];
  return `${figure(bytes / scale)}${noBreak}${unit}`;
}

/** A share as a percentage. */
export function percentage(share: number): string {
  if (!Number.isFinite(share)) return '–';
  const value = share * 100;
  if (value > 0 && value < 0.01) return `<${noBreak}0.01${noBreak}%`;
  return `${plain(value, Math.abs(value) >= 10 ? 0 : Math.abs(value) >= 1 ? 1 : 2)}${noBreak}%`;
}

/** A ratio. */
export function ratioText(value: number): string {
  return Number.isFinite(value) ? value.toFixed(2) : '–';
}

/** An interval. */
export function interval(low: string, high: string): string {
  return `${low}–${high}`;
}

/** One, or several: `1 round`, `3 rounds`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${whole(count)} ${count === 1 ? one : several}`;
}

/** As a sentence or a label begins. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** As a sentence lists them: `a, b and c`. */
export function listed(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

function grouped(text: string): string {
  const [integer = '', fraction] = text.split('.');
  const isLong = integer.replace('-', '').length > 4;
  const parts = isLong ? integer.replaceAll(/\B(?=(\d{3})+$)/g, thin) : integer;
  return fraction === undefined ? parts : `${parts}.${fraction}`;
}
