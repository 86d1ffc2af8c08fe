import {
  crc32,
  encodeConfig,
  encodeText,
  noops,
  packPayloads,
  placeEntries,
  type EntryBatch,
  type JournalBatch,
} from '@quorate/interface';
import { describe, expect, test } from 'vitest';
import { genesisOf } from '../src/cluster.ts';
import { formatEntries } from '../src/format.ts';
import { SimulatedJournal } from '../src/simulated-journal.ts';

function run(first: number, words: string, round: number, owner = 0): EntryBatch {
  const payloads = packPayloads(
    words.split(' ').map((word) => encodeText(word)),
    (bytes) => crc32(bytes, 0),
  );
  return placeEntries(payloads, first, { round, owner }, 'command');
}

function written(...batches: readonly Partial<JournalBatch>[]): SimulatedJournal {
  const journal = new SimulatedJournal();
  for (const batch of batches) journal.append({ entries: [], commit: 0, ...batch });
  return journal;
}

const meta = {
  id: 's2',
  index: 2,
  epoch: { round: 1, owner: 0 },
  ordinal: 2,
  configs: [],
  core: new Uint8Array(0),
  stateMachine: 'x',
  version: 1,
  bytes: 1,
};

describe('what a member recovers', () => {
  test('runs of all entries, payloads only above the commit', () => {
    const recovered = written({ entries: [run(1, 'a b', 1), run(3, 'c', 2)] }, { commit: 2 }).recover();
    expect(recovered.runs).toEqual([
      { from: 1, to: 2, epoch: { round: 1, owner: 0 } },
      { from: 3, to: 3, epoch: { round: 2, owner: 0 } },
    ]);
    expect(recovered.commit).toBe(2);
    expect(formatEntries(recovered.tail)).toBe('3:c@2');
  });

  test('holes stay holes, and the newest record of a slot wins without truncation (Multi-Paxos)', () => {
    const recovered = written({ entries: [run(1, 'a', 1, 1), run(4, 'd e', 1, 1)] }, { entries: [run(4, 'd', 2, 3)] }).recover();
    expect(recovered.runs).toEqual([
      { from: 1, to: 1, epoch: { round: 1, owner: 1 } },
      { from: 4, to: 4, epoch: { round: 2, owner: 3 } },
      { from: 5, to: 5, epoch: { round: 1, owner: 1 } },
    ]);
    expect(formatEntries(recovered.tail)).toBe('1:a@1.1 4:d@2.3 5:e@1.1');
  });

  test('a truncation comes before the entries of its batch', () => {
    const recovered = written({ entries: [run(1, 'a b c', 1)] }, { truncateFrom: 2, entries: [run(2, 'x', 2)] }).recover();
    expect(formatEntries(recovered.tail)).toBe('1:a@1 2:x@2');
  });

  test('a snapshot mark is a commit, and keeps the suffix unless the batch truncates', () => {
    const kept = written({ entries: [run(1, 'a b c', 1)] }, { snapshotMark: meta }).recover();
    expect([kept.commit, formatEntries(kept.tail), kept.snapshot?.id]).toEqual([2, '3:c@1', 's2']);
    const whole = written({ entries: [run(1, 'a b c', 1)] }, { snapshotMark: meta, truncateFrom: 1 }).recover();
    expect([whole.commit, whole.runs]).toEqual([2, []]);
  });

  test('configurations and no-ops keep their kind', () => {
    const config = packPayloads([encodeConfig(genesisOf([1, 2], [3]))], (bytes) => crc32(bytes, 0));
    const epoch = { round: 1, owner: 0 };
    const recovered = written({ entries: [noops(1, 1, epoch), placeEntries(config, 2, epoch, 'config')] }).recover();
    expect(formatEntries(recovered.tail)).toBe('1:noop@1 2:{#0 voters 1,2 learners 3}@1');
    expect(recovered.configs).toHaveLength(1);
  });
});

describe('what a crash leaves', () => {
  test('a prefix of the unsynced batches, each whole', () => {
    const journal = written({ entries: [run(1, 'a', 1)] }, { entries: [run(2, 'b', 1)], hardState: encodeText('h') });
    journal.append({ entries: [run(3, 'c', 1)], commit: 1 });
    expect(journal.sync(1)).toBe(1);
    expect(journal.loseUnsynced(1)).toBe(1);
    const recovered = journal.recover();
    expect(formatEntries(recovered.tail)).toBe('1:a@1 2:b@1');
    expect(recovered.hardState).toEqual(encodeText('h'));
    expect(recovered.commit).toBe(0);
  });

  test('compaction is only what a durable batch allowed, and reads below it say so', () => {
    const journal = written({ entries: [run(1, 'a b c', 1)] });
    journal.sync();
    journal.append({ entries: [], commit: 2, snapshotMark: meta, compactBelow: 3 });
    expect(journal.compact()).toBe(0);
    journal.sync();
    expect(journal.compact()).toBe(2);
    expect([1, 2, 3].map((index) => journal.written.isCompacted(index))).toEqual([true, true, false]);
    expect(formatEntries(journal.written.read(1, 9, 100))).toBe('3:c@1');
  });

  test('a new process numbers its writes from 1', () => {
    const journal = written({}, {});
    journal.recover();
    expect(journal.append({ entries: [], commit: 0 })).toBe(1);
  });
});
