import { expectPresent, expectThat } from '../expectation.ts';
import type { CoreCase } from './core-case.ts';
import type { CoreSubject } from './core-subject.ts';
import { Group } from './group.ts';

/** Linearizable reads. In every case: a read is answered once, with a point not before what was acknowledged when it was asked. */
export const readCases: readonly CoreCase[] = [
  { name: 'answers reads on the leader, many in a turn', needs: [], check: onLeader },
  { name: 'answers reads on followers', needs: [], check: onFollowers },
  { name: 'answers quorum reads on any member', needs: ['quorumReads'], check: byQuorum },
  { name: 'never answers from a leader that was deposed', needs: ['failover'], check: notDeposed },
  { name: 'answers no read before it is settled', needs: ['failover'], check: notBeforeSettled },
  { name: 'ends reads that cannot be answered once the group is whole again', needs: [], check: endsReads },
];

function onLeader<M>(subject: CoreSubject<M>): void {
  for (const voters of [1, 3]) {
    const group = new Group(subject, { voters });
    const leader = group.elect();
    group.commit(3);
    for (let round = 0; round < 3; round++) {
      const contexts = Array.from({ length: 5 }, () => leader.read());
      group.propose(leader);
      group.until(
        () => contexts.every((context) => leader.resultOf(context)?.index !== undefined),
        'a settled leader answers reads',
      );
    }
    group.calm();
  }
}

function onFollowers<M>(subject: CoreSubject<M>): void {
  const group = new Group(subject, { voters: 3 });
  const leader = group.elect();
  group.commit(3);
  for (const follower of group.others(leader.id)) {
    const contexts = [follower.read(), follower.read()];
    group.propose(leader);
    group.until(() => contexts.every((context) => follower.resultOf(context)?.index !== undefined), 'a follower answers reads');
  }
  group.calm();
}

function byQuorum<M>(subject: CoreSubject<M>): void {
  const group = new Group(subject, { voters: 3 });
  const leader = group.elect();
  group.commit(3);
  for (const member of group.members) {
    const context = member.read('quorum');
    group.propose(leader);
    group.until(() => member.resultOf(context)?.index !== undefined, `member ${member.id} answers a quorum read`);
  }
  group.calm();
}

function notDeposed<M>(subject: CoreSubject<M>): void {
  const group = new Group(subject, { voters: 3 });
  const old = group.elect();
  group.commit(2);
  group.isolate(old.id);
  // It does not know yet that it is alone, and others decide without it: what it may answer at once would be too old.
  group.elect(group.others(old.id));
  const young = expectPresent(group.leader, 'there is a leader');
  const { acknowledged } = group.record;
  group.propose(young, 4);
  group.until(() => group.record.acknowledged >= acknowledged + 4, 'the newer leader commits');
  const context = old.read();
  group.advance(2 * subject.settleMs);
  expectThat(old.resultOf(context)?.index === undefined, 'a leader that was deposed answers no read');
  const early = old.read();
  group.heal();
  group.calm();
  expectThat(old.resultOf(early) !== undefined, 'the read is answered or given up');
}

function notBeforeSettled<M>(subject: CoreSubject<M>): void {
  const group = new Group(subject, { voters: 3 });
  group.elect();
  group.commit(2);
  for (let round = 0; round < 3; round++) {
    const leader = group.elect();
    const { acknowledged } = group.record;
    group.propose(leader, 2);
    // The leader answers its clients and is gone before anybody else hears that the commands are committed.
    const isSilent = (): boolean => leader.appliedIndex >= acknowledged + 2;
    group.settle(({ from }) => from !== leader.id || !isSilent());
    expectThat(isSilent(), 'the leader commits');
    group.crash(leader.id);
    // Reads are asked in every turn of the way to the next leader.
    const ask = (): boolean => {
      for (const member of group.up) member.read();
      return group.leader !== undefined;
    };
    group.until(ask, 'another leader is settled');
    group.restart(leader.id);
    group.commit();
  }
  group.calm();
}

function endsReads<M>(subject: CoreSubject<M>): void {
  const group = new Group(subject, { voters: 3 });
  const leader = group.elect();
  group.commit();
  for (const { id } of group.others(leader.id)) group.cut(leader.id, id);
  const contexts = group.members.map((member) => ({ member, context: member.read() }));
  group.advance(4 * subject.settleMs);
  group.calm();
  for (const { member, context } of contexts)
    expectThat(member.resultOf(context) !== undefined, 'a read is answered or given up in the end');
}
