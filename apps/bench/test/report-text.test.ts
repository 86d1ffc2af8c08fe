import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { markdownReport } from '../src/report/markdown.ts';
import { reportDocument } from '../src/report/report-document.ts';
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
