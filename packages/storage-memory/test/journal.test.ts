import { describe, expect, it } from 'vitest';
import { isFailure } from '@quorate/interface';
import { memoryMedium, memoryStorage } from '../src/index.ts';
import type { MemorySync } from '../src/index.ts';
import { entries, failed, journalCases, opened, textsOf } from './fixtures/journal-cases.ts';
import type { Subject } from './fixtures/journal-cases.ts';

const expected = { clusterId: 'c', member: 7, name: 'n', protocol: 'raft', formatVersion: 1, newDiskId: 'd' };

function subject(sync: MemorySync): Subject & { crash(): void } {
  const medium = memoryMedium();
  let due: (() => void)[] = [];
  const host = { endOfTurn: (run: () => void): void => void due.push(run) };
  return {
    crash: () => medium.crash(),
    async start() {
      medium.crash();
      const storage = memoryStorage({ medium, host, sync });
      storage.open(expected, (identity) => {
        if (isFailure(identity)) throw failed(identity);
      });
      return { journal: storage.journal, recovered: await opened(storage.journal) };
    },
    async settle() {
      while (due.length > 0) {
        const now = due;
        due = [];
        for (const run of now) run();
      }
    },
  };
}

for (const sync of ['inline', 'turn'] as const)
  describe(`a journal in memory, sync ${sync}`, () => {
    for (const { name, run } of journalCases) it(name, () => run(subject(sync)));
  });

describe('a crash of the owner', () => {
  it('loses what was flushed but not yet durable, and nothing completes afterwards', async () => {
    const place = subject('turn');
    const { journal } = await place.start();
    const durable: number[] = [];
    journal.onDurable = (number) => durable.push(number);
    journal.append({ entries: [entries(1, ['a'])], commit: 0 });
    journal.flush();
    await place.settle();
    journal.append({ entries: [entries(2, ['b'])], commit: 0 });
    journal.flush();
    place.crash();
    await place.settle();
    expect(durable).toEqual([1]);
    expect(textsOf((await place.start()).recovered.tail)).toEqual({ 1: 'a' });
  });
});
