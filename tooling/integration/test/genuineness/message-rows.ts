import { distinct, Group } from './group.ts';
import type { Row } from './row.ts';
import { storms } from './storm.ts';

const acknowledgements: Row = {
  id: 'O20',
  differs: 'acknowledgements of three entries that arrive in order, and of three that arrive in the opposite order',
  observe(subject) {
    const words = ['k', 'k+1', 'k+2'];
    const inOrder = Group.led(subject, 3);
    const { mark } = inOrder;
    inOrder.propose(3, ...words);
    const first = inOrder.entry(3, 'k')?.index ?? 0;
    for (const _ of words) inOrder.arrive(3, 1);
    const last = inOrder.claims(1, mark).at(-1);

    const reversed = Group.led(subject, 3);
    const begin = reversed.mark;
    reversed.propose(3, ...words);
    for (const place of [3, 2, 1]) reversed.arrive(3, 1, place);
    return {
      last: last?.from === 1 ? 'everything up to k+2' : last?.from === first + 2 ? 'k+2' : 'another run',
      inOppositeOrder: reversed.claims(1, begin).map(({ to }) => words[to - first] ?? 'something else'),
    };
  },
  expected: {
    raft: { last: 'everything up to k+2', inOppositeOrder: ['k'] },
    'multi-paxos': { last: 'k+2', inOppositeOrder: ['k+2', 'k+1', 'k'] },
    zab: { last: 'k+2', inOppositeOrder: [] },
  },
};

const commitNotice: Row = {
  id: 'O21',
  differs: 'how an idle leader tells its followers that an entry is committed',
  observe(subject) {
    const group = Group.led(subject, 3);
    group.propose(3, 'x');
    const index = group.entry(3, 'x')?.index ?? 0;
    const { mark } = group;
    group.tell('stabilize');
    const notices = group.sent(mark).flatMap(({ from, to, message, entries }) => {
      const notice = from === 3 ? group.words.notice(message, (epoch) => group.firstOf(epoch)) : undefined;
      return notice?.to === index && entries.length === 0 ? [{ to, kind: message.kind, names: notice.names }] : [];
    });
    return {
      followers: notices.map(({ to }) => to).toSorted((a, b) => a - b),
      names: distinct(notices.map(({ names }) => names)),
      isMessageOfReplication: notices.every(({ kind }) => kind === group.words.replicates),
    };
  },
  expected: {
    raft: { followers: [1, 2], names: ['an upper bound'], isMessageOfReplication: true },
    'multi-paxos': { followers: [1, 2], names: ['a run and its ballot'], isMessageOfReplication: false },
    zab: { followers: [1, 2], names: ['a run'], isMessageOfReplication: false },
  },
};

const nonVoters: Row = {
  id: 'O22',
  differs: 'a member that does not vote: when it gets an entry, in what, and whether it acknowledges it',
  observe(subject) {
    const group = Group.led(subject, 4, 'learners=1');
    const { mark } = group;
    const carriers = (): string[] =>
      group
        .sent(mark)
        .flatMap(({ to, entries, message }) => (to === 1 && entries.some(({ text }) => text === 'x') ? [message.kind] : []));
    group.tell('hold 2->4', 'hold 3->4');
    group.propose(4, 'x');
    group.tell('stabilize');
    const beforeCommit = carriers().length > 0;
    group.tell('release 2->4', 'release 3->4', 'stabilize');
    return {
      beforeCommit,
      carriers: distinct(carriers()),
      acknowledges: group.claims(1, mark).length > 0,
      applied: group.applied(1, mark),
    };
  },
  expected: {
    raft: { beforeCommit: true, carriers: ['append'], acknowledges: true, applied: ['x'] },
    'multi-paxos': { beforeCommit: false, carriers: ['chosen'], acknowledges: false, applied: ['x'] },
    zab: { beforeCommit: false, carriers: ['inform'], acknowledges: false, applied: ['x'] },
  },
};

const asymmetricQuorums: Row = {
  id: 'O23',
  differs: 'asymmetric quorums (G7): five members asked for #Q1 = 4 and #Q2 = 2',
  observe(subject) {
    const group = Group.led(subject, 5, 'q1=4 q2=2');
    group.tell('crash 1', 'crash 2', 'crash 3');
    const { mark } = group;
    group.propose(5, 'x');
    group.tell('stabilize');
    const commitsWithTwo = group.applied(5, mark).includes('x');
    group.tell('crash 5', 'restart 1', 'restart 2');
    group.elect(4);
    group.tell('advance 10000 stabilize');
    const electsWithThree = group.leaders.length === 1;
    group.tell('restart 3');
    group.elect(4);
    group.tell('advance 10000 stabilize');
    return { commitsWithTwo, electsWithThree, electsWithFour: group.leaders.length === 1 };
  },
  expected: {
    raft: { commitsWithTwo: false, electsWithThree: true, electsWithFour: true },
    'multi-paxos': { commitsWithTwo: true, electsWithThree: false, electsWithFour: true },
    zab: { commitsWithTwo: false, electsWithThree: true, electsWithFour: true },
  },
};

const catchUpDirection: Row = {
  id: 'O24',
  differs: 'who supplies x, which 2 has and 1 has not, once its leader is gone and 1 wants to lead',
  observe(subject) {
    const group = Group.led(subject, 3);
    group.tell('hold 3->1 log');
    group.propose(3, 'x');
    group.tell('stabilize 2,3', 'crash 3');
    const { mark } = group;
    group.elect(1);
    group.tell('advance 8000 stabilize');
    const suppliers = group.since(mark).flatMap((one, place) => {
      if (one.what !== 'delivered' || one.to !== 1 || !one.entries.some(({ text }) => text === 'x')) return [];
      const roles = group.since(mark).slice(0, place);
      return roles.flatMap((each) => (each.what === 'role' && each.member === one.from ? [each.role.role] : [])).slice(-1);
    });
    return { supplier: suppliers[0] ?? 'nobody', applied: group.applied(1, mark).includes('x') };
  },
  expected: {
    raft: { supplier: 'leader', applied: true },
    'multi-paxos': { supplier: 'follower', applied: true },
    zab: { supplier: 'leader', applied: true },
  },
};

const toleratedDisorder: Row = {
  id: 'O25',
  differs: 'messages lost, doubled and shuffled for ten timeouts, 20 seeds; ZAB behind a layer that ends a link at a gap',
  observe: storms,
  expected: {
    raft: { keepsCommitting: true, losesLinks: false, inTheEndEqual: true },
    'multi-paxos': { keepsCommitting: true, losesLinks: false, inTheEndEqual: true },
    zab: { keepsCommitting: false, losesLinks: true, inTheEndEqual: true },
  },
};

/** What messages say, to whom, and what of their order is relied on. */
export const messageRows: readonly Row[] = [
  acknowledgements,
  commitNotice,
  nonVoters,
  asymmetricQuorums,
  catchUpDirection,
  toleratedDisorder,
];
