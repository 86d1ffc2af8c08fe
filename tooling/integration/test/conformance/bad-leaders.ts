import { swallowing, type BrokenCore } from './broken-core.ts';

const elects = 'elects one leader, whom everybody follows, in groups of one to five';
const replaces = 'elects another leader when the leader is gone, and keeps what was acknowledged';
const decides = 'decides what was proposed, once and in order, on every member';

/** Cores that lead, elect or take proposals badly. */
export const badLeaders: readonly BrokenCore[] = [
  { what: 'never campaigns', effects: () => () => ({ nextDeadline: Number.POSITIVE_INFINITY }), red: [elects, replaces] },
  { what: 'wants to be woken at once, for ever', effects: () => (_effects, now) => ({ nextDeadline: now }), red: [elects] },
  {
    what: 'wakes up every hundredth of a millisecond',
    effects:
      () =>
      ({ nextDeadline }, now) => ({ nextDeadline: Math.min(nextDeadline, now + 0.5) }),
    red: ['sleeps between heartbeats: an idle group wakes up a bounded number of times'],
  },
  { what: 'does not tell its role', effects: () => () => ({ role: undefined }), red: [elects] },
  {
    what: 'is settled as soon as it is ready',
    status: ({ role }) => ({ role: { ...role, settled: role.ready } }),
    red: [elects],
  },
  {
    what: 'tells and shows that it is settled before it is',
    status: ({ role }) => ({ role: { ...role, settled: role.ready } }),
    effects:
      () =>
      ({ role }) =>
        role === undefined ? {} : { role: { ...role, settled: role.ready } },
    red: ['answers no read before it is settled', 'keeps everything through restarts of all members at once'],
  },
  {
    what: 'leads at once in every life',
    status: ({ role }) => ({ role: { ...role, ready: true, role: 'leader' } }),
    red: [elects],
  },
  {
    what: 'claims an epoch that others have',
    status: ({ role }) => ({ role: { ...role, epoch: { round: 1, owner: 0 } } }),
    effects:
      () =>
      ({ role }) =>
        role === undefined ? {} : { role: { ...role, epoch: { round: 1, owner: 0 } } },
    red: [replaces],
  },
  { what: 'does not hand over', input: swallowing('transfer'), red: ['hands leadership over when it is asked to'] },
  {
    what: 'throws on advice that makes no sense',
    input: () => (input) => {
      if (input.type === 'transfer' && input.to === 99) throw new Error('who is 99?');
      return input;
    },
    red: ['bears suspicion, campaigns and transfers that make no sense'],
  },
  {
    what: 'counts learners',
    setup: ({ genesis }) => ({ genesis: { ...genesis, voters: [...genesis.voters, ...genesis.learners], learners: [] } }),
    red: ['lets learners learn, and does not count them'],
  },
  {
    what: 'needs no quorum',
    setup: ({ genesis, self }) => ({ genesis: { ...genesis, voters: [self], learners: [] } }),
    red: ['elects nobody and decides nothing without a quorum', elects],
  },
  {
    what: 'needs everybody to reach everybody',
    input: () => {
      const up = new Set<number>();
      return (input) => {
        if (input.type === 'linkUp') up.add(input.peer);
        if (input.type === 'linkDown') up.delete(input.peer);
        return input.type === 'message' && input.message.kind.startsWith('pre-vote') && up.size < 2 ? undefined : input;
      };
    },
    red: ['elects through one member that reaches the others'],
  },
  {
    what: 'follows nobody once it has led',
    input: ({ core }) => {
      let led = false;
      return (input) => {
        led ||= core.status().role.ready;
        return led && !core.status().role.ready && input.type === 'message' && input.message.kind === 'append'
          ? undefined
          : input;
      };
    },
    red: ['follows the newer leader when the older one comes back'],
  },
  { what: 'reports nothing as appended', effects: () => () => ({ appended: [] }), red: [decides] },
  {
    what: 'reports twice as appended',
    effects:
      () =>
      ({ appended }) => ({ appended: [...appended, ...appended] }),
    red: [decides],
  },
  {
    what: 'rejects a run in part',
    effects:
      () =>
      ({ appended, rejected }) => ({
        appended: appended.filter(({ count }) => count < 2),
        rejected: [
          ...rejected,
          ...appended.filter(({ count }) => count > 1).map(({ first }) => ({ first, count: 1, reason: 'overloaded' as const })),
        ],
      }),
    red: [decides, 'takes many runs in one turn, and one in each of many turns'],
  },
  {
    what: 'appends in another place than it says',
    effects:
      () =>
      ({ appended }) => ({ appended: appended.map((run) => ({ ...run, index: run.index + 1 })) }),
    red: [decides],
  },
  {
    what: 'answers only the first run of a turn',
    input: () => {
      let last = 0;
      return (input, now) => {
        if (input.type !== 'propose') return input;
        if (last === now) return undefined;
        last = now;
        return input;
      };
    },
    red: ['takes many runs in one turn, and one in each of many turns'],
  },
  {
    what: 'says nothing to proposals where it does not lead',
    effects:
      () =>
      ({ rejected }) => ({ rejected: rejected.filter(({ reason }) => reason !== 'not-leader') }),
    red: ['rejects proposals where it does not lead or is not ready'],
  },
  {
    what: 'knows no limit',
    setup: ({ limits }) => ({ limits: { ...limits, uncommittedBytes: 1 << 30 } }),
    red: ['rejects proposals above uncommittedBytes, and takes them again once there is room'],
  },
  {
    what: 'drops large messages',
    input: () => (input) =>
      input.type === 'message' && input.entries.some(({ body }) => body.some(({ length }) => length > 20_000))
        ? undefined
        : input,
    red: ['carries payloads of any size, larger than a message too'],
  },
  {
    what: 'stops after a full window',
    effects: () => {
      let sent = 0;
      return ({ sends }) => ({ sends: sends.filter(({ entries }) => entries.length === 0 || ++sent < 25) });
    },
    red: ['keeps the windows of its peers small enough to go on'],
  },
];
