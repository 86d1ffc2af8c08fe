import { transportSuite } from '@quorate/conformance/transport';
import { expect, test } from 'vitest';
import { brokenHarness, brokenTransports, type BrokenTransport } from './broken-transports.ts';
import { failingCases } from './failing-cases.ts';

const suiteOf = (broken: BrokenTransport): ReturnType<typeof transportSuite> =>
  transportSuite(() => Promise.resolve(brokenHarness(broken)));
const sound: BrokenTransport = { what: 'breaks nothing', red: [] };
const everRed = new Set<string>();

test('a transport that breaks nothing fails no case', async () => {
  expect(await failingCases(suiteOf(sound))).toEqual([]);
});

test.each(brokenTransports)('a transport that $what is found out', async (broken) => {
  const failed = await failingCases(suiteOf(broken));
  // What breaks nearly everything proves little about any one case.
  if (failed.length <= 12) for (const name of failed) everRed.add(name);
  expect(failed).toEqual(expect.arrayContaining([...broken.red]));
});

// They look at what is looked at in every case too, so that whatever breaks them breaks nearly everything.
const everywhere = new Set([
  'announces a link at both ends before its first frame',
  'announces a link before frames that were sent from within linkUp',
  'keeps one link where both ends dial at once',
]);

test('every case was red for one of them, and not only because everything was', () => {
  expect(
    suiteOf(sound)
      .map(({ name }) => name)
      .filter((name) => !everRed.has(name) && !everywhere.has(name)),
  ).toEqual([]);
});
