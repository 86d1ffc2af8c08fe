import { plan } from '@quorate/conformance';
import { coreManifest, coreSuite, type CoreSubject } from '@quorate/conformance/core';
import { test } from 'vitest';
import type { PrimaryBackupMessage } from './primary-backup/messages.ts';
import { primaryBackup } from './primary-backup/primary-backup.ts';

const kind = primaryBackup();
const subject: CoreSubject<PrimaryBackupMessage> = {
  kind,
  settleMs: 100,
  impossible: () => [
    { what: 'a log that is shorter than nothing', message: { kind: 'join', last: -1 } },
    { what: 'half an entry', message: { kind: 'held', last: 0.5 } },
    { what: 'an append in no round', message: { kind: 'append', round: 0, first: 1, commit: 0 } },
    { what: 'an append far beyond the end', message: { kind: 'append', round: 1, first: 10_000, commit: 0 } },
  ],
};
const manifest = {
  ...coreManifest(kind),
  failover: 'the primary is the same for ever; while it is away nothing is decided',
  partialLinks: 'nobody elects: what reaches the primary follows it',
};

for (const { title, skipped, run } of plan(coreSuite(subject), manifest)) test.skipIf(skipped)(title, run);
