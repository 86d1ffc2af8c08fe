import { plan } from '@quorate/conformance';
import { storageSuite } from '@quorate/conformance/storage';
import { test } from 'vitest';
import { oneFileManifest, openOneFileHarness } from './one-file-harness.ts';

for (const { title, skipped, run } of plan(storageSuite(openOneFileHarness), oneFileManifest)) test.skipIf(skipped)(title, run);
