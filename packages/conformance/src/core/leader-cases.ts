import { expectEqual, expectPresent, expectThat } from '../expectation.ts';
import type { CoreCase } from './core-case.ts';
import type { CoreSubject } from './core-subject.ts';
import { Group } from './group.ts';

/** Who leads. In every case: one ready leader per epoch, ready before settled, every change told. */
export const leaderCases: readonly CoreCase[] = [
  { name: 'elects one leader, whom everybody follows, in groups of one to five', needs: [], check: elects },
  {
    name: 'elects another leader when the leader is gone, and keeps what was acknowledged',
    needs: ['failover'],
    check: replacesLeader,
  },
  { name: 'follows the newer leader when the older one comes back', needs: ['failover'], check: deposes },
  { name: 'elects nobody and decides nothing without a quorum', needs: [], check: needsQuorum },
  { name: 'elects through one member that reaches the others', needs: ['partialLinks'], check: electsThroughBridge },
  { name: 'hands leadership over when it is asked to', needs: ['failover'], check: transfers },
  { name: 'bears suspicion, campaigns and transfers that make no sense', needs: [], check: bearsAdvice },
  { name: 'lets learners learn, and does not count them', needs: [], check: learners },
  { name: 'sleeps between heartbeats: an idle group wakes up a bounded number of times', needs: [], check: idles },
];

function elects<M>(subject: CoreSubject<M>): void {
  for (const voters of [1, 2, 3, 5]) {
    const group = new Group(subject, { voters });
    const leader = group.elect();
    expectEqual(group.up.filter(({ status }) => status.role.ready).length, 1, `one of ${voters} is ready`);
    group.commit(3);
    expectEqual(group.leader?.id, leader.id, 'a healthy leader stays');
    group.verify();
  }
}

function replacesLeader<M>(subject: CoreSubject<M>): void {
  const group = new Group(subject, { voters: 3 });
  const first = group.elect();
  group.commit(5);
  const before = group.record.commands.length;
  group.crash(first.id);
  const second = group.elect();
  expectThat(second.id !== first.id, 'another member leads');
  expectThat(second.appliedIndex >= before, 'what was acknowledged is kept');
  group.commit(5);
  group.restart(first.id);
  group.calm();
}

function deposes<M>(subject: CoreSubject<M>): void {
  const group = new Group(subject, { voters: 3 });
  const old = group.elect();
  group.commit();
  group.isolate(old.id);
  // More than the others will have: what the older leader took alone is in its way when it comes back.
  group.propose(old, 12);
  group.settle();
  group.elect(group.others(old.id));
  const young = expectPresent(group.leader, 'there is a leader');
  expectThat(young.id !== old.id, 'the others elect a leader of their own');
  const before = young.status.last;
  group.propose(young, 3);
  group.until(() => young.appliedIndex >= before + 3, 'the newer leader commits');
  group.heal();
  const follows = (): boolean => old.appliedIndex >= before + 3 && old.status.role.leader === group.leader?.id;
  group.until(follows, 'the older leader follows, and applies what was decided without it');
  group.crash(old.id);
  group.restart(old.id);
  group.calm();
}

function needsQuorum<M>(subject: CoreSubject<M>): void {
  const group = new Group(subject, { voters: 3 });
  const leader = group.elect();
  group.commit();
  for (const { id } of group.others(leader.id)) group.crash(id);
  const { acknowledged } = group.record;
  group.propose(leader, 3);
  group.advance(6 * subject.settleMs);
  expectEqual(group.record.acknowledged, acknowledged, 'one of three decides nothing');
  group.crash(leader.id);
  group.restart(leader.id);
  group.advance(6 * subject.settleMs);
  expectThat(!leader.status.role.ready, 'one of three is not elected');
  expectEqual(group.record.acknowledged, acknowledged, 'one of three decides nothing after a restart');
  group.calm();
}

function electsThroughBridge<M>(subject: CoreSubject<M>): void {
  const group = new Group(subject, { voters: 3 });
  group.cut(1, 2);
  group.until(() => group.leader !== undefined, 'a leader is settled although two members do not reach each other');
  const { acknowledged } = group.record;
  group.until(() => {
    const { leader } = group;
    if (leader !== undefined) group.propose(leader);
    return group.record.acknowledged > acknowledged + 3;
  }, 'the group decides');
  group.calm();
}

function transfers<M>(subject: CoreSubject<M>): void {
  const group = new Group(subject, { voters: 3 });
  for (let round = 0; round < 3; round++) {
    const from = group.elect();
    const to = expectPresent(group.others(from.id)[round % 2], 'there is another member');
    group.commit(2);
    from.input({ type: 'transfer', to: to.id });
    group.until(() => group.leader?.id === to.id, `member ${to.id} leads when ${from.id} hands over`);
    group.elect();
  }
  group.calm();
}

function bearsAdvice<M>(subject: CoreSubject<M>): void {
  const group = new Group(subject, { voters: 3, learners: 1 });
  const leader = group.elect();
  for (const member of group.members) {
    for (const peer of [1, 2, 3, 4, 99]) member.input({ type: 'suspect', peer });
    for (const to of [1, 2, 3, 4, 99]) member.input({ type: 'transfer', to });
    member.input({ type: 'wake' });
    member.input({ type: 'campaign' });
    group.settle();
  }
  group.propose(leader);
  group.calm();
}

function learners<M>(subject: CoreSubject<M>): void {
  const group = new Group(subject, { voters: 3, learners: 2 });
  const leader = group.elect();
  group.commit(4);
  for (const learner of [4, 5]) expectEqual(group.member(learner).status.role.role, 'learner', 'who does not vote is a learner');
  for (const voter of [1, 2, 3]) if (voter !== leader.id) group.crash(voter);
  const { acknowledged } = group.record;
  group.propose(leader);
  group.advance(4 * subject.settleMs);
  expectEqual(group.record.acknowledged, acknowledged, 'a leader and two learners are no quorum of three');
  for (const learner of [4, 5]) expectThat(group.member(learner).status.role.role === 'learner', 'a learner is no candidate');
  group.calm();
}

function idles<M>(subject: CoreSubject<M>): void {
  const group = new Group(subject, { voters: 3 });
  group.elect();
  group.commit();
  group.advance(subject.settleMs);
  for (const member of group.members) member.wakes = 0;
  group.advance(20 * subject.settleMs);
  for (const { id, wakes } of group.members)
    expectThat(wakes <= 20 * 400, `an idle member sleeps: 400 wakes per settleMs are plenty (member ${id}: ${wakes})`);
  const alone = new Group(subject, { voters: 3 });
  for (const id of [1, 2, 3]) alone.isolate(id);
  alone.advance(20 * subject.settleMs);
  for (const { id, wakes } of alone.members)
    expectThat(wakes <= 20 * 400, `a member without links sleeps too (member ${id}: ${wakes})`);
}
