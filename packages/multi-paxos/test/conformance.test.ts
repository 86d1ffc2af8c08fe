import { plan } from '@quorate/conformance';
import { coreManifest, coreSuite } from '@quorate/conformance/core';
import { test } from 'vitest';
import { multiPaxosSubject } from './fixture/core-subject.ts';

for (const { title, skipped, run } of plan(coreSuite(multiPaxosSubject), coreManifest(multiPaxosSubject.kind)))
  test.skipIf(skipped)(title, run);
