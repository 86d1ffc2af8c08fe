import { describe, it } from 'vitest';
import { journalCases } from './fixtures/journal-cases.ts';
import { SimDisk, seeded } from './fixtures/sim-disk.ts';
import { simSubject } from './fixtures/subject.ts';

const disks = {
  'a disk that completes at once': () => new SimDisk({ random: seeded(1) }),
  'a disk that completes later': () => new SimDisk({ random: seeded(2), deferred: true }),
  'a disk that writes short': () => new SimDisk({ random: seeded(3), deferred: true, shortWrites: 0.5 }),
};

for (const [kind, make] of Object.entries(disks))
  for (const segmentBytes of [4_096, 65_536])
    describe(`a journal with segments of ${segmentBytes} on ${kind}`, () => {
      for (const { name, run } of journalCases) it(name, () => run(simSubject(make(), segmentBytes)));
    });
