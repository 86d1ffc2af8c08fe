import { plan } from '@quorate/conformance';
import { storageSuite } from '@quorate/conformance/storage';
import { describe, test } from 'vitest';
import { memoryManifest, openMemoryHarness } from './fixtures/memory-harness.ts';

describe.each(['inline', 'turn'] as const)('a storage in memory, sync %s', (sync) => {
  const cases = storageSuite(() => openMemoryHarness(sync));
  for (const { title, skipped, run } of plan(cases, memoryManifest)) test.skipIf(skipped)(title, run);
});
