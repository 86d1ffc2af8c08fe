import { transportSuite } from '@quorate/conformance/transport';
import { expect, test } from 'vitest';
import { brokenHarness, type BrokenTransport } from './broken-transport.ts';
import { brokenTransports } from './broken-transports.ts';
import { failingCases } from './failing-cases.ts';

const suiteOf = (broken: BrokenTransport): ReturnType<typeof transportSuite> =>
  transportSuite(() => Promise.resolve(brokenHarness(broken)));
const sound: BrokenTransport = { what: 'breaks nothing', red: [] };
const everRed = new Set<string>();

test('a transport that breaks nothing fails no case', async () => {
  expect(
    await failingCases(
      suiteOf(sound),
      suiteOf(sound).map(({ name }) => name),
    ),
  ).toEqual([]);
});

/** Loses, repeats and reorders what arrives, and says so. */
function datagrams(): BrokenTransport {
  let arrivals = 0;
  const handlers: BrokenTransport['handlers'] = (owner) => {
    let held: (() => void) | undefined;
    return {
      frame(link, frame) {
        const deliver = (): void => owner.frame(link, frame.slice());
        const place = arrivals++ % 5;
        if (place === 1) return;
        if (place === 2) held = deliver;
        else {
          deliver();
          if (place === 3) deliver();
          held?.();
          held = undefined;
        }
      },
      linkDown(peer, link, reason) {
        held = undefined;
        owner.linkDown(peer, link, reason);
      },
    };
  };
  return { what: 'carries datagrams', transport: () => ({ delivery: 'datagram' }), handlers, red: [] };
}

test('a transport of datagrams fails only what needs fifo, and all of that is about order or completeness', async () => {
  const suite = suiteOf(datagrams());
  const forAll = suite.filter(({ needs }) => !needs.includes('fifo'));
  expect(await failingCases(forAll, [])).toEqual([]);
  const ordered = suite.filter(({ needs }) => needs.includes('fifo')).map(({ name }) => name);
  const failed = await failingCases(suite, ordered);
  expect(failed).toEqual(expect.arrayContaining(['keeps the order within each lane', 'carries frames both ways at once']));
});

test.each(brokenTransports)('a transport that $what is found out', async (broken) => {
  const failed = await failingCases(suiteOf(broken), broken.red);
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
