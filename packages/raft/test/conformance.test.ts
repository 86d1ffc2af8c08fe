import { plan } from '@quorate/conformance';
import { coreManifest, coreSuite } from '@quorate/conformance/core';
import { test } from 'vitest';
import { raftSubject } from './fixture/core-subject.ts';

for (const { title, skipped, run } of plan(coreSuite(raftSubject), coreManifest(raftSubject.kind)))
  test.skipIf(skipped)(title, run);
