import { must } from '@quorate/core-testing';
import { describe, expect, test } from 'vitest';
import { append, entry, heartbeat, Lone, preVote, recoveredLog } from './fixture/lone.ts';
import { Network } from './fixture/network.ts';

const quick = { preVote: false } as const;

describe('thesis §9.6: pre-vote', () => {
  test('asks first, without a new term and without a write', () => {
    const one = new Lone();
    const { write } = one.wake();
    expect(write).toBeUndefined();
    expect(one.sent('pre-vote').map(({ message }) => message.term)).toEqual([1, 1]);
    expect(one.detail).toMatchObject({ preCandidate: true, term: 0 });
  });

  test('granting changes neither term nor vote nor timer', () => {
    const one = new Lone();
    const { nextDeadline } = one.effects;
    one.now = 500;
    one.hear(2, preVote(4, 2, [0, 0]));
    expect(one.sent('pre-vote-response')[0]?.message).toEqual({ kind: 'pre-vote-response', term: 4, granted: true });
    expect(one.effects.write).toBeUndefined();
    expect(one.effects.nextDeadline).toBe(nextDeadline);
    expect(one.detail.votedFor).toBe(0);
  });

  test('refuses an old pre-vote with its own term, so that its sender learns it (R-9)', () => {
    const one = new Lone({ recovered: recoveredLog([1], { term: 6 }) });
    one.hear(2, preVote(4, 2, [9, 3]));
    expect(one.sent('pre-vote-response')[0]?.message).toEqual({ kind: 'pre-vote-response', term: 6, granted: false });
    const other = new Lone({ self: 2, recovered: recoveredLog([3]) });
    other.wake();
    other.hear(1, { kind: 'pre-vote-response', term: 6, granted: false });
    expect(other.term).toBe(6);
  });

  test('a long log with a low term and a short one with a high term still elect (R-9 b)', () => {
    const net = new Network({ voters: 2, seed: 3 });
    net.elect(1);
    net.propose(1, 'x');
    net.settle();
    net.crash(2);
    net.restart(2);
    net.advance(5000);
    expect(net.all.filter(({ role }) => role === 'leader')).toHaveLength(1);
  });
});

describe('thesis §6.2: check of the quorum', () => {
  test('a leader that reaches no quorum steps down within two election timeouts', () => {
    const net = new Network({ voters: 3 });
    net.elect(1);
    net.isolate(1);
    net.advance(2000);
    expect(net.member(1).role).not.toBe('leader');
    expect(net.member(1).epoch.round).toBe(1);
  });

  test('one follower of two is enough', () => {
    const net = new Network({ voters: 3 });
    net.elect(1);
    net.isolate(3);
    net.advance(10_000);
    expect(net.member(1).role).toBe('leader');
  });

  test('a leader whose disk hangs leaves its office to others (hashicorp/raft#503)', () => {
    const one = new Lone({ options: quick });
    one.win(2);
    while (one.now < 4900) {
      one.wake();
      one.hear(2, { kind: 'heartbeat-response', term: 1, readContext: 0 });
    }
    expect(one.role).toBe('leader');
    while (one.now < 5900) one.wake();
    expect(one.role).not.toBe('leader');
  });

  test('off, it stays in office', () => {
    const net = new Network({ voters: 3, options: { checkQuorum: false } });
    net.elect(1);
    net.isolate(1);
    net.advance(10_000);
    expect(net.member(1).role).toBe('leader');
  });
});

describe('thesis §3.10: leadership transfer', () => {
  test('brings the target up to date, then has it campaign at once', () => {
    const net = new Network({ voters: 3 });
    net.elect(1);
    net.propose(1, 'x');
    net.member(1).input({ type: 'transfer', to: 3 });
    net.settle();
    expect([net.member(3).role, net.member(3).epoch.round]).toEqual(['leader', 2]);
    expect(net.member(3).log()).toEqual(['1:noop', '1:config', '1:x', '2:noop']);
  });

  test('refuses proposals meanwhile, and goes on when an election timeout has passed', () => {
    const one = new Lone({ options: { ...quick, checkQuorum: false } });
    one.win(2);
    one.step({ type: 'transfer', to: 3 });
    expect(one.propose('x').rejected).toMatchObject([{ reason: 'transferring' }]);
    expect(one.sent('timeout-now')).toEqual([]);
    while (one.now < 1000) one.wake();
    expect(one.propose('x').rejected).toEqual([]);
  });

  test('orders the campaign only when the target has everything', () => {
    const one = new Lone({ options: quick });
    one.win(2);
    one.step({ type: 'transfer', to: 3 });
    one.drain();
    one.ack(2, 1);
    expect(one.sent('timeout-now')).toEqual([]);
    one.ack(3, 1);
    expect(one.sent('timeout-now')).toMatchObject([{ to: [3], message: { term: 1 } }]);
  });

  test('the order is followed without a pre-vote, and the candidacy says who wanted it', () => {
    const one = new Lone();
    one.hear(2, heartbeat(1, 2));
    one.hear(2, { kind: 'timeout-now', term: 1 });
    expect(one.sent('request-vote')[0]?.message).toMatchObject({ term: 2, transfer: true });
  });

  test('is not offered to a learner or to the leader itself', () => {
    const net = new Network({ voters: 3, learners: 1 });
    net.elect(1);
    for (const to of [1, 4]) net.member(1).input({ type: 'transfer', to });
    net.settle();
    net.propose(1, 'x');
    net.settle();
    expect(net.member(1).log().at(-1)).toBe('1:x');
  });
});

describe('thesis §10.2: pipelining, windows, links', () => {
  function leading(limits: object): Lone {
    const one = new Lone({ options: quick, limits });
    one.win(2);
    one.sync();
    one.ack(2, 1);
    one.drain();
    one.sync();
    one.ack(2, 2);
    return one;
  }

  test('sends without waiting for answers, up to the window in messages', () => {
    const one = leading({ windowMessages: 2 });
    for (const command of ['a', 'b', 'c']) one.propose(command);
    expect(one.detail.peers[0]).toMatchObject({ match: 2, next: 5, inflightMessages: 2 });
    one.ack(2, 3);
    expect(one.sent('append')[0]?.message.prevLogIndex).toBe(4);
  });

  test('and up to the window in bytes; one larger entry still travels alone', () => {
    const one = leading({ windowBytes: 4 });
    one.propose('0123456789');
    expect(one.detail.peers[0]).toMatchObject({ next: 4 });
    one.propose('x');
    expect(one.detail.peers[0]).toMatchObject({ next: 4 });
    one.ack(2, 3);
    expect(one.detail.peers[0]).toMatchObject({ next: 5 });
  });

  test('splits a backlog by bytes per message, one message per peer and turn, and wants another turn', () => {
    const one = leading({ messageBytes: 4 });
    one.propose('aaa', 'bbb', 'ccc');
    expect(
      one
        .sent('append')
        .filter(({ to }) => to.includes(2))
        .flatMap(({ entries }) => entries)
        .map(({ count }) => count),
    ).toEqual([1]);
    expect(one.effects.nextDeadline).toBe(one.now);
    one.wake();
    expect(one.sent('append')[0]?.message.prevLogIndex).toBe(3);
  });

  test('peers at the same place share one message', () => {
    const one = leading({});
    one.ack(3, 2);
    one.propose('x');
    expect(one.sent('append')).toMatchObject([{ to: [2, 3] }]);
  });

  test('a lost link brings the peer back to probing, from what is known to match', () => {
    const one = leading({});
    one.propose('a');
    one.step({ type: 'linkDown', peer: 2, link: 20 });
    one.drain();
    expect(one.detail.peers[0]).toMatchObject({ mode: 'probe', match: 2, next: 3, inflightMessages: 0 });
    expect(one.effects.sends.flatMap(({ links }) => links)).not.toContain(20);
    one.step({ type: 'linkUp', peer: 2, link: 21 });
    one.drain();
    expect(one.effects.sends.filter(({ links }) => links.includes(21)).map(({ message }) => message.kind)).toEqual(['append']);
  });

  test('a probe that got no answer is sent again after a heartbeat', () => {
    const one = leading({});
    expect(one.detail.peers[1]).toMatchObject({ mode: 'probe' });
    one.propose('a');
    expect(one.sent('append').flatMap(({ to }) => to)).toEqual([2]);
    one.wake();
    one.hear(3, { kind: 'heartbeat-response', term: 1, readContext: 0 });
    expect(one.sent('append').map(({ to }) => to)).toEqual([[3]]);
  });

  test('appends that got lost without a trace are found by a question after two heartbeats', () => {
    const one = leading({});
    one.propose('a');
    for (let beat = 0; beat < 2; beat++) {
      one.wake();
      one.hear(2, { kind: 'heartbeat-response', term: 1, readContext: 0 });
    }
    expect(one.sent('append')).toMatchObject([{ to: [2], entries: [], message: { prevLogIndex: 3, notice: false } }]);
    one.refuse(2, 3, 2, 1);
    expect(one.sent('append')[0]?.entries[0]?.first).toBe(3);
  });

  test('a commit is told at the end of the turn by an append that needs no answer', () => {
    const one = leading({});
    one.propose('a');
    one.sync();
    one.ack(2, 3);
    expect(one.sent('append')).toMatchObject([
      { to: [2], entries: [], message: { notice: true, prevLogIndex: 3, leaderCommit: 3 } },
    ]);
    const two = new Lone({ self: 2, recovered: recoveredLog([1, 1, 1]) });
    two.hear(1, must(one.sent('append')[0]).message);
    expect(two.effects.commit.index).toBe(3);
    expect(two.effects.sends).toEqual([]);
  });

  test('it rides on an append to the same peer, if one leaves in the same turn', () => {
    const one = leading({});
    one.propose('a');
    one.step({ type: 'persisted', write: 4 });
    one.step({
      type: 'message',
      from: 2,
      link: 20,
      message: { kind: 'append-response', term: 1, success: true, matchIndex: 3, rejectedIndex: 0, hintIndex: 0, hintTerm: 0 },
      entries: [],
    });
    one.propose('b');
    expect(one.sent('append')).toMatchObject([{ to: [2], message: { notice: false, leaderCommit: 3 } }]);
  });

  test('piggyback: no message of its own, the next heartbeat tells', () => {
    const net = new Network({ voters: 3, options: { commitNotice: 'piggyback' } });
    net.elect(1);
    net.propose(1, 'x');
    net.settle();
    expect([net.member(1).commitIndex, net.member(2).commitIndex]).toEqual([3, 2]);
    net.advance(100);
    expect(net.member(2).commitIndex).toBe(3);
  });
});

describe('robustness', () => {
  test('what no correct member sends is dropped, counted, and ends the link', () => {
    const one = new Lone({ options: quick });
    const bad = [
      one.hear(2, append(1, 3, [0, 0])),
      one.hear(2, append(1, 2, [0, 0]), [entry(2, 1)]),
      one.hear(2, append(1, 2, [0, 0]), [entry(1, 2)]),
      one.hear(2, { ...append(1, 2, [0, 0]), term: 1.5 }),
      one.hear(2, { ...append(1, 2, [0, 0]), leaderCommit: -1 }),
      one.hear(2, { ...heartbeat(1, 2), kind: 'nonsense' } as never),
    ];
    for (const { closes } of bad) expect(closes).toMatchObject([{ link: 20 }]);
    expect(one.detail.counters['malformed']).toBe(6);
    expect(one.term).toBe(0);
  });

  test('an acknowledgement of what was never sent is one of these', () => {
    const one = new Lone({ options: quick });
    one.win(2);
    expect(one.ack(2, 99).closes).toMatchObject([{ link: 20 }]);
  });

  test('acknowledged entries that vanished from the disk stop the member (R-6)', () => {
    const one = new Lone({ recovered: recoveredLog([1]) });
    expect(one.hear(2, heartbeat(1, 2, 5)).diverged).toContain('E_LOG_LOST');
  });

  test.each([
    ['damaged ranges', { ...recoveredLog([1, 1]), damaged: [{ from: 1, to: 2 }] }, 'entries 1-2'],
    ['an unreadable hard state', { ...recoveredLog([1]), hardState: new Uint8Array(3) }, 'hard state'],
    ['a term above the current one', recoveredLog([1, 4], { term: 3 }), 'above the current 3'],
    [
      'a hole',
      {
        ...recoveredLog([1, 1, 1]),
        runs: [
          { from: 1, to: 1, epoch: { round: 1, owner: 0 } },
          { from: 3, to: 3, epoch: { round: 1, owner: 0 } },
        ],
      },
      'a hole before entry 3',
    ],
    ['a commit index above its end', { ...recoveredLog([1]), commit: 4 }, 'log ends at 1'],
  ])('a disk with %s is not believed: the member says why and takes no part', (_name, recovered, text) => {
    const one = new Lone({ recovered });
    expect(one.effects.diverged).toMatch(new RegExp(text, 'u'));
    expect(one.effects.nextDeadline).toBe(Number.POSITIVE_INFINITY);
    expect(one.hear(2, preVote(9, 2, [9, 9])).sends).toEqual([]);
  });

  test('a wake that is late is not held against the peers', () => {
    const one = new Lone();
    one.hear(2, heartbeat(1, 2));
    one.now = 60_000;
    one.step({ type: 'wake' });
    one.drain();
    expect(one.role).toBe('follower');
    expect(one.detail.counters['lateWakes']).toBe(1);
    expect(one.effects.nextDeadline).toBe(61_500);
    one.now = 70_000;
    one.step({ type: 'wake' });
    one.drain();
    expect(one.role).toBe('candidate'); // But a member that is always late must time out too.
  });

  test('a leader that is always late, and hears a minority only, still steps down (R-9 c)', () => {
    const one = new Lone({ voters: 5, options: quick });
    one.win(2, 3);
    one.sync();
    for (let wakes = 0; wakes < 30; wakes++) {
      one.now = one.effects.nextDeadline + 150;
      one.hear(2, { kind: 'heartbeat-response', term: 1, readContext: 0 });
    }
    expect(one.role).not.toBe('leader');
  });

  test('the inbox is emptied before the timers are looked at', () => {
    const one = new Lone();
    one.now = one.effects.nextDeadline;
    one.step({ type: 'wake' });
    one.hear(2, heartbeat(1, 2));
    expect(one.role).toBe('follower');
  });

  test('a suspected leader is no longer protected, and the campaign comes early', () => {
    const one = new Lone();
    one.hear(2, heartbeat(1, 2));
    one.step({ type: 'suspect', peer: 2 });
    expect(one.drain().nextDeadline).toBe(500);
    one.hear(3, preVote(2, 3, [0, 0]));
    expect(one.sent('pre-vote-response')[0]?.message.granted).toBe(true);
  });

  test('events are traced only where somebody listens', () => {
    const one = new Lone({ options: quick, tracing: true });
    one.step({ type: 'campaign' });
    expect(one.drain().trace).toEqual([{ event: 'candidate', term: 1 }]);
    const other = new Lone({ options: quick });
    other.step({ type: 'campaign' });
    expect(other.drain().trace).toEqual([]);
  });
});
