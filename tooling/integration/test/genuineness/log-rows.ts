import type { Epoch } from '@quorate/interface';
import { compareEpochs } from '@quorate/interface';
import type { Subject } from './cores.ts';
import { bytesIn, distinct, Group } from './group.ts';
import type { Row } from './row.ts';

/** 3 pipelines A and B; A reaches nobody, B reaches 1 and, where `known`, is chosen and known to be. 3 crashes, 2 takes over. */
function withoutPredecessor(subject: Subject, known: boolean): Group {
  const group = Group.led(subject, 3);
  group.propose(3, 'A', 'B');
  group.lose(3, 1);
  group.lose(3, 2);
  group.deliverAll(3, 1);
  if (known) {
    group.deliverAll(3, 2);
    group.deliverAll(1, 3);
    group.deliverAll(3, 1);
    group.deliverAll(3, 2);
  }
  group.tell('crash 3', 'heal');
  group.elect(2);
  return group;
}

/** 3 has a tail on its own disk and on 2's, and no acknowledgement; it crashes, and 2 takes over. */
function inheritedTail(subject: Subject): { group: Group; before: Epoch | undefined; mark: number } {
  const group = Group.led(subject, 3);
  group.tell('hold 3->1 log');
  group.propose(3, 'v', 'w');
  group.tell('hold 2->3');
  group.deliverAll(3, 2);
  const before = group.entry(2, 'v')?.epoch;
  group.tell('crash 3');
  const { mark } = group;
  group.elect(2);
  return { group, before, mark };
}

function rises(before: Epoch | undefined, after: Epoch | undefined): boolean {
  return before !== undefined && after !== undefined && compareEpochs(after, before) > 0;
}

/** Whether numbers fall somewhere along a log. */
function falls(group: Group, id: number): boolean {
  return group.log(id).some(({ epoch }, place, log) => {
    const before = log[place - 1];
    return before !== undefined && compareEpochs(epoch, before.epoch) < 0;
  });
}

const holes: Row = {
  id: 'O1',
  differs: 'holes: k is lost on its way to a follower, k+1 arrives',
  observe(subject) {
    const group = Group.led(subject, 3);
    const { mark } = group;
    group.propose(3, 'k', 'k+1');
    const above = group.entry(3, 'k+1')?.index ?? 0;
    group.lose(3, 1);
    group.deliverAll(3, 1);
    const stored = group.texts(1).filter((text) => text.startsWith('k'));
    const acknowledges = group.claims(1, mark).some(({ to }) => to >= above);
    const endsLink = group.linkEnds(mark, 'lost') > 0;
    group.tell('heal', 'stabilize', 'advance 2000 stabilize');
    return { stored, acknowledges, endsLink, inTheEnd: group.applied(1, mark) };
  },
  expected: {
    raft: { stored: [], acknowledges: false, endsLink: false, inTheEnd: ['k', 'k+1'] },
    'multi-paxos': { stored: ['k+1'], acknowledges: true, endsLink: false, inTheEnd: ['k', 'k+1'] },
    zab: { stored: [], acknowledges: false, endsLink: true, inTheEnd: ['k', 'k+1'] },
  },
};

const outOfOrderChoice: Row = {
  id: 'O2',
  differs: 'out-of-order choice: only the acknowledgements of k are late',
  observe(subject) {
    const group = Group.led(subject, 3);
    const { mark } = group;
    group.propose(3, 'k', 'k+1');
    const below = group.entry(3, 'k')?.index ?? 0;
    for (const follower of [1, 2]) {
      group.arrive(3, follower);
      group.arrive(3, follower);
      // The second acknowledgement overtakes the first.
      group.arrive(follower, 3, 2);
    }
    const chosen = group.since(mark).flatMap((one) => (one.what === 'chosen' && one.member === 3 ? one.runs : []));
    const choosesAbove = chosen.length > 0 && chosen.every(({ from }) => from > below);
    const applied = group.applied(3, mark);
    group.tell('heal', 'stabilize', 'advance 2000 stabilize');
    return { choosesAbove, applied, inTheEnd: distinct(group.applied(3, mark)) };
  },
  expected: {
    raft: { choosesAbove: false, applied: ['k', 'k+1'], inTheEnd: ['k', 'k+1'] },
    'multi-paxos': { choosesAbove: true, applied: [], inTheEnd: ['k', 'k+1'] },
    zab: { choosesAbove: false, applied: [], inTheEnd: ['k', 'k+1'] },
  },
};

const ballotRewriting: Row = {
  id: 'O3',
  differs: 'what a leader change does to the number of an old, uncommitted entry',
  observe(subject) {
    const leadership = { round: 0, owner: 0 };
    const { group, before } = inheritedTail(subject);
    const after = group.entry(2, 'v')?.epoch;
    const epoch = group.role(2)?.epoch ?? leadership;
    return {
      entryRises: rises(before, after),
      leadershipRises: rises(before, epoch),
      applied: group.applied(1).filter((text) => text === 'v' || text === 'w'),
    };
  },
  expected: {
    raft: { entryRises: false, leadershipRises: true, applied: ['v', 'w'] },
    'multi-paxos': { entryRises: true, leadershipRises: true, applied: ['v', 'w'] },
    zab: { entryRises: false, leadershipRises: true, applied: ['v', 'w'] },
  },
};

const numbersAlongTheLog: Row = {
  id: 'O4',
  differs: 'the number along the log, after a hole below a chosen entry was filled',
  observe(subject) {
    const group = withoutPredecessor(subject, true);
    return { falls: group.ids.some((id) => falls(group, id)) };
  },
  expected: { raft: { falls: false }, 'multi-paxos': { falls: true }, zab: { falls: false } },
};

const primaryOrder: Row = {
  id: 'O10',
  differs: 'primary order (G1): B is committed without A, or it is not',
  observe(subject) {
    const group = withoutPredecessor(subject, false);
    group.propose(2, 'C');
    group.tell('stabilize', 'restart 3', 'advance 2000 stabilize');
    const commands = (id: number): string =>
      group
        .applied(id)
        .filter((text) => text !== 'noop')
        .join(' ');
    return { applied: commands(1), everywhere: distinct(group.ids.map(commands)).length === 1 };
  },
  expected: {
    raft: { applied: 'C', everywhere: true },
    'multi-paxos': { applied: 'B C', everywhere: true },
    zab: { applied: 'C', everywhere: true },
  },
};

const resurrection: Row = {
  id: 'O11',
  differs: 'resurrection (G2): what 3 stored alone, after 2 led and had nothing to do',
  observe(subject) {
    const group = Group.led(subject, 3);
    group.propose(3, 'A', 'B');
    const { mark } = group;
    group.tell('partition 3|1,2');
    group.elect(2);
    const idle = group.role(2)?.epoch;
    const byTheIdleLeader = group.log(1).filter(({ epoch }) => idle !== undefined && compareEpochs(epoch, idle) === 0).length;
    group.tell('crash 2', 'crash 3', 'heal', 'restart 3');
    group.elect(3);
    group.tell('advance 8000 stabilize');
    return { byTheIdleLeader, comesBack: group.applied(1, mark).filter((text) => text !== 'noop') };
  },
  expected: {
    raft: { byTheIdleLeader: 1, comesBack: [] },
    'multi-paxos': { byTheIdleLeader: 0, comesBack: ['A', 'B'] },
    zab: { byTheIdleLeader: 0, comesBack: [] },
  },
};

const truncation: Row = {
  id: 'O19',
  differs: 'truncation: a member returns with an entry that nobody else has, where others agreed on another one',
  observe(subject) {
    const group = Group.led(subject, 3);
    group.tell('partition 3|1,2');
    group.propose(3, 'lonely');
    group.tell('crash 3');
    group.elect(2);
    group.propose(2, 'agreed');
    group.tell('stabilize', 'heal');
    const { mark } = group;
    group.tell('restart 3', 'stabilize', 'advance 2000 stabilize');
    const cuts = group.since(mark).filter((one) => one.what === 'wrote' && one.member === 3 && one.truncateFrom !== undefined);
    const told = group.sent(mark).filter(({ to, message }) => to === 3 && (message.kind === 'trunc' || message.kind === 'snap'));
    const first = group.texts(3).find((text) => text !== 'noop');
    return {
      truncates: cuts.length > 0,
      isToldTo: told.length > 0,
      holds: first ?? '',
      lonely: group.texts(3).includes('lonely'),
    };
  },
  expected: {
    raft: { truncates: true, isToldTo: false, holds: 'agreed', lonely: false },
    'multi-paxos': { truncates: false, isToldTo: false, holds: 'agreed', lonely: false },
    zab: { truncates: true, isToldTo: true, holds: 'agreed', lonely: false },
  },
};

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

/** What becomes of entries: in the log, over leader changes, and of those that were never acknowledged. */
export const logRows: readonly Row[] = [
  holes,
  outOfOrderChoice,
  ballotRewriting,
  numbersAlongTheLog,
  bytesInTheElection,
  indexesOfAnIdleChange,
  inheritedTailWithoutLoad,
  activationBarrier,
  primaryOrder,
  resurrection,
  truncation,
];
