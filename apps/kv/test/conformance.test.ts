import { plan } from '@quorate/conformance';
import { stateMachineSuite } from '@quorate/conformance/state-machine';
import { test } from 'vitest';
import { kvManifest, kvSubject } from './fixtures/kv-subject.ts';

for (const { title, skipped, run } of plan(stateMachineSuite(kvSubject), kvManifest)) test.skipIf(skipped)(title, run);
