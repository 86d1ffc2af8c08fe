import type { ConformanceCase } from '@quorate/conformance';
import { coreManifest, coreSuite } from '@quorate/conformance/core';
import { expect, test } from 'vitest';
import { brokenSubject, type BrokenCore } from './broken-core.ts';
import { brokenCores } from './broken-cores.ts';
import { failingCases } from './failing-cases.ts';

function casesOf(broken: BrokenCore): readonly ConformanceCase[] {
  const subject = brokenSubject(broken);
  const manifest = coreManifest(subject.kind);
  return coreSuite(subject).filter(({ needs }) => needs.every((need) => manifest[need] === true));
}

// The whole suite takes seconds with any core, so that each broken one runs what it must fail. Raft's own test runs all of it.
test.each(brokenCores)('a core that $what is found out', async (broken) => {
  const named = casesOf(broken).filter(({ name }) => broken.red.includes(name));
  expect(named).toHaveLength(broken.red.length);
  expect(await failingCases(named, broken.red)).toEqual(named.map(({ name }) => name));
});

test('every case is red for one of them', () => {
  const everRed = new Set(brokenCores.flatMap(({ red }) => red));
  const names = coreSuite(brokenSubject({ what: 'breaks nothing', red: [] })).map(({ name }) => name);
  expect(names.filter((name) => !everRed.has(name))).toEqual([]);
});
