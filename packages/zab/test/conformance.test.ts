import { plan } from '@quorate/conformance';
import { coreManifest, coreSuite } from '@quorate/conformance/core';
import { test } from 'vitest';
import { zabSubject } from './fixture/core-subject.ts';

for (const { title, skipped, run } of plan(coreSuite(zabSubject), coreManifest(zabSubject.kind)))
  test.skipIf(skipped)(title, run);
