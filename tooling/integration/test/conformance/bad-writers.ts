import { without, writing, type BrokenCore } from './broken-core.ts';

const elects = 'elects one leader, whom everybody follows, in groups of one to five';
const decides = 'decides what was proposed, once and in order, on every member';
const needsQuorum = 'decides nothing that the disks of a quorum do not hold';
const ownDisk = 'applies nothing that its own disk does not hold, also where a quorum does';
const anyWrite = 'comes back from a crash in the turn of any write, lost or kept, sent or not';
const lostTail = 'comes back with any number of its last writes';

const orderedLinks = (seed: number): string =>
  `keeps one history through cuts, crashes and slow disks over ordered links (seed ${seed})`;
const datagrams = (seed: number): string => `keeps one history through loss, repetition, disorder and crashes (seed ${seed})`;
const chaos = [...[1, 2, 3, 4, 5, 6].map((seed) => orderedLinks(seed)), ...[1, 2, 3, 4, 5].map((seed) => datagrams(seed))];

/** Cores that say too much before it is durable, or write too little. */
export const badWriters: readonly BrokenCore[] = [
  {
    what: 'lets its answers leave before they are durable',
    effects:
      () =>
      ({ sends }) => ({ sends: sends.map((send) => ({ ...send, gate: 0 })) }),
    red: [needsQuorum, lostTail],
  },
  {
    what: 'waits for a write that nobody handed out',
    effects:
      () =>
      ({ sends }) => ({ sends: sends.map((send) => ({ ...send, gate: send.gate + 1 })) }),
    red: [elects],
  },
  {
    what: 'commits what its own disk does not hold',
    effects:
      () =>
      ({ commit }) => ({ commit: { ...commit, gate: 0 } }),
    red: [ownDisk],
  },
  {
    what: 'commits beyond what it knows',
    effects:
      () =>
      ({ commit }) => ({ commit: { ...commit, index: commit.index + 1 } }),
    red: [elects],
  },
  {
    what: 'lets the commit cursor fall',
    effects: () => {
      let drains = 0;
      return ({ commit }) => (++drains % 7 === 0 ? { commit: { index: Math.max(0, commit.index - 1), gate: 0 } } : {});
    },
    red: [decides],
  },
  {
    what: 'commits late, one by one',
    effects: () => {
      let last = 0;
      return ({ commit }) => ({ commit: { ...commit, index: (last = Math.min(last, commit.index)) } });
    },
    red: [elects],
  },
  { what: 'writes no hard state', effects: writing((write) => without(write, 'hardState')), red: [anyWrite, datagrams(6)] },
  { what: 'writes no entries', effects: writing((write) => ({ ...write, entries: [] })), red: [elects] },
  {
    what: 'writes no truncation',
    effects: writing((write) => without(write, 'truncateFrom')),
    red: ['follows the newer leader when the older one comes back'],
  },
  { what: 'hints at a commit too high', effects: writing((write) => ({ ...write, commit: write.commit + 1 })), red: [elects] },
  {
    what: 'forgets what it recovered',
    setup: ({ recovered }) => ({
      recovered: { ...recovered, commit: 0, runs: [], tail: [], configs: [], snapshot: undefined, hardState: undefined },
    }),
    red: [lostTail, 'keeps everything through restarts of all members at once', anyWrite],
  },
  {
    what: 'forgets the hard state that it recovered',
    setup: ({ recovered }) => ({ recovered: { ...recovered, hardState: undefined } }),
    red: [anyWrite],
  },
  {
    what: 'waits for the slowest of all',
    input: ({ setup }) => {
      const matches = new Map<number, number>();
      return (input) => {
        if (input.type !== 'message' || input.message.kind !== 'append-response') return input;
        matches.set(input.from, input.message.matchIndex);
        const all = setup.genesis.voters.filter((id) => id !== setup.self).map((id) => matches.get(id) ?? 0);
        return { ...input, message: { ...input.message, matchIndex: Math.min(...all) } };
      };
    },
    red: ['decides without the slowest disk'],
  },
  {
    what: 'votes for members that know less than it does',
    input: () => (input) => {
      if (input.type !== 'message' || (input.message.kind !== 'pre-vote' && input.message.kind !== 'request-vote')) return input;
      const { term } = input.message;
      return { ...input, message: { ...input.message, lastLogIndex: 1_000_000, lastLogTerm: term - 1 } };
    },
    red: chaos,
  },
];
