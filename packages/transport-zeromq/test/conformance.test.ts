import { plan } from '@quorate/conformance';
import { transportSuite } from '@quorate/conformance/transport';
import { describe, test } from 'vitest';
import { openFakeZeromqHarness, openZeromqHarness, zeromqManifest } from './fixtures/zeromq-harness.ts';

describe.each([
  ['sockets of ZeroMQ', openZeromqHarness],
  ['sockets of a fake', openFakeZeromqHarness],
] as const)('a transport over %s', (_name, open) => {
  for (const { title, skipped, run } of plan(transportSuite(open), zeromqManifest)) test.skipIf(skipped)(title, run);
});
