import { expectEqual, expectPresent, expectThat } from '../expectation.ts';
import type { CoreCase } from './core-case.ts';
import type { CoreSubject } from './core-subject.ts';
import { Group } from './group.ts';

/** What becomes of proposals. In every case: each run is answered once and whole, and appended as it is. */
export const proposalCases: readonly CoreCase[] = [
  { name: 'decides what was proposed, once and in order, on every member', needs: [], check: decides },
  { name: 'takes many runs in one turn, and one in each of many turns', needs: [], check: takesMany },
  { name: 'carries payloads of any size, larger than a message too', needs: [], check: carriesAnySize },
  { name: 'rejects proposals where it does not lead or is not ready', needs: [], check: rejectsElsewhere },
  {
    name: 'rejects proposals above uncommittedBytes, and takes them again once there is room',
    needs: [],
    check: rejectsOverload,
  },
  { name: 'keeps the windows of its peers small enough to go on', needs: [], check: keepsWindows },
  {
    name: 'tells what was chosen before it is committed, and never another thing',
    needs: ['outOfOrderChoice'],
    check: tellsChoices,
  },
];

function decides<M>(subject: CoreSubject<M>): void {
  for (const voters of [1, 3, 5]) {
    const group = new Group(subject, { voters });
    const leader = group.elect();
    const first = group.propose(leader, 5);
    group.settle();
    const second = group.propose(leader, 1);
    const third = group.propose(leader, 4);
    group.until(() => group.record.commands.length === 10, 'all ten commands are decided');
    const expected = [...first.texts, ...second.texts, ...third.texts];
    expectEqual(
      group.record.commands.map(commandOf),
      expected,
      'commands are decided once, in the order in which they were proposed',
    );
    expectEqual(leader.accepted.length, 10, 'each is reported as appended');
    group.until(
      () => group.members.every(({ appliedIndex }) => appliedIndex >= group.record.acknowledged),
      'every member applies them',
    );
    group.verify();
  }
}

/** The text of a decided command. */
function commandOf(decided: string): string {
  const bytes = /^command "bytes (.*)"$/u.exec(decided)?.[1] ?? '';
  return String.fromCharCode(...bytes.split(' ').map(Number));
}

function takesMany<M>(subject: CoreSubject<M>): void {
  const group = new Group(subject, { voters: 3 });
  const leader = group.elect();
  const texts: string[] = [];
  for (let i = 0; i < 20; i++) texts.push(...group.propose(leader, 1 + (i % 3)).texts);
  for (let i = 0; i < 20; i++) {
    leader.turn();
    texts.push(...group.propose(leader, 1 + (i % 2)).texts);
  }
  group.until(() => group.record.commands.length === texts.length, 'all commands are decided');
  expectEqual(group.record.commands.map(commandOf), texts, 'in the order in which they were proposed');
  group.verify();
}

function carriesAnySize<M>(subject: CoreSubject<M>): void {
  const group = new Group(subject, { voters: 3, limits: { messageBytes: 1_000, windowBytes: 2_000 } });
  group.elect();
  for (const [count, bytes] of [
    [1, 50_000],
    [300, 10],
    [5, 3_000],
    [1, 0],
  ] as const)
    group.commit(count, bytes);
  expectEqual(group.record.commands.length, 307, 'commands of every size are decided');
}

function rejectsElsewhere<M>(subject: CoreSubject<M>): void {
  const group = new Group(subject, { voters: 3 });
  for (const member of group.members) group.propose(member, 2);
  for (const member of group.members) member.turn();
  for (const { rejected, accepted } of group.members)
    expectThat(rejected.length === 1 && accepted.length === 0, 'nobody leads in the first turn: a run is rejected whole');
  const leader = group.elect();
  for (const member of group.others(leader.id)) {
    const { first } = group.propose(member, 3);
    member.turn();
    const last = expectPresent(member.rejected.at(-1), 'a follower rejects proposals');
    expectThat(last.first === first && ['not-leader', 'not-ready'].includes(last.reason), `and says why (${last.reason})`);
  }
  group.advance(2 * subject.settleMs);
  expectEqual(group.record.commands, [], 'what was rejected is never decided');
}

function rejectsOverload<M>(subject: CoreSubject<M>): void {
  const group = new Group(subject, { voters: 3, limits: { uncommittedBytes: 2_000 } });
  const leader = group.elect();
  group.commit();
  for (const { id } of group.others(leader.id)) group.cut(leader.id, id);
  const taken: string[] = [];
  const refused: string[] = [];
  for (let i = 0; i < 8; i++) {
    const { first, texts } = group.propose(leader, 2, 300);
    leader.turn();
    if (leader.accepted.includes(first)) taken.push(...texts);
    else {
      expectEqual(leader.rejected.at(-1)?.reason, 'overloaded', 'above the limit a run is rejected, with the reason');
      refused.push(...texts);
    }
  }
  expectThat(refused.length > 0, 'above the limit a run is rejected');
  expectThat(taken.length >= 2, 'below the limit a run is taken');
  group.calm();
  const decided = group.record.commands.map(commandOf);
  expectEqual(
    decided.filter((text) => refused.includes(text)),
    [],
    'what was rejected is never decided',
  );
  const again = group.elect();
  const before = again.accepted.length;
  group.propose(again, 2, 300);
  group.settle();
  expectEqual(again.accepted.length, before + 2, 'once there is room, proposals are taken again');
}

function keepsWindows<M>(subject: CoreSubject<M>): void {
  const group = new Group(subject, { voters: 3, limits: { windowMessages: 2, windowBytes: 100, messageBytes: 50 } });
  const leader = group.elect();
  group.propose(leader, 60, 20);
  group.until(() => group.record.commands.length === 60, 'a small window still lets everything pass');
  group.calm();
}

function tellsChoices<M>(subject: CoreSubject<M>): void {
  const group = new Group(subject, { voters: 3 });
  const leader = group.elect();
  for (let i = 0; i < 5; i++) group.propose(leader, 3);
  group.until(() => group.record.commands.length === 15, 'all commands are decided');
  expectThat(leader.chosen.size >= 15, 'the leader tells what was chosen');
  group.calm();
}
