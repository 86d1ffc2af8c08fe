import { plan } from '@quorate/conformance';
import { transportSuite } from '@quorate/conformance/transport';
import { describe, test } from 'vitest';
import { memoryManifest, openMemoryHarness } from './fixtures/memory-harness.ts';

describe.each(['reference', 'serialised'] as const)('a network in memory, %s', (mode) => {
  const cases = transportSuite(() => openMemoryHarness(mode));
  for (const { title, skipped, run } of plan(cases, memoryManifest(mode))) test.skipIf(skipped)(title, run);
});
