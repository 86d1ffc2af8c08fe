import { plan } from '@quorate/conformance';
import { transportSuite } from '@quorate/conformance/transport';
import { test } from 'vitest';
import { openPortHarness, portManifest } from './port-harness.ts';

for (const { title, skipped, run } of plan(transportSuite(openPortHarness), portManifest)) test.skipIf(skipped)(title, run);
