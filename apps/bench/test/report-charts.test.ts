import { describe, expect, test } from 'vitest';
import { axisScale } from '../src/report/chart/axis-scale.ts';
import type { LineChart } from '../src/report/chart/chart.ts';
import { drawIntervals } from '../src/report/chart/draw-intervals.ts';
import { drawLines } from '../src/report/chart/draw-lines.ts';
import { drawStacks, partNames } from '../src/report/chart/draw-stacks.ts';
import { byteSize, duration, figure, listed, percentage, plain, rate } from '../src/report/figures.ts';
import { cumulative } from '../src/report/sections/failover.ts';

describe('an axis', () => {
  test('begins at 0 and ends at a round mark', () => {
    const { ticks, place } = axisScale({ label: '', scale: 'linear' }, [3, 38_400]);
    expect(ticks.map(({ text }) => text)).toEqual(['0', '10 k', '20 k', '30 k', '40 k']);
    expect([place(0), place(20_000), place(40_000), place(50_000)]).toEqual([0, 0.5, 1, 1]);
  });

  test.each([
    { values: [0.3, 7], marks: ['0.3', '1', '3', '10'] },
    { values: [0.6, 3.5], marks: ['0.5', '1', '2', '5'] },
    { values: [0.02, 900], marks: ['0.01', '0.1', '1', '10', '100', '1000'] },
    { values: [5], marks: ['5'] },
  ])('of powers ends at round marks on both sides: $marks', ({ values, marks }) => {
    const { ticks, place } = axisScale({ label: '', scale: 'log' }, values);
    expect(ticks.map(({ text }) => text)).toEqual(marks);
    expect(place(ticks[0]?.at ?? 0)).toBeCloseTo(0);
    if (marks.length > 1) expect(place(ticks.at(-1)?.at ?? 0)).toBeCloseTo(1);
  });

  test.each(['linear', 'log'] as const)('without values is empty, and no trouble (%s)', (scale) => {
    const { place } = axisScale({ label: '', scale }, []);
    expect([place(1), place(Number.NaN), place(0)].every((one) => Number.isFinite(one) || scale === 'linear')).toBe(true);
  });
});

describe('a drawing', () => {
  const chart: LineChart = {
    kind: 'line',
    title: 'title',
    summary: 'what "it" shows',
    x: { label: 'x', scale: 'linear' },
    y: { label: 'y', scale: 'linear' },
    series: [
      { label: 'a', slot: 0, points: cumulative([1, 2, 2, 5]), shape: 'steps', unranked: false },
      { label: 'b', slot: 9, points: [{ x: 0, y: Number.NaN }], shape: 'line', unranked: true },
    ],
  };

  test('steps up at each value and holds until the next', () => {
    expect(cumulative([5, 1, 2, 2])).toEqual([
      { x: 1, y: 0 },
      { x: 1, y: 0.25 },
      { x: 2, y: 0.5 },
      { x: 2, y: 0.75 },
      { x: 5, y: 1 },
    ]);
    expect(drawLines(chart)).toMatch(/d="M[\d. ]+(H[\d.]+V[\d.]+){4}"/);
  });

  test('says in words what it shows, and never NaN', () => {
    const svg = drawLines(chart);
    expect(svg).toContain('role="img" aria-label="what &#34;it&#34; shows"');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    // Slot 9 looks like slot 1, and is not ranked.
    expect(svg).toContain('class="line s1 unranked"');
  });

  test('keeps the looks of parts over all rows', () => {
    const row = (label: string, names: readonly string[]): Parameters<typeof drawStacks>[0]['rows'][number] => ({
      label,
      text: '',
      parts: names.map((name) => ({ name, value: 1 })),
      unranked: false,
    });
    const stack = {
      kind: 'stack' as const,
      title: '',
      summary: '',
      axis: { label: '', scale: 'linear' as const },
      rows: [row('one', ['a', 'b']), row('two', ['b', 'c'])],
    };
    expect(partNames(stack)).toEqual(['a', 'b', 'c']);
    expect([...drawStacks(stack).matchAll(/class="part (p\d)"/g)].map(([, look]) => look)).toEqual(['p0', 'p1', 'p1', 'p2']);
  });

  test('draws what is not ranked hollow and in another hand', () => {
    const row = { label: 'a', slot: 2, median: 5, low: 4, high: 6, text: '5', unranked: true };
    const svg = drawIntervals({ kind: 'interval', title: '', summary: '', axis: { label: '', scale: 'linear' }, rows: [row] });
    expect(svg).toContain('class="dot s2 unranked"');
    expect(svg).toContain('class="label unranked"');
  });
});

describe('figures', () => {
  test.each([
    [figure(0.000_123_4), '0.000123'],
    [figure(0.5), '0.500'],
    [figure(38_412), '38\u202F400'],
    [figure(9999), '10\u202F000'],
    [figure(0), '0'],
    [figure(Number.NaN), '–'],
    [plain(1.5), '1.5'],
    [plain(2), '2'],
    [duration(0.0123), '12.3\u00A0µs'],
    [duration(1.5), '1.50\u00A0ms'],
    [duration(12_345), '12.3\u00A0s'],
    [rate(38_412), '38\u202F400/s'],
    [byteSize(566), '566\u00A0B'],
    [byteSize(4096), '4\u00A0KiB'],
    [byteSize(256_000), '256\u00A0kB'],
    [byteSize(8_589_934_592), '8\u00A0GiB'],
    [percentage(0.05), '5\u00A0%'],
    [percentage(0.123), '12\u00A0%'],
    [percentage(0.000_001), '<\u00A00.01\u00A0%'],
    [percentage(0), '0\u00A0%'],
    [listed(['a', 'b', 'c']), 'a, b and c'],
  ])('%s', (text, wanted) => {
    expect(text).toBe(wanted);
  });
});
