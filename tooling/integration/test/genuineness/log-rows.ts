import type { Epoch } from '@quorate/interface';
import { compareEpochs } from '@quorate/interface';
import type { Subject } from './cores.ts';
import { distinct, Group } from './group.ts';
import { withoutPredecessor } from './without-predecessor.ts';
import type { Row } from './row.ts';

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

/** What becomes of entries: in the log, over leader changes, and of those that were never acknowledged. */
export const logRows: readonly Row[] = [
  holes,
  outOfOrderChoice,
  ballotRewriting,
  numbersAlongTheLog,
  primaryOrder,
  resurrection,
  truncation,
];
