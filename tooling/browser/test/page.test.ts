import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';
import { protocolNames } from '@quorate/sim/seed';
import type { Browser, Page } from 'playwright-core';
import { build, preview } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunChoice, type RunFact, tellRun } from '../src/run.ts';
import config from '../vite.config.ts';
import { chromiumPath, openChromium, skipReason } from '@quorate/chromium';

// Between them: both codecs, a learner, seven voters, a cluster that has to halt, dozens of faults. They were chosen because a last bit
// that is the engine's own changes their hash: in the delays of the network (3, 39), in the times of faults (39), in the pauses of
// clients (3, 7). After a change of what seeds mean, put Math.log there and choose again.
const seeds = [3, 7, 39];
const seconds = 5;
const runs: readonly RunChoice[] = protocolNames.flatMap((protocol) => seeds.map((seed) => ({ protocol, seed, seconds })));

const installed = chromiumPath !== undefined || process.env['CI'] === 'true';

describe.skipIf(!installed)(`the page in headless Chromium${installed ? '' : ` — skipped: ${skipReason}`}`, () => {
  let address: string;
  let browser: Browser;
  const closings: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    await build({ ...config, configFile: false });
    const server = await preview({ ...config, configFile: false, preview: { host: '127.0.0.1', port: 0 } });
    closings.push(() => server.close());
    address = `http://127.0.0.1:${(server.httpServer.address() as AddressInfo).port}`;
    const chromium = await openChromium();
    closings.push(() => chromium.close());
    ({ browser } = chromium);
  });

  afterAll(async () => {
    const ends = await Promise.allSettled(closings.map((close) => close()));
    const failures = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
    if (failures.length > 0) throw new AggregateError(failures, 'not everything could be closed');
  });

  test.each(runs)('runs seed $seed of $protocol as Node does, event by event', async (choice) => {
    const shown = await shownBy(browser, `${address}/?protocol=${choice.protocol}&seed=${choice.seed}&seconds=${choice.seconds}`);
    // Node brings its own checksum, which therefore has to agree with the portable one.
    const told = tellRun(choice, { crc32: (bytes, value) => crc32(bytes, value) });
    expect(shown.trouble).toEqual([]);
    expect(shown.done).toBe('ok');
    expect(hashOf(shown.facts)).toMatch(/^[0-9a-f]{8}$/);
    expect(hashOf(shown.facts)).toBe(hashOf(told.facts));
    expect(shown).toEqual({ trouble: [], done: told.verdict, facts: told.facts, faults: told.faults });
  });

  test('says what is wrong with an address', async () => {
    const page = await browser.newPage();
    await page.goto(`${address}/?seed=-1`);
    await page.locator('html[data-done=failed]').waitFor();
    const wanted = `The run failed: seed: -1 is no whole number from 0 to ${Number.MAX_SAFE_INTEGER}`;
    expect(await page.locator('#status').textContent()).toBe(wanted);
  });
});

interface Shown {
  /** Errors of the console and of scripts, and requests that failed or left this machine. */
  readonly trouble: readonly string[];
  readonly done: string | null;
  readonly facts: readonly RunFact[];
  readonly faults: readonly RunFact[];
}

async function shownBy(browser: Browser, url: string): Promise<Shown> {
  const page = await browser.newPage();
  const trouble: string[] = [];
  page.on('console', (message) => trouble.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => trouble.push(`script: ${error.message}`));
  page.on('crash', () => trouble.push('the page crashed'));
  page.on('requestfailed', (request) => trouble.push(`no answer: ${request.url()}`));
  page.on('response', (response) => {
    if (!response.ok()) trouble.push(`${response.status()}: ${response.url()}`);
  });
  await page.goto(url);
  await page.locator('html[data-done]').waitFor();
  const done = await page.locator('html').getAttribute('data-done');
  const shown = { trouble, done, facts: await factsIn(page, '#facts'), faults: await factsIn(page, '#faults') };
  await page.close();
  return shown;
}

async function factsIn(page: Page, list: string): Promise<readonly RunFact[]> {
  const names = await page.locator(`${list} dt`).allTextContents();
  const values = await page.locator(`${list} dd`).allTextContents();
  return names.map((name, place) => ({ name, value: values[place] ?? '' }));
}

function hashOf(facts: readonly RunFact[]): string | undefined {
  return facts.find(({ name }) => name === 'Trace hash')?.value;
}
