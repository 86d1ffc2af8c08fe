import { sound, swallowing, without, writing, type BrokenCore } from './broken-core.ts';

const deposed = 'never answers from a leader that was deposed';
const readsOnLeader = 'answers reads on the leader, many in a turn';

/** Cores that answer reads badly, or do not become equal. */
export const badReaders: readonly BrokenCore[] = [
  {
    what: 'answers no read',
    input: swallowing('read'),
    red: [readsOnLeader, 'answers reads on followers', 'ends reads that cannot be answered once the group is whole again'],
  },
  {
    what: 'answers a read twice',
    effects:
      () =>
      ({ reads }) => ({ reads: [...reads, ...reads] }),
    red: [readsOnLeader],
  },
  {
    what: 'answers a read too early',
    effects:
      () =>
      ({ reads }) => ({
        reads: reads.map((read) => ({ ...read, index: read.index === undefined ? undefined : Math.max(0, read.index - 1) })),
      }),
    red: [readsOnLeader],
  },
  {
    what: 'answers reads by what it has, whoever leads',
    core: (inner) => {
      let waiting: number[] = [];
      return {
        step(input, now) {
          if (input.type === 'read') waiting.push(input.context);
          else inner.step(input, now);
        },
        drain(now) {
          const effects = inner.drain(now);
          const answered = waiting;
          waiting = [];
          const point = { index: inner.status().commit, method: 'lease', validUntil: Number.POSITIVE_INFINITY } as const;
          return { ...effects, reads: [...effects.reads, ...answered.map((context) => ({ context, ...point }))] };
        },
      };
    },
    red: [deposed, 'answers no read before it is settled'],
  },
  {
    what: 'answers reads that were over before they were told',
    effects:
      () =>
      ({ reads }, now) => ({ reads: reads.map((read) => ({ ...read, validUntil: now - 1 })) }),
    red: [readsOnLeader],
  },
  {
    what: 'gives up reads of followers',
    effects:
      ({ core }) =>
      ({ reads }) => ({
        reads: reads.map((read) => (core.status().role.role === 'leader' ? read : { ...read, index: undefined })),
      }),
    red: ['answers reads on followers'],
  },
  {
    what: 'loses quorum reads',
    kind: { abilities: { ...sound.abilities, quorumReads: true } },
    input: () => (input) => (input.type === 'read' && input.from === 'quorum' ? undefined : input),
    red: ['answers quorum reads on any member'],
  },
  {
    what: 'never asks its journal',
    effects: () => () => ({ fetches: [] }),
    red: ['fetches from its journal what memory no longer holds'],
  },
  {
    what: 'caches everything',
    setup: ({ limits }) => ({ limits: { ...limits, memoryBytes: 1 << 30 } }),
    red: ['fetches from its journal what memory no longer holds'],
  },
  {
    what: 'caches more than was asked for',
    core: (inner) => ({ cached: (from) => inner.cached(from, 1 << 20) }),
    red: ['hands out of its cache what the disk holds, within the bytes asked for'],
  },
  {
    what: 'caches nothing that is not committed',
    core: (inner) => ({ cached: (from, maxBytes) => (from > inner.status().commit ? undefined : inner.cached(from, maxBytes)) }),
    red: ['hands out of its cache what the disk holds, within the bytes asked for'],
  },
  {
    what: 'never compacts',
    effects: writing((write) => without(write, 'compactBelow')),
    red: ['brings a member up to date by a snapshot once the log is compacted', 'starts from a snapshot and the log behind it'],
  },
  {
    what: 'compacts more than a snapshot holds',
    effects: writing((write) => (write.compactBelow === undefined ? write : { ...write, compactBelow: write.compactBelow + 1 })),
    red: ['starts from a snapshot and the log behind it'],
  },
  {
    what: 'marks no snapshot',
    effects: writing((write) => without(write, 'snapshotMark')),
    red: ['brings a member up to date by a snapshot once the log is compacted'],
  },
  {
    what: 'pulls no snapshot',
    effects: () => () => ({ snapshots: [] }),
    red: [
      'brings a member up to date by a snapshot once the log is compacted',
      'offers a snapshot again where a pull failed or its source went away',
    ],
  },
  {
    what: 'gives up after one pull that failed',
    effects: () => {
      let pulls = 0;
      return ({ snapshots }) => ({ snapshots: snapshots.filter(() => ++pulls < 2) });
    },
    red: ['offers a snapshot again where a pull failed or its source went away'],
  },
  {
    what: 'names another epoch in a snapshot',
    core: (inner) => ({ metaAt: (index) => ({ ...inner.metaAt(index), epoch: { round: 77, owner: 0 } }) }),
    red: ['starts from a snapshot and the log behind it'],
  },
  {
    what: 'knows nothing of links that come later',
    input:
      ({ core }) =>
      (input) =>
        input.type === 'linkUp' && core.status().role.settled ? undefined : input,
    red: ['brings a member up to date that was away'],
  },
  {
    what: 'says nothing of its choices',
    kind: { abilities: { ...sound.abilities, outOfOrderChoice: true } },
    red: ['tells what was chosen before it is committed, and never another thing'],
  },
  {
    what: 'says that it can change its members',
    kind: { abilities: { ...sound.abilities, reconfigure: true } },
    red: ['changes the members: proposed, committed and active in this order'],
  },
];
