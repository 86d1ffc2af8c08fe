import { escaped } from '../html/escape.ts';

/** An element with attributes. `inside` is markup already. */
export function element(name: string, attributes: Readonly<Record<string, string | number>>, inside = ''): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${typeof value === 'number' ? coordinate(value) : escaped(value)}"`,
  );
  return inside === '' ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${inside}</${name}>`;
}

/** Words at a place. */
export function words(text: string, x: number, y: number, more: Readonly<Record<string, string | number>> = {}): string {
  return element('text', { x, y, ...more }, escaped(text));
}

/** A tenth of a unit is finer than any screen. */
export function coordinate(value: number): string {
  return Number.isFinite(value) ? String(Math.round(value * 10) / 10) : '0';
}

/** The picture as a whole: it scales with the page, and says what it shows. */
export function picture(height: number, summary: string, inside: string): string {
  const box = { viewBox: `0 0 ${pictureWidth} ${coordinate(height)}`, role: 'img', 'aria-label': summary };
  return element('svg', { xmlns: 'http://www.w3.org/2000/svg', class: 'chart', ...box }, inside);
}

/** Drawn for a phone: on a wide page two of them stand beside each other. */
export const pictureWidth = 360;

/** How many looks there are; a report with more systems repeats the colours with other dashes. */
const looks = 8;

/** The class that gives a series its colour and dashes. */
export function slotClass(slot: number): string {
  return `s${slot % looks}`;
}
