import { genesisOf, must } from '@quorate/core-testing';
import { encodeConfig, packPayloads, placeEntries } from '@quorate/interface';
import { describe, expect, test } from 'vitest';
import { append, entry, heartbeat, Lone, metaOf, noop, preVote, recoveredLog, requestVote } from './fixture/lone.ts';
import { Network } from './fixture/network.ts';

const quick = { preVote: false } as const;

function configEntry(index: number, term: number, config: ReturnType<typeof genesisOf>): ReturnType<typeof entry> {
  return placeEntries(
    packPayloads([encodeConfig(config)], () => 0),
    index,
    { round: term, owner: 0 },
    'config',
  );
}

describe('§6 cluster membership', () => {
  test('writes the genesis down as configuration 1, after an entry of its own term is committed (R-1)', () => {
    const one = new Lone({ options: quick });
    one.win(2);
    expect(one.last).toBe(1);
    one.sync();
    const { write, config } = one.ack(2, 1);
    expect(write?.entries.map(({ kind }) => kind)).toEqual(['config']);
    expect(config).toMatchObject({ stage: 'proposed', config: { id: 1, voters: [1, 2, 3] }, index: 2 });
    expect(one.effects.nextDeadline).toBe(one.now); // More to tell, in the next turn.
  });

  test('a configuration is in force from the moment it is appended, and no longer when it is cut (thesis §4.1)', () => {
    const one = new Lone();
    one.hear(2, append(1, 2, [0, 0]), [configEntry(1, 1, { ...genesisOf([1, 2]), id: 5 })]);
    expect(one.core.status().config).toMatchObject({ id: 5, voters: [1, 2] });
    one.hear(3, append(2, 3, [0, 0]), [noop(1, 2)]);
    expect(one.core.status().config).toMatchObject({ id: 0, voters: [1, 2, 3] });
    expect(one.effects.config).toMatchObject({ stage: 'active', config: { id: 0 } });
  });

  test('a joint configuration needs both majorities, to elect and to commit (thesis §4.3)', () => {
    const joint = { ...genesisOf([1, 2, 3]), id: 2, next: { ...genesisOf([1, 4, 5]), id: 3 } };
    const recovered = { ...recoveredLog([1]), tail: [configEntry(1, 1, joint)], configs: [configEntry(1, 1, joint)] };
    const one = new Lone({ options: quick, recovered });
    for (const peer of [4, 5]) one.step({ type: 'linkUp', peer, link: peer * 10 });
    one.step({ type: 'campaign' });
    one.drain();
    one.sync();
    one.hear(2, { kind: 'request-vote-response', term: 2, granted: true });
    expect(one.role).toBe('candidate');
    one.hear(4, { kind: 'request-vote-response', term: 2, granted: true });
    expect(one.role).toBe('leader');
    one.sync();
    one.ack(2, 2);
    one.ack(3, 2);
    expect(one.effects.commit.index).toBe(0);
    one.ack(5, 2);
    expect(one.effects.commit.index).toBe(2);
  });

  test('who hears a leader ignores candidates, their term included (§6, thesis §4.2.3)', () => {
    const one = new Lone();
    one.hear(2, heartbeat(1, 2));
    one.now = 900;
    expect(one.hear(3, requestVote(9, 3, [5, 5])).sends).toEqual([]);
    expect(one.hear(3, preVote(9, 3, [5, 5])).sends).toEqual([]);
    expect(one.term).toBe(1);
    one.now = 1001;
    one.hear(3, requestVote(9, 3, [5, 5]));
    expect(one.sent('request-vote-response')[0]?.message.granted).toBe(true);
  });

  test('a candidate that the leader ordered is heard all the same (thesis §4.2.3)', () => {
    const one = new Lone();
    one.hear(2, heartbeat(1, 2));
    one.hear(3, requestVote(2, 3, [5, 1], true));
    expect(one.sent('request-vote-response')[0]?.message.granted).toBe(true);
  });

  test('a member that comes back from isolation deposes nobody', () => {
    const net = new Network({ voters: 3 });
    net.elect(1);
    net.isolate(3);
    net.advance(20_000);
    expect(net.member(3).epoch.round).toBe(1);
    net.heal();
    net.advance(3000);
    expect([net.member(1).role, net.member(1).epoch.round]).toEqual(['leader', 1]);
  });

  test('a learner receives everything, is not counted, and never campaigns (thesis §4.2.1)', () => {
    const net = new Network({ voters: 3, learners: 1 });
    net.elect(1);
    net.propose(1, 'x');
    net.settle();
    expect(net.member(4).log()).toEqual(net.member(1).log());
    net.isolate(2);
    net.isolate(3);
    net.propose(1, 'y');
    net.settle();
    expect(net.member(1).commitIndex).toBe(3);
    net.crash(1);
    net.advance(10_000);
    expect(net.member(4).role).toBe('learner');
    expect(net.member(4).deadline).toBe(Number.POSITIVE_INFINITY);
  });

  test('who was just made a voter campaigns if the leader falls silent right then (R-2)', () => {
    const one = new Lone({ self: 3, genesis: genesisOf([1, 2], [3]) });
    one.hear(1, append(1, 1, [0, 0]), [configEntry(1, 1, { ...genesisOf([1, 2, 3]), id: 2 })]);
    while (one.effects.config !== undefined) one.drain();
    one.wake();
    expect(one.detail.preCandidate).toBe(true);
    one.hear(2, append(2, 2, [0, 0]), [noop(1, 2)]);
    while (one.effects.config !== undefined) one.drain();
    expect(one.effects.nextDeadline).toBe(Number.POSITIVE_INFINITY);
  });

  test('a learner votes when it is asked: it may have been promoted without knowing (R-10)', () => {
    const one = new Lone({ self: 3, genesis: genesisOf([1, 2], [3]) });
    one.hear(1, requestVote(2, 1, [0, 0]));
    expect(one.sent('request-vote-response')[0]?.message.granted).toBe(true);
  });
});

describe('what cannot be', () => {
  test('a leader that lacks what a snapshot proves committed is proof that safety is broken', () => {
    const one = new Lone({ options: quick });
    const meta = metaOf(9, 1);
    one.hear(2, { kind: 'install-snapshot', term: 1, leader: 2, meta });
    one.now = 5000;
    one.win(3);
    one.step({ type: 'snapshotReceived', meta });
    expect(one.drain().diverged).toContain('Leader Completeness');
  });

  test('a member that stops commits nothing more: what it learned last will not be written', () => {
    const one = new Lone();
    one.step({ type: 'message', from: 2, link: 20, message: append(1, 2, [0, 0], 1), entries: [entry(1, 1)] });
    one.step({ type: 'message', from: 2, link: 20, message: heartbeat(1, 2, 9), entries: [] });
    expect(one.drain()).toMatchObject({ write: undefined, commit: { index: 0, gate: 0 } });
    expect(one.effects.diverged).toContain('E_LOG_LOST');
  });

  test('a leader that rewrites its own log within a turn gets an answer for what is left', () => {
    const one = new Lone();
    const both = [[entry(1, 1), entry(2, 1)], [noop(1, 2)]];
    for (const entries of both) one.step({ type: 'message', from: 2, link: 20, message: append(2, 2, [0, 0]), entries });
    one.drain();
    expect(one.sent('append-response')).toMatchObject([{ message: { success: true, matchIndex: 1 } }]);
  });

  test('a journal that lost what no snapshot covers is damage, not compaction', () => {
    const one = new Lone({ options: quick, limits: { memoryBytes: 0 }, recovered: recoveredLog([1, 1, 1], { commit: 3 }) });
    one.win(2);
    one.refuse(3, 3, 0, 0);
    one.ack(3, 0);
    const [fetch] = one.effects.fetches;
    expect(fetch).toMatchObject({ range: { from: 1, to: 3 } });
    one.step({ type: 'fetched', fetch: must(fetch).fetch, entries: [], lost: 'compacted' });
    expect(one.drain().sends).toEqual([]);
    expect(one.detail.peers[1]?.damagedAt).toBe(1);
  });

  test.each([
    ['of another term', [entry(1, 2)]],
    ['from another place', [entry(2, 1)]],
    ['with a hole', [entry(1, 1), entry(3, 1)]],
  ])('entries %s than the log names never reach a follower, although the journal returned them', (_name, entries) => {
    const one = new Lone({ options: quick, limits: { memoryBytes: 0 }, recovered: recoveredLog([1, 1, 1], { commit: 3 }) });
    one.win(2);
    one.refuse(3, 3, 0, 0);
    one.ack(3, 0);
    one.step({ type: 'fetched', fetch: must(one.effects.fetches[0]).fetch, entries });
    expect(one.drain().sends).toEqual([]);
    expect(one.detail.peers[1]?.damagedAt).toBe(1);
  });
});

describe('§8 and thesis §6.4: linearizable reads', () => {
  test('reads wait until the own no-op is applied (R-7)', () => {
    const one = new Lone({ options: quick });
    one.win(2);
    one.step({ type: 'read', context: 1, from: 'leader' });
    one.drain();
    expect(one.sent('heartbeat')).toEqual([]);
    one.sync();
    one.ack(2, 1);
    one.step({ type: 'applied', index: 1 });
    one.drain();
    expect(one.sent('heartbeat')[0]?.message.readContext).toBe(1);
    expect(one.effects.reads).toEqual([]);
    one.hear(3, { kind: 'heartbeat-response', term: 1, readContext: 1 });
    expect(one.effects.reads).toMatchObject([{ context: 1, index: 1, method: 'read-index' }]);
  });

  test('one round confirms every read of a turn, and none that came later', () => {
    const net = new Network({ voters: 3 });
    net.elect(1);
    const one = net.member(1);
    for (const context of [1, 2, 3]) one.input({ type: 'read', context, from: 'leader' });
    net.drainAll();
    one.input({ type: 'read', context: 4, from: 'leader' });
    net.drainAll();
    const beats = net.take(({ message }) => message.kind === 'heartbeat');
    expect(beats.map(({ message }) => message.kind === 'heartbeat' && message.readContext)).toEqual([1, 1, 2, 2]);
    net.deliver(must(beats[0]));
    net.settle();
    expect(one.reads.map(({ context }) => context)).toEqual([1, 2, 3]);
  });

  test('a deposed leader confirms no read', () => {
    const net = new Network({ voters: 3, options: { checkQuorum: false } });
    net.elect(1);
    net.isolate(1);
    net.member(1).input({ type: 'read', context: 1, from: 'leader' });
    net.advance(8000);
    net.propose(must(net.all.find(({ id, role }) => id !== 1 && role === 'leader')).id, 'x');
    net.settle();
    expect(net.member(1).reads).toEqual([]);
    net.heal();
    net.advance(1000);
    expect(net.member(1).reads).toMatchObject([{ context: 1, index: undefined }]);
  });

  test('a follower asks the leader, once per turn', () => {
    const net = new Network({ voters: 3 });
    net.elect(1);
    for (const context of [7, 8]) net.member(2).input({ type: 'read', context, from: 'leader' });
    net.drainAll();
    expect(net.flights.filter(({ message }) => message.kind === 'read-index')).toHaveLength(1);
    net.settle();
    expect(net.member(2).reads).toMatchObject([
      { context: 7, index: 2 },
      { context: 8, index: 2 },
    ]);
  });

  test('a request that got no answer is asked again, under its number and ever more rarely', () => {
    const one = new Lone({ self: 2 });
    one.hear(1, heartbeat(1, 1));
    one.step({ type: 'read', context: 5, from: 'leader' });
    one.drain();
    const { context } = must(one.sent('read-index')[0]).message;
    const pauses: number[] = [];
    for (let asked = one.now; pauses.length < 6;) {
      one.hear(1, heartbeat(1, 1));
      one.wake();
      const [again] = one.sent('read-index');
      if (again === undefined) continue;
      expect(again.message.context).toBe(context);
      pauses.push(Math.round((one.now - asked) / 100));
      asked = one.now;
    }
    // In heartbeats: twice as long each time, up to the election timeout.
    expect(pauses).toEqual([2, 4, 8, 10, 10, 10]);
    const answer = { kind: 'read-index-response', term: 1, incarnation: 7, confirmed: true, index: 0, context } as const;
    expect(one.hear(1, { ...answer, incarnation: 6 }).reads).toEqual([]);
    expect(one.hear(1, answer).reads).toMatchObject([{ context: 5, index: 0 }]);
    // The answers to the requests that it repeated find nobody who waits.
    expect(one.hear(1, answer).reads).toEqual([]);
  });

  test('a read without a leader fails at once, one whose leader goes away fails then', () => {
    const one = new Lone({ self: 2 });
    one.step({ type: 'read', context: 1, from: 'leader' });
    expect(one.drain().reads).toMatchObject([{ context: 1, index: undefined }]);
    one.hear(1, heartbeat(1, 1));
    one.step({ type: 'read', context: 2, from: 'leader' });
    one.drain();
    one.step({ type: 'linkDown', peer: 1, link: 10 });
    expect(one.drain().reads).toMatchObject([{ context: 2, index: undefined }]);
  });
});
