import { storageSuite } from '@quorate/conformance/storage';
import { expect, test } from 'vitest';
import { brokenPlace, type BrokenStorage } from './broken-storage.ts';
import { brokenStorages } from './broken-storages.ts';
import { failingCases } from './failing-cases.ts';

const suiteOf = (broken: BrokenStorage): ReturnType<typeof storageSuite> =>
  storageSuite(() => Promise.resolve(brokenPlace(broken)));
const sound: BrokenStorage = { what: 'breaks nothing', red: [] };
const everRed = new Set<string>();

test('a storage that breaks nothing fails no case', async () => {
  expect(
    await failingCases(
      suiteOf(sound),
      suiteOf(sound).map(({ name }) => name),
    ),
  ).toEqual([]);
});

test.each(brokenStorages)('a storage that $what is found out', async (broken) => {
  const failed = await failingCases(suiteOf(broken), broken.red);
  // What breaks nearly everything proves little about any one case.
  if (failed.length <= 12) for (const name of failed) everRed.add(name);
  expect(failed).toEqual(expect.arrayContaining([...broken.red]));
});

test('every case was red for one of them, and not only because everything was', () => {
  const names = suiteOf(sound).map(({ name }) => name);
  expect(names.filter((name) => !everRed.has(name))).toEqual([]);
});
