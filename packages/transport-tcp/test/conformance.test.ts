import { plan } from '@quorate/conformance';
import { transportSuite } from '@quorate/conformance/transport';
import { describe, test } from 'vitest';
import { openFakeTcpHarness, openTcpHarness, tcpManifest } from './fixtures/tcp-harness.ts';

describe.each([
  ['sockets of the kernel', openTcpHarness],
  ['sockets of a fake', openFakeTcpHarness],
] as const)('a transport over %s', (_name, open) => {
  for (const { title, skipped, run } of plan(transportSuite(open), tcpManifest)) test.skipIf(skipped)(title, run);
});
