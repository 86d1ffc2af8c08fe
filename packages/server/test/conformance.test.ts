import { plan } from '@quorate/conformance';
import { stateMachineSuite } from '@quorate/conformance/state-machine';
import { encodeText } from '@quorate/interface';
import { test } from 'vitest';
import { register } from './fixtures/register-service.ts';

// The machine that the tests of this package replicate, so that they do not blame the server for a fault of its own.
const commands = Array.from({ length: 30 }, (_, i) => encodeText(`value ${i} "${'ä'.repeat(i)}"`));
const subject = { create: register, commands, queries: [new Uint8Array(0)], malformed: [Uint8Array.of(255)] };
const manifest = { prepare: 'a value is replicated as it is', events: 'nobody subscribes' };

for (const { title, skipped, run } of plan(stateMachineSuite(subject), manifest)) test.skipIf(skipped)(title, run);
