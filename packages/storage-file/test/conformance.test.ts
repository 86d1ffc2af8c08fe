import { plan } from '@quorate/conformance';
import { storageSuite } from '@quorate/conformance/storage';
import { describe, test } from 'vitest';
import { killManifest, openDiskHarness, openSimHarness, powerManifest } from './fixtures/file-harness.ts';

const short = { deferred: true, shortWrites: 0.5 };
describe.each([
  ['a disk that completes at once', killManifest, () => openSimHarness('kill', {})],
  ['a disk that completes later', killManifest, () => openSimHarness('kill', { deferred: true })],
  ['a disk that writes short', killManifest, () => openSimHarness('kill', short)],
  ['a disk that loses power', powerManifest, () => openSimHarness('power', { deferred: true, torn: 'prefix' })],
  ['segments of 4 KiB', killManifest, () => openSimHarness('kill', { deferred: true }, 4096)],
  ['the disk of this machine', killManifest, openDiskHarness],
] as const)('a storage on %s', (_name, manifest, open) => {
  for (const { title, skipped, run } of plan(storageSuite(open), manifest)) test.skipIf(skipped)(title, run);
});
