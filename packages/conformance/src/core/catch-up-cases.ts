import { payloadBytes, sameEpoch } from '@quorate/interface';
import { expectEqual, expectPresent, expectThat } from '../expectation.ts';
import type { CoreCase } from './core-case.ts';
import type { CoreMember } from './core-member.ts';
import type { CoreSubject } from './core-subject.ts';
import { configOf, Group } from './group.ts';

/** How members become equal. */
export const catchUpCases: readonly CoreCase[] = [
  { name: 'brings a member up to date that was away', needs: [], check: catchesUp },
  { name: 'fetches from its journal what memory no longer holds', needs: [], check: fetches },
  { name: 'hands out of its cache what the disk holds, within the bytes asked for', needs: [], check: caches },
  { name: 'brings a member up to date by a snapshot once the log is compacted', needs: [], check: bySnapshot },
  { name: 'offers a snapshot again where a pull failed or its source went away', needs: ['failover'], check: pullsAgain },
  { name: 'starts from a snapshot and the log behind it', needs: [], check: startsFromSnapshot },
  { name: 'changes the members: proposed, committed and active in this order', needs: ['reconfigure'], check: reconfigures },
];

const tight = { memoryBytes: 100, messageBytes: 100, windowBytes: 400, tailBytes: 0 };

function away<M>(subject: CoreSubject<M>, limits: object): { readonly group: Group<M>; readonly late: CoreMember<M> } {
  const group = new Group(subject, { voters: 3, limits });
  const leader = group.elect();
  group.commit(2);
  const late = expectPresent(group.others(leader.id)[0], 'there is a follower');
  group.crash(late.id);
  for (let i = 0; i < 10; i++) group.commit(4, 30);
  return { group, late };
}

function catchesUp<M>(subject: CoreSubject<M>): void {
  const { group, late } = away(subject, {});
  group.restart(late.id);
  const { acknowledged } = group.record;
  group.until(() => late.appliedIndex >= acknowledged, 'a member that was away catches up');
  group.calm();
}

function fetches<M>(subject: CoreSubject<M>): void {
  const { group, late } = away(subject, tight);
  const leader = group.elect();
  expectThat(leader.cached(1, 1_000) === undefined, 'committed payloads beyond memoryBytes are evicted');
  for (const member of group.others(late.id)) member.serves = false;
  group.restart(late.id);
  group.advance(subject.settleMs / 4);
  const { acknowledged } = group.record;
  expectThat(late.appliedIndex < acknowledged, 'without a journal nobody can send what it no longer holds');
  for (const member of group.members) member.serves = true;
  group.until(() => late.appliedIndex >= acknowledged, 'a member that was away catches up from the journal');
  group.calm();
}

function caches<M>(subject: CoreSubject<M>): void {
  const group = new Group(subject, { voters: 3 });
  const leader = group.elect();
  group.commit(30, 20);
  for (const member of group.members)
    for (let index = member.status.first; index <= member.status.last; index++)
      for (const maxBytes of [1, 50, 10_000]) {
        const run = member.cached(index, maxBytes);
        if (run === undefined) continue;
        expectEqual(run.first, index, 'cached begins where it was asked to');
        expectThat(run.count === 1 || payloadBytes(run) <= maxBytes, 'cached stays within the bytes, or is one entry');
        const entry = expectPresent(member.disk.latest.entries.get(index), 'what is cached is on the disk');
        expectThat(sameEpoch(run.epoch, entry.epoch) && run.kind === entry.kind, 'a run is of one epoch and kind');
      }
  const last = group.propose(leader, 3);
  leader.turn();
  expectThat(leader.accepted.includes(last.first), 'the leader takes proposals');
  for (let index = leader.status.commit + 1; index <= leader.status.last; index++)
    expectThat(leader.cached(index, 1) !== undefined, 'what is not committed is never evicted');
  expectThat(leader.cached(leader.status.last + 1, 1) === undefined, 'nothing is cached beyond the end');
}

/** Everybody who is up takes a snapshot, and the log is compacted. */
function compact<M>(group: Group<M>): void {
  for (const member of group.up) member.takeSnapshot();
  group.settle();
  group.commit(2);
  for (const member of group.up)
    expectThat(member.disk.latest.compactBelow > 1, `after a snapshot the core compacts its log (member ${member.id})`);
}

function bySnapshot<M>(subject: CoreSubject<M>): void {
  const { group, late } = away(subject, tight);
  compact(group);
  group.restart(late.id);
  const { acknowledged } = group.record;
  group.until(() => late.appliedIndex >= acknowledged, 'a member that was away catches up by a snapshot');
  const mark = expectPresent(late.disk.durable.snapshot, 'the snapshot that was received is marked in the journal');
  expectEqual(late.applied.size >= mark.index, true, 'its state is that of the snapshot');
  group.commit(3);
  group.crash(late.id);
  group.restart(late.id);
  group.calm();
}

function pullsAgain<M>(subject: CoreSubject<M>): void {
  const { group, late } = away(subject, tight);
  compact(group);
  late.serves = false;
  group.restart(late.id);
  group.until(() => late.pulls.length > 0, 'the snapshot is offered');
  const { peer, meta } = expectPresent(late.pulls[0], 'there is a pull');
  late.pulls = [];
  late.input({ type: 'snapshotFailed', meta });
  group.until(() => late.pulls.length > 0, 'it is offered again after a pull that failed');
  group.crash(peer);
  group.advance(subject.settleMs);
  late.serves = true;
  group.until(() => late.appliedIndex >= group.record.acknowledged, 'the member catches up from another source');
  group.calm();
}

function startsFromSnapshot<M>(subject: CoreSubject<M>): void {
  const { group, late } = away(subject, tight);
  compact(group);
  group.restart(late.id);
  group.calm();
  const before = group.record.acknowledged;
  for (const { id } of group.members) group.crash(id);
  for (const { id } of group.members) group.restart(id);
  for (const { appliedIndex, status } of group.members)
    expectThat(
      appliedIndex > 0 && status.commit >= appliedIndex && status.first <= appliedIndex + 1,
      'a life begins at its snapshot',
    );
  group.calm();
  expectThat(group.record.acknowledged > before, 'the group goes on from its snapshots');
}

function reconfigures<M>(subject: CoreSubject<M>): void {
  const group = new Group(subject, { voters: 3, strangers: 1 });
  const leader = group.elect(group.members.slice(0, 3));
  group.propose(leader, 3);
  group.settle();
  const current = leader.status.config;
  const gone = expectPresent(
    group.members.find(({ id }) => id <= 3 && id !== leader.id),
    'there is another voter',
  ).id;
  const voters = [...current.voters.filter((id) => id !== gone), 4];
  const change = configOf(voters, [], current.id + 1);
  // A change against a configuration that is no longer in force is refused.
  leader.input({ type: 'reconfigure', change, expectedId: current.id + 7 });
  group.advance(subject.settleMs);
  expectEqual(leader.status.config.voters, current.voters, 'a change against another configuration is refused');
  leader.configs.length = 0;
  leader.input({ type: 'reconfigure', change, expectedId: current.id });
  const remaining = group.members.filter(({ id }) => id !== gone);
  const inForce = (): boolean => remaining.every(({ status }) => sameMembers(status.config.voters, voters));
  group.until(inForce, 'the new members are in force everywhere');
  group.until(() => leader.configs.some(({ stage }) => stage === 'active'), 'the change is active');
  const stages = leader.configs.map(({ stage }) => stage);
  expectThat(
    stages.indexOf('proposed') <= stages.indexOf('committed') && stages.indexOf('committed') <= stages.indexOf('active'),
    () => `stages come in order (${stages.join()})`,
  );
  expectThat(stages.includes('proposed') && stages.includes('committed'), 'every stage is told');
  group.crash(gone);
  const { acknowledged } = group.record;
  const next = group.elect(remaining);
  group.propose(next, 3);
  group.until(() => remaining.every(({ appliedIndex }) => appliedIndex >= acknowledged + 3), 'the new members decide and apply');
}

function sameMembers(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && some.every((id) => others.includes(id));
}
