import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { markdownReport } from '../src/report/markdown.ts';
import { reportDocument } from '../src/report/report-document.ts';
import { cellText } from '../src/report/document.ts';
import { figure } from '../src/report/figures.ts';
import { summaryDocument } from '../src/report/summary.ts';
import { terminalReport } from '../src/report/terminal.ts';
import type { BenchResult } from '../src/result/bench-result.ts';
import { sampleDetectors } from './fixtures/sample-detectors.ts';
import { sampleResult } from './fixtures/sample-result.ts';
import { smallComparison } from './fixtures/small-comparison.ts';

const tiny = JSON.parse(readFileSync(new URL('fixtures/tiny-result.json', import.meta.url), 'utf8')) as BenchResult;
const tinyDocument = reportDocument({ measured: tiny });

describe('as Markdown', () => {
  test('a result looks like this', async () => {
    await expect(markdownReport(tinyDocument)).toMatchFileSnapshot('golden/tiny-result.md');
  });

  // Made anew: on every machine and in every year, seed 1 gives these figures.
  test('a comparison in virtual time looks like this', { timeout: 120_000 }, async () => {
    await expect(markdownReport(reportDocument({ simulated: smallComparison(1) }))).toMatchFileSnapshot('golden/simulated.md');
  });

  test('names stay text: no markup, no cells, no HTML', () => {
    const text = markdownReport({
      title: '# a *b* | c',
      subtitle: '<script>alert(1)</script>',
      sections: [
        {
          id: 'x',
          heading: '[link](http://example.org)',
          brief: true,
          blocks: [{ kind: 'table', caption: 'c', columns: [{ name: 'n', align: 'left' }], rows: [{ cells: ['a|b\nc`d`'] }] }],
        },
      ],
    });
    expect(text).toContain(String.raw`# # a \*b\* \| c`);
    expect(text).toContain('&lt;script&gt;');
    expect(text).not.toMatch(/(?<!\\)\]\(/);
    expect(text).toContain(String.raw`| a\|b c\`d\` |`);
  });

  test('what is not ranked stands in parentheses, and has no place', () => {
    const line = markdownReport(tinyDocument)
      .split('\n')
      .find((one) => one.includes('not ranked: not steady'));
    expect(line).toMatch(/^\| \(–\) \| \(Multi-Paxos, not ranked: not steady\) \| \(29\u202F000\/s\)/);
  });
});

describe('in a terminal', () => {
  test('a result looks like this', async () => {
    await expect(terminalReport(tinyDocument, 100)).toMatchFileSnapshot('golden/tiny-result.terminal.txt');
  });

  test('a summary looks like this', async () => {
    const text = terminalReport(summaryDocument(sampleResult()), 100);
    await expect(text).toMatchFileSnapshot('golden/summary.terminal.txt');
  });

  test('a summary ranks nothing that no interval separates, and says how many rounds are too few', () => {
    const { repeats, ...settings } = tiny.settings;
    const say = (count: number): string =>
      terminalReport(summaryDocument({ ...tiny, groups: [], failovers: [], settings: { ...settings, repeats: count } }), 200);
    expect(repeats).toBeGreaterThan(2);
    expect(say(2)).toContain('Nothing is ranked: 2 rounds say too little.');
    expect(say(3)).toContain('Nothing is ranked: no difference is separated by its interval.');
    expect(say(3)).not.toContain('* ');
  });

  test('a pair of a lock is two commits: what it costs is halved, and what is reached doubled', () => {
    const [cell] = tiny.cells;
    if (cell?.cost === undefined) throw new Error('there is a cell with its cost');
    const lock = { ...cell, system: { ...cell.system, service: 'lock' as const }, workload: { ...cell.workload, name: 'lock' } };
    const figures = (one: typeof cell): readonly string[] => {
      const [table] = summaryDocument({ ...tiny, cells: [one] }).sections[0]?.blocks ?? [];
      return table?.kind === 'table' ? (table.rows[0]?.cells.map(cellText) ?? []) : [];
    };
    const [, , commits, p50, , messages] = figures(lock);
    const [, , commitsOfPut, p50OfPut] = figures(cell);
    expect([commits, p50]).toEqual([`${figure(cell.operationsPerSecond.median * 2)}/s`, p50OfPut]);
    expect(commitsOfPut).toBe(`${figure(cell.operationsPerSecond.median)}/s`);
    expect(messages).toBe(figure((cell.cost.messages ?? Number.NaN) / 2));
  });

  test.each([40, 80, 120])('no line is longer than %i columns', (width) => {
    const text = terminalReport(reportDocument({ measured: sampleResult(), detectors: sampleDetectors }), width);
    for (const line of text.split('\n')) expect(Array.from(line).length, line).toBeLessThanOrEqual(width);
  });

  test('a name cannot steer the terminal', () => {
    const [first, ...rest] = tiny.cells;
    if (first === undefined) throw new Error('there are cells');
    const system = { ...first.system, product: 'etcd' as const, label: 'evil\u001B[2J\u009B2J\rname' };
    const text = terminalReport(reportDocument({ measured: { ...tiny, cells: [{ ...first, system }, ...rest] } }), 100);
    expect(text).toContain('evil [2J 2J name');
    // oxlint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/);
  });

  test('a table that is too wide goes on below, with the names again', () => {
    const lines = terminalReport(tinyDocument, 60).split('\n');
    const heads = lines.filter((line) => /^(place +)?system /.test(line));
    // The first table: place to interval, then the rest, each behind the names.
    expect(heads[0]).toMatch(/^place +system +operations$/);
    expect(heads[1]).toMatch(/^system +95 % interval$/);
  });
});
