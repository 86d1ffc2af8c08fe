import { describe, expect, test } from 'vitest';
import { checkHistory, kvModel, renderTimeline } from '../src/index.ts';
import { get, type KvOperation, put } from './operations.ts';

const nasty = `</title><script>alert("1")</script>&'\u0007`;

function pageOf(operations: readonly KvOperation[], title?: string): string {
  return renderTimeline(kvModel(), checkHistory(kvModel(), operations).partitions, title);
}

/** The classes of the bars, in the order of the operations, with the label of each. */
function barsOf(page: string): readonly string[] {
  return Array.from(
    page.matchAll(/<g class="([^"]*)">.*?<text [^>]*>([^<]*)<\/text><\/g>/g),
    ([, kind, label]) => `${kind}: ${label}`,
  );
}

describe('a timeline', () => {
  test('shows the order that was found, what is stuck, what was not reached, and what is open', () => {
    const page = pageOf([
      put([1, 1, 2], 'x', 'a'),
      put([2, 3], 'x', 'z'),
      put([1, 3, 4], 'x', 'b'),
      get([3, 5, 6], 'x', 'a'),
      get([3, 7, 8], 'x', 'b'),
    ]);
    expect(barsOf(page)).toEqual([
      'placed: 1  put x &quot;a&quot;',
      'left open: –  put x &quot;z&quot; → ?',
      'placed: 2  put x &quot;b&quot;',
      'stuck: ✗  get x → &quot;a&quot;',
      'left: –  get x → &quot;b&quot;',
    ]);
    expect(page).toContain('2 of the 4 that returned are placed');
  });

  test('has one row for each process and one drawing for each partition', () => {
    const page = pageOf([put([1, 1, 2], 'x', 'a'), put([7, 1, 2], 'x', 'b'), put([3, 1, 2], 'y', 'c')]);
    expect(page.match(/>process \d+</g)).toEqual(['>process 1<', '>process 7<', '>process 3<']);
    expect(page.match(/<svg/g)).toHaveLength(2);
  });

  test('makes every bar as wide as its label', () => {
    const page = pageOf([put([1, 1, 2], 'x', 'a'.repeat(40)), get([1, 3, 4], 'x', 'a'.repeat(40))]);
    const bars = Array.from(page.matchAll(/<rect x="(\d+)" y="[\d.]+" width="(\d+)"/g), ([, x, width]) => [
      Number(x),
      Number(width),
    ]);
    const [[firstX = 0, firstWidth = 0] = [], [secondX = 0] = []] = bars;
    expect(firstWidth).toBeGreaterThan(300);
    expect(secondX).toBeGreaterThan(firstX + firstWidth);
  });

  test('escapes what comes from the history, and needs neither scripts nor a network', () => {
    const page = pageOf([{ ...put([1, 1, 2], nasty, nasty), note: nasty }], nasty);
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;alert(');
    expect(page).not.toContain('\u0007');
    expect(page).not.toMatch(/(src|href|url)\s*[=(]/);
    const tags = new Set(Array.from(page.matchAll(/<\/?([a-z0-9]+)/g), ([, tag]) => tag));
    expect([...tags].sort()).toEqual([
      'body',
      'div',
      'g',
      'h1',
      'h2',
      'head',
      'html',
      'line',
      'meta',
      'p',
      'rect',
      'section',
      'span',
      'style',
      'svg',
      'text',
      'title',
    ]);
  });

  test('knows light and dark screens', () => {
    expect(pageOf([])).toContain('prefers-color-scheme: dark');
  });

  test('is the same for the same history', () => {
    const operations = [put([1, 1, 2], 'x', 'a'), get([2, 1, 2], 'x', null)];
    expect(pageOf(operations)).toBe(pageOf(operations));
  });
});
