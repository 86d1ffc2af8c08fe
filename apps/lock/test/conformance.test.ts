import { plan } from '@quorate/conformance';
import { stateMachineSuite } from '@quorate/conformance/state-machine';
import { test } from 'vitest';
import { lockManifest, lockSubject } from './fixtures/lock-subject.ts';

for (const { title, skipped, run } of plan(stateMachineSuite(lockSubject), lockManifest)) test.skipIf(skipped)(title, run);
