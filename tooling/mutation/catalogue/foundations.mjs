// What everything stands on: runs of entries, frames, the storage in memory that tests of others trust.
const contract = 'packages/interface/src';
const memory = 'packages/storage-memory/src';

export const mutations = [
  {
    id: 'entries-slice-begins-too-early',
    title: 'A part of a run carries the payloads of the entries before it',
    file: `${contract}/entries.ts`,
    find: `const body = sliceBody(batch.body, base, base + at(ends, ends.length - 1));`,
    replace: `const body = sliceBody(batch.body, 0, at(ends, ends.length - 1));`,
    suites: ['interface', 'raft'],
    first: ['test/entries.test.ts'],
  },
  {
    id: 'entries-large-one-never-moves',
    title:
      'An entry that is larger than a message is never sent, and everything behind it waits (etcd, dragonboat: 16 MB entries)',
    file: `${contract}/entries.ts`,
    find: `let low = start;\n  let high = batch.count - 1;`,
    replace: `let low = start - 1;\n  let high = batch.count - 1;`,
    suites: ['interface', 'raft'],
    first: ['test/entries.test.ts'],
  },
  {
    id: 'epochs-owner-forgotten',
    title: 'Two leaders with the same round and another owner have the same epoch (Multi-Paxos ballots)',
    file: `${contract}/vocabulary.ts`,
    find: `return a.round === b.round ? a.owner - b.owner : a.round - b.round;`,
    replace: `return a.round - b.round;`,
    suites: ['interface'],
    first: ['test/vocabulary.test.ts'],
  },
  {
    id: 'frame-head-longer-than-frame',
    title: 'The head of a frame may end behind the frame',
    file: `${contract}/frame.ts`,
    find: `if (end > frame.length) return undefined;`,
    replace: ``,
    suites: ['interface', 'replica'],
    first: ['test/frame.test.ts'],
  },
  {
    id: 'memory-journal-forgets-a-truncation',
    title: 'The journal in memory keeps entries that were cut, and tests over it pass for the wrong reason',
    file: `${memory}/memory-medium.ts`,
    find: `if (batch.truncateFrom !== undefined) log.truncate(batch.truncateFrom);`,
    replace: ``,
    suites: ['storage-memory'],
    first: ['test/conformance.test.ts'],
  },
  {
    id: 'memory-journal-outlives-its-crash',
    title: 'What was not durable when the process crashed becomes durable afterwards',
    file: `${memory}/memory-journal.ts`,
    find: `if (!this.#alive() || this.#closed) return;`,
    replace: `if (this.#closed) return;`,
    suites: ['storage-memory'],
    first: ['test/storage.test.ts'],
  },
  {
    id: 'memory-snapshot-checksum-ignored',
    title: 'A snapshot in memory is finished although its bytes do not match the checksum',
    file: `${memory}/memory-snapshots.ts`,
    find: `if (got !== checksum) {`,
    replace: `if (got !== checksum && bytes.length === 0) {`,
    suites: ['storage-memory'],
    first: ['test/storage.test.ts'],
  },
];
