// Quorum arithmetic.
const folder = 'packages/quorum/src';
const suites = ['quorum', 'raft'];

export const mutations = [
  {
    id: 'quorum-half-of-an-even-number',
    title: 'Two of four are taken for a majority (hashicorp/raft, even sizes)',
    file: `${folder}/majority.ts`,
    find: `Math.floor(members / 2) + 1`,
    replace: `Math.ceil(members / 2)`,
    suites,
    first: ['test/quorum-system.test.ts'],
  },
  {
    id: 'quorum-joint-any-half',
    title: 'In a joint configuration the majority of either half is enough',
    file: `${folder}/quorum-system.ts`,
    find: `if (size < 1 || count < size) return false;\n  }\n  return system.halves.length > 0;`,
    replace: `if (size >= 1 && count >= size) return true;\n  }\n  return false;`,
    suites,
    first: ['test/quorum-system.test.ts'],
  },
  {
    id: 'quorum-joint-left-early',
    title: 'Entries of a joint configuration are committed by the new half alone (Zeebe, 2026)',
    file: `${folder}/quorum-index.ts`,
    find: `lowest = Math.min(lowest, scratch[size - 1] as number);`,
    replace: `lowest = scratch[size - 1] as number;`,
    suites,
    first: ['test/quorum-index.test.ts'],
  },
  {
    id: 'quorum-index-not-sorted',
    title: 'The array of matched indexes is not sorted to its start, so that the commit index passes the quorum (openraft, 2026)',
    file: `${folder}/quorum-index.ts`,
    find: `while (place > 0 && (scratch[place - 1] as number) < value) {`,
    replace: `while (place > 1 && (scratch[place - 1] as number) < value) {`,
    suites,
    first: ['test/quorum-index.test.ts'],
  },
  {
    id: 'quorum-vote-changed',
    title: 'A second answer of one voter replaces the first',
    file: `${folder}/tally.ts`,
    find: `if (isVoter(system, voter) && !yes.has(voter) && !no.has(voter))`,
    replace: `if (isVoter(system, voter) && !yes.has(voter))`,
    suites,
    first: ['test/tally.test.ts'],
  },
  {
    id: 'quorum-flexible-do-not-meet',
    title: 'Quorums of two phases that need not share a member are accepted (Flexible Paxos)',
    file: `${folder}/quorum-system.ts`,
    find: `q1Size + q2Size > members;`,
    replace: `q1Size + q2Size >= members;`,
    suites,
    first: ['test/quorum-system.test.ts'],
  },
];
