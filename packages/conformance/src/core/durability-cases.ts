import { expectEqual, expectPresent, expectThat } from '../expectation.ts';
import type { CoreCase } from './core-case.ts';
import type { PlannedCrash } from './core-member.ts';
import type { CoreSubject } from './core-subject.ts';
import { Group } from './group.ts';

/** What rests on disks. In every case: gates name writes that were handed out, and nothing is applied that the own disk does not hold. */
export const durabilityCases: readonly CoreCase[] = [
  { name: 'decides nothing that the disks of a quorum do not hold', needs: [], check: waitsForQuorum },
  { name: 'decides without the slowest disk', needs: [], check: outlivesSlowDisk },
  { name: 'applies nothing that its own disk does not hold, also where a quorum does', needs: [], check: waitsForOwnDisk },
  { name: 'comes back from a crash in the turn of any write, lost or kept, sent or not', needs: [], check: bearsCrashAtAnyWrite },
  { name: 'comes back with any number of its last writes', needs: [], check: bearsLostTail },
  { name: 'keeps everything through restarts of all members at once', needs: [], check: bearsRestartOfAll },
];

function waitsForQuorum<M>(subject: CoreSubject<M>): void {
  for (const voters of [1, 3, 5]) {
    const group = new Group(subject, { voters });
    const leader = group.elect();
    group.commit();
    const { acknowledged } = group.record;
    // All disks of a majority hang, the leader's among them or not.
    const hanging = voters === 1 ? [leader] : group.others(leader.id).slice(0, (voters + 1) / 2);
    for (const member of hanging) member.syncs = false;
    group.propose(leader, 3);
    group.settle();
    group.advance(subject.settleMs / 50);
    expectEqual(group.record.acknowledged, acknowledged, `nothing is decided while ${hanging.length} disks of ${voters} hang`);
    for (const member of hanging) {
      member.syncs = true;
      member.sync();
    }
    group.until(() => group.record.acknowledged >= acknowledged + 3, 'it is decided once the disks go on');
    group.calm();
  }
}

function outlivesSlowDisk<M>(subject: CoreSubject<M>): void {
  const group = new Group(subject, { voters: 3 });
  const leader = group.elect();
  group.commit();
  const slow = expectPresent(group.others(leader.id)[0], 'there is another member');
  slow.syncs = false;
  const { acknowledged } = group.record;
  const { appliedIndex } = slow;
  group.propose(leader, 3);
  group.until(() => group.record.acknowledged >= acknowledged + 3, 'two disks of three are enough');
  expectEqual(slow.appliedIndex, appliedIndex, 'the member with the slow disk waits for it');
  group.calm();
}

function waitsForOwnDisk<M>(subject: CoreSubject<M>): void {
  const group = new Group(subject, { voters: 3 });
  const leader = group.elect();
  group.commit();
  leader.syncs = false;
  const { appliedIndex } = leader;
  group.propose(leader, 3);
  group.settle();
  group.advance(subject.settleMs / 50);
  expectEqual(leader.appliedIndex, appliedIndex, 'a leader does not apply what its own disk does not hold');
  group.calm();
}

/** Elects and commits, with a crash of one member planned; then everybody comes back. */
function bearsCrashAtAnyWrite<M>(subject: CoreSubject<M>): void {
  let crashes = 0;
  for (const id of [1, 2, 3])
    for (let write = 1; write <= 10; write++)
      for (const kept of [false, true])
        for (const sent of [false, true]) if (crashAt(subject, id, { write, kept, sent })) crashes++;
  expectThat(crashes >= 60, `most of these crashes happen (${crashes})`);
}

function crashAt<M>(subject: CoreSubject<M>, id: number, planned: PlannedCrash): boolean {
  const group = new Group(subject, { voters: 3, audit: false });
  const member = group.member(id);
  member.plannedCrash = planned;
  for (let i = 0; i < 6; i++) {
    group.advance(subject.settleMs / 4);
    for (const leader of group.up.filter(({ status }) => status.role.ready)) group.propose(leader, 1 + (i % 3));
    if (i === 4) group.leader?.takeSnapshot();
  }
  const crashed = !member.isUp;
  group.calm();
  return crashed;
}

function bearsLostTail<M>(subject: CoreSubject<M>): void {
  for (const role of ['leader', 'follower'] as const)
    for (let kept = 0; kept <= 4; kept++) {
      const group = new Group(subject, { voters: 3 });
      const leader = group.elect();
      group.commit();
      const victim = role === 'leader' ? leader : expectPresent(group.others(leader.id)[0], 'there is a follower');
      victim.syncs = false;
      for (let i = 0; i < 4; i++) {
        group.propose(leader, 1);
        group.settle();
      }
      expectThat(victim.disk.unsynced >= 2, 'several writes are under way');
      group.crash(victim.id, kept);
      group.advance(subject.settleMs / 10);
      group.restart(victim.id);
      group.calm();
    }
}

function bearsRestartOfAll<M>(subject: CoreSubject<M>): void {
  const group = new Group(subject, { voters: 3 });
  group.elect();
  for (let round = 0; round < 3; round++) {
    group.commit(4);
    const before = group.record.commands.length;
    if (round === 1) for (const member of group.members) member.takeSnapshot();
    group.settle();
    for (const { id } of group.members) group.crash(id);
    for (const { id } of group.members) group.restart(id);
    for (const { id, disk, status } of group.members) {
      expectThat(status.commit >= disk.recover().commit, `member ${id} knows what was committed when it wrote last`);
      expectThat(!status.role.ready, 'nobody leads by what it was in an earlier life');
    }
    group.calm();
    expectThat(group.record.commands.length > before, 'the group goes on');
  }
}
