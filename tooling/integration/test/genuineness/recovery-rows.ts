import { bytesIn, distinct, Group } from './group.ts';
import type { Row } from './row.ts';
import { withoutPredecessor } from './without-predecessor.ts';

const indexesOfAnIdleChange: Row = {
  id: 'O7',
  differs: 'indexes that an idle leader change consumes, and one that finds one hole',
  observe(subject) {
    const idle = Group.led(subject, 3);
    idle.propose(3, 'a');
    idle.tell('stabilize');
    const before = idle.status(2)?.last ?? 0;
    idle.tell('crash 3');
    idle.elect(2);
    const noops = withoutPredecessor(subject, true)
      .texts(1)
      .filter((text) => text === 'noop').length;
    const first = Group.led(subject, 3)
      .texts(1)
      .filter((text) => text === 'noop').length;
    return { idle: (idle.status(2)?.last ?? 0) - before, noopsOverAHole: noops - first };
  },
  expected: {
    raft: { idle: 1, noopsOverAHole: 1 },
    'multi-paxos': { idle: 0, noopsOverAHole: 1 },
    zab: { idle: 0, noopsOverAHole: 0 },
  },
};

const inheritedTailWithoutLoad: Row = {
  id: 'O8',
  differs: 'how an inherited tail is committed while no client asks for anything',
  observe(subject) {
    const group = Group.led(subject, 3);
    group.tell('hold 1->3', 'hold 2->3');
    group.propose(3, 'v', 'w');
    group.deliverAll(3, 1);
    group.deliverAll(3, 2);
    group.tell('crash 3');
    const { mark } = group;
    group.elect(2);
    const entries = group.sent(mark).flatMap((one) => (one.from === 2 ? one.entries : []));
    const isOld = (text: string): boolean => text === 'v' || text === 'w';
    return { leaderSends: distinct(entries.map(({ text }) => text)), applied: group.applied(1, mark).filter(isOld) };
  },
  expected: {
    raft: { leaderSends: ['noop'], applied: ['v', 'w'] },
    'multi-paxos': { leaderSends: ['v', 'w'], applied: ['v', 'w'] },
    zab: { leaderSends: [], applied: ['v', 'w'] },
  },
};

const bytesInTheElection: Row = {
  id: 'O6',
  differs: 'payload in the messages of an election, over an uncommitted tail that 3 and 4 of five hold',
  observe(subject) {
    const group = Group.led(subject, 5);
    group.tell('hold 5->1,2 log', 'hold 3->5', 'hold 4->5');
    const words = Array.from({ length: 20 }, (_, place) => `${place}-${'v'.repeat(1000)}`);
    group.propose(5, ...words);
    group.deliverAll(5, 3);
    group.deliverAll(5, 4);
    const tail = words.reduce((sum, word) => sum + word.length, 0);
    const { mark } = group;
    group.tell('crash 5');
    group.elect(4);
    const ready = group.since(mark).findIndex((one) => one.what === 'role' && one.member === 4 && one.role.ready);
    const before = group.sent(mark).filter((one) => group.since(mark).indexOf(one) < ready);
    const election = before.filter(({ message }) => group.words.elects.includes(message.kind));
    const upward = before.filter(({ from }) => from !== 4);
    const downward = before.filter(({ from }) => from === 4);
    return {
      inTheElection: bytesIn(election) / tail,
      toTheLeader: bytesIn(upward) / tail,
      toOthersBeforeReady: bytesIn(downward) > 0,
    };
  },
  expected: {
    raft: { inTheElection: 0, toTheLeader: 0, toOthersBeforeReady: false },
    'multi-paxos': { inTheElection: 1, toTheLeader: 1, toOthersBeforeReady: false },
    zab: { inTheElection: 0, toTheLeader: 0, toOthersBeforeReady: true },
  },
};

const activationBarrier: Row = {
  id: 'O9',
  differs: 'a client asks the moment a leader is elected, while an inherited tail is uncommitted',
  observe(subject) {
    const group = Group.led(subject, 3);
    group.tell('hold 3->1 log', 'hold 2->3');
    group.propose(3, 'old');
    group.deliverAll(3, 2);
    group.tell('crash 3', 'advance 1000');
    if (!group.isZab) group.tell('campaign 2');
    const { mark } = group;
    group.until(() => group.role(2)?.role === 'leader');
    group.propose(2, 'new');
    const isRefused = group.since(mark).some((one) => one.what === 'rejected');
    const leaves = (): boolean => group.sent(mark).some(({ entries }) => entries.some(({ text }) => text === 'new'));
    group.until(() => {
      if (!leaves() && group.entry(2, 'new') === undefined) group.propose(2, 'new');
      return leaves();
    });
    const overlaps = !group.applied(2, mark).includes('old');
    const activated = group.since(mark).some((one) => one.what === 'delivered' && one.message.kind === 'ack-leader');
    group.tell('stabilize');
    return { isRefused, overlaps, afterAckLeader: activated, applied: group.applied(2, mark).filter((text) => text !== 'noop') };
  },
  expected: {
    raft: { isRefused: false, overlaps: true, afterAckLeader: false, applied: ['old', 'new'] },
    'multi-paxos': { isRefused: false, overlaps: true, afterAckLeader: false, applied: ['old', 'new'] },
    zab: { isRefused: true, overlaps: false, afterAckLeader: true, applied: ['old', 'new'] },
  },
};

/** What a new leader does about what it inherits. */
export const recoveryRows: readonly Row[] = [
  bytesInTheElection,
  indexesOfAnIdleChange,
  inheritedTailWithoutLoad,
  activationBarrier,
];
