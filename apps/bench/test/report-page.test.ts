import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromiumPath, openChromium, skipReason } from '@quorate/chromium';
import type { OpenChromium } from '@quorate/chromium';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { htmlReport } from '../src/report/html/html-report.ts';
import { reportDocument } from '../src/report/report-document.ts';
import type { BenchResult } from '../src/result/bench-result.ts';
import { sampleDetectors } from './fixtures/sample-detectors.ts';
import { sampleResult } from './fixtures/sample-result.ts';
import { smallComparison } from './fixtures/small-comparison.ts';

const sources = { measured: sampleResult(), simulated: smallComparison(1), detectors: sampleDetectors };
const page = htmlReport(reportDocument(sources));

/** Text that would be much if it were markup: as name, label, text and warning. */
const evil = `</style></svg><script>document.title='taken'</script><img src=x onerror="document.title='taken'">"'\`&<!--`;

function hostileResult(): BenchResult {
  const replaced = JSON.stringify(sampleResult(), (key, value: unknown) =>
    typeof value === 'string' && ['label', 'text', 'cpuModel', 'system', 'name', 'startedAt'].includes(key)
      ? `${evil} ${value}`
      : value,
  );
  const result = JSON.parse(replaced) as BenchResult;
  const etcd = <T extends { readonly system: BenchResult['cells'][number]['system'] }>(one: T): T => ({
    ...one,
    system: { ...one.system, product: 'etcd' },
  });
  return {
    ...result,
    cells: result.cells.map(etcd),
    failovers: result.failovers.map(etcd),
    groups: result.groups.map((group) => ({ ...group, id: `x" onload="${evil}` })),
  };
}

describe('the page', () => {
  test('is the same for the same result', () => {
    expect(htmlReport(reportDocument({ ...sources, measured: sampleResult() }))).toBe(page);
  });

  test('needs nothing from anywhere', () => {
    expect(page).not.toMatch(/<script|<link(?! rel="icon" href="data:,")|@import|url\((?!#)|src=/);
    const elsewhere = [...page.matchAll(/https?:[^"'\s<]+/g)].map(([address]) => address);
    expect(new Set(elsewhere)).toEqual(new Set(['http://www.w3.org/2000/svg']));
  });

  test('holds what a result says as text, whatever it is', () => {
    const hostile = htmlReport(reportDocument({ measured: hostileResult() }));
    expect(hostile).not.toMatch(/<script|<img|onerror="/);
    expect(hostile).toContain('&#60;script&#62;');
  });
});

const installed = chromiumPath !== undefined || process.env['CI'] === 'true';
const folder = mkdtempSync(join(tmpdir(), 'quorate-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!installed)(`the page in headless Chromium${installed ? '' : ` — skipped: ${skipReason}`}`, () => {
  let chromium: OpenChromium;
  beforeAll(async () => {
    chromium = await openChromium();
  });
  afterAll(() => chromium.close());

  const views = [
    { width: 360, height: 740, colorScheme: 'dark' },
    { width: 360, height: 740, colorScheme: 'light' },
    { width: 1280, height: 800, colorScheme: 'dark' },
    { width: 1280, height: 800, colorScheme: 'light' },
  ] as const;

  test.each(views)('fits $width × $height, $colorScheme, and asks for nothing', async ({ width, height, colorScheme }) => {
    const shown = await show(page, { viewport: { width, height }, colorScheme });
    expect(shown.trouble).toEqual([]);
    expect(shown.overflow).toBe(0);
    expect(shown.requests).toEqual([shown.address]);
    // The picture is of the scheme that was asked for, and is not empty.
    expect(shown.isDark).toBe(colorScheme === 'dark');
    expect(shown.screenshotBytes).toBeGreaterThan(10_000);
    expect(shown.firstHeading).toBe('Verdict');
    expect(shown.textOutside).toEqual([]);
  });

  test.each(views.slice(0, 2))('folded tables fit $width × $height, too, and print', async ({ width, height, colorScheme }) => {
    const opened = page.replaceAll('<details>', '<details open>');
    const shown = await show(opened, { viewport: { width, height }, colorScheme });
    expect([shown.overflow, shown.trouble]).toEqual([0, []]);
    expect(shown.printed).toBe('rgb(255, 255, 255)');
  });

  test('a hostile result runs nothing', async () => {
    const shown = await show(htmlReport(reportDocument({ measured: hostileResult() })), {
      viewport: { width: 360, height: 740 },
    });
    expect(shown.title).not.toBe('taken');
    expect([shown.trouble, shown.overflow]).toEqual([[], 0]);
    expect(shown.requests).toEqual([shown.address]);
  });

  interface Shown {
    readonly address: string;
    /** Of the console and of scripts. */
    readonly trouble: readonly string[];
    readonly requests: readonly string[];
    /** Pixels by which the page is wider than its window. */
    readonly overflow: number;
    readonly isDark: boolean;
    readonly screenshotBytes: number;
    readonly firstHeading: string | null;
    /** Texts of charts that end outside of their picture. */
    readonly textOutside: readonly string[];
    readonly title: string;
    /** The page's background on paper. */
    readonly printed: string;
  }

  async function show(html: string, options: Parameters<OpenChromium['browser']['newPage']>[0]): Promise<Shown> {
    const file = join(folder, 'report.html');
    writeFileSync(file, html);
    const address = pathToFileURL(file).href;
    const tab = await chromium.browser.newPage(options);
    const trouble: string[] = [];
    const requests: string[] = [];
    tab.on('console', (message) => trouble.push(`console: ${message.text()}`));
    tab.on('pageerror', (error) => trouble.push(`script: ${error.message}`));
    tab.on('request', (request) => requests.push(request.url()));
    await tab.goto(address);
    const screenshot = await tab.screenshot();
    const ask = <T>(script: string): Promise<T> => tab.evaluate<T>(script);
    const background = 'getComputedStyle(document.body).backgroundColor';
    const dark = await ask<string>(background);
    const shown = {
      address,
      trouble,
      requests: requests.filter((url) => !url.startsWith('data:')),
      overflow: await ask<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
      isDark: Number(/\d+/.exec(dark)?.[0]) < 128,
      screenshotBytes: screenshot.length,
      firstHeading: await ask<string | null>('document.querySelector("h2").textContent'),
      textOutside: await ask<string[]>(textOutside),
      title: await tab.title(),
    };
    await tab.emulateMedia({ media: 'print' });
    const printed = await ask<string>(background);
    await tab.close();
    return { ...shown, printed };
  }
});

/** In the page: which words of a chart leave its picture. */
const textOutside = `[...document.querySelectorAll('svg.chart text')].filter((text) => {
  const own = text.getBoundingClientRect();
  const all = text.ownerSVGElement.getBoundingClientRect();
  return own.left < all.left - 1 || own.right > all.right + 1 || own.bottom > all.bottom + 1;
}).map((text) => text.textContent)`;
