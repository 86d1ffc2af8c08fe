// Null patches: they change nothing that anybody was promised, and every suite must stay green. A test that dies here tests
// how the code is written instead of what it does.

export const mutations = [
  {
    id: 'harmless-raft-other-name',
    harmless: true,
    title: 'A local constant has another name',
    file: 'packages/raft/src/election.ts',
    find: `const oldest = state.writesUnderWay[0];
  const hangs =
    peers.length > 0 && oldest !== undefined && state.now - oldest.since >=`,
    replace: `const underWay = state.writesUnderWay[0];
  const hangs =
    peers.length > 0 && underWay !== undefined && state.now - underWay.since >=`,
    suites: ['raft'],
  },
  {
    id: 'harmless-raft-other-order',
    harmless: true,
    title: 'Two assignments that do not depend on each other change places',
    file: 'packages/raft/src/election.ts',
    find: `state.tally = undefined;\n  state.electedAt = state.now;`,
    replace: `state.electedAt = state.now;\n  state.tally = undefined;`,
    suites: ['raft'],
  },
  {
    id: 'harmless-quorum-other-loop',
    harmless: true,
    title: 'Votes are counted from the other end',
    file: 'packages/quorum/src/quorum-system.ts',
    find: `for (const voter of voters) if (has(voter)) count++;`,
    replace: `for (const voter of voters.toReversed()) if (has(voter)) count++;`,
    suites: ['quorum'],
  },
  {
    id: 'harmless-replica-other-words',
    harmless: true,
    title: 'The reason why a link ends says the same in other words',
    file: 'packages/replica/src/links.ts',
    find: "'superseded by a newer link'",
    replace: "'a newer link took its place'",
    suites: ['replica'],
  },
  {
    id: 'harmless-journal-other-pieces',
    harmless: true,
    title: 'The search behind a torn tail reads smaller pieces',
    file: 'packages/storage-file/src/stray-search.ts',
    find: `const pieceBytes = 262_144;`,
    replace: `const pieceBytes = 65_536;`,
    suites: ['storage-file'],
  },
  {
    id: 'harmless-store-other-fanout',
    harmless: true,
    title: 'The nodes of the tree of keys hold fewer entries',
    file: 'apps/kv/src/store/key-tree.ts',
    find: `const fanout = 64;`,
    replace: `const fanout = 48;`,
    suites: ['kv-store'],
  },
  {
    id: 'harmless-tcp-other-threshold',
    harmless: true,
    title: 'Chunks are copied beside their headers up to another size',
    file: 'packages/transport-tcp/src/frame-batch.ts',
    find: `const copyBelowBytes = 16_384;`,
    replace: `const copyBelowBytes = 8_192;`,
    suites: ['transport-tcp'],
  },
];
