import { describe, expect, test } from 'vitest';
import { accept, ballot, heartbeat, Lone, metaOf, promise, recoveredVotes, textOf, vote } from './fixture/lone.ts';
import { Network } from './fixture/network.ts';

const write = (lone: Lone): string[] => textOf(lone.effects.write?.entries ?? []);

// The bugs of others, replayed (protocol facts §5.2).
describe('M-1, M-9: promises that omit what was chosen', () => {
  test('chosen slots are covered by chosenUpTo, and nothing is proposed there', () => {
    const acceptor = new Lone({ self: 2, recovered: recoveredVotes(['1:x@1.1'], { commit: 1 }) });
    acceptor.hear(3, { kind: 'prepare', ballot: ballot('2.3'), fromSlot: 1 });
    expect(acceptor.sent('promise')[0]?.message.chosenUpTo).toBe(1);
    const proposer = new Lone({ self: 3 });
    proposer.win({ from: 2, chosenUpTo: 1 });
    proposer.propose('y');
    expect(write(proposer)).toEqual([`2:y@${proposer.detail.ballot.round}.3`]);
  });

  test('an acceptor that trimmed says so, and never accepts there again', () => {
    const lone = new Lone({ self: 2, recovered: { ...recoveredVotes([]), snapshot: metaOf(9, '1.1'), commit: 9 } });
    lone.hear(3, { kind: 'prepare', ballot: ballot('2.3'), fromSlot: 1 });
    expect(lone.sent('promise')[0]?.message).toMatchObject({ trimmedBelow: 10, chosenUpTo: 9 });
    lone.hear(3, accept('2.3'), [vote('5:y@2.3')]);
    expect(lone.sent('accepted')).toEqual([]);
    expect(lone.sent('have-snapshot')[0]?.message.meta.index).toBe(9);
    expect(write(lone)).toEqual([]);
  });
});

test('M-2: holes are filled, or nothing behind them would ever be applied', () => {
  const lone = new Lone({ recovered: recoveredVotes([], { promised: '1.3' }) });
  lone.win({ from: 2, votes: [vote('2:later@1.2')] });
  expect(write(lone)).toEqual(['1:@2.1', '2:later@2.1']);
  lone.sync();
  lone.accepted(2, [1, 2]);
  expect(lone.commit).toBe(2);
});

test('M-2: a vote that no promise told of is closed by an idle leader when it hears of it', () => {
  const lone = new Lone();
  lone.win({ from: 2 });
  lone.hear(3, { kind: 'heartbeat-response', ballot: lone.detail.ballot, readRound: 0, chosenUpTo: 0, lastSlot: 2 });
  expect(write(lone)).toEqual([`1:@${lone.detail.ballot.round}.1`, `2:@${lone.detail.ballot.round}.1`]);
});

describe('M-3: a notice is worth what its ballot says', () => {
  test('a vote of an older ballot is not the chosen value: it is learned', () => {
    const lone = new Lone({ self: 3 });
    lone.hear(1, accept('1.1'), [vote('1:old@1.1')]);
    lone.hear(2, { kind: 'chosen', runs: [{ from: 1, to: 1, ballot: ballot('1.2') }] });
    expect(lone.commit).toBe(0);
    lone.wake();
    expect(lone.sent('learn-request')[0]?.message.fromSlot).toBe(1);
    lone.hear(2, { kind: 'learn-reply', fromSlot: 1, chosenUpTo: 1 }, [vote('1:new@1.2')]);
    expect(write(lone)).toEqual(['1:new@1.2']);
    expect(lone.commit).toBe(1);
  });

  test('a vote of that ballot or a higher one is', () => {
    for (const cast of ['1.2', '1.3']) {
      const lone = new Lone({ self: 2 });
      lone.hear(cast === '1.2' ? 1 : 3, accept(cast.replace('1.2', '2.1')), [vote(`1:v@${cast.replace('1.2', '2.1')}`)]);
      lone.hear(3, { kind: 'chosen', runs: [{ from: 1, to: 1, ballot: ballot('1.2') }] });
      expect(lone.commit).toBe(1);
    }
  });

  test('a leader that took a snapshot calls nothing in it chosen under its own ballot: a later leader may have chosen it', () => {
    const lone = new Lone();
    lone.win({ from: 2 });
    lone.propose('mine');
    lone.sync();
    lone.hear(3, { kind: 'have-snapshot', meta: metaOf(5, '1.1') });
    lone.step({ type: 'snapshotReceived', meta: metaOf(5, '1.1') });
    lone.drain();
    lone.advance(100);
    const [sent] = lone.sent('heartbeat');
    expect(sent?.message.chosenUpTo).toBe(5);
    expect(sent?.message.chosenFrom).toBeGreaterThan(5);
    // What was answered before still counts for nothing, and is no fault of the acceptor.
    lone.accepted(2, [1, 1]);
    expect(lone.effects.closes).toEqual([]);
    lone.propose('next');
    expect(write(lone)).toEqual(['6:next@1.1']);
  });

  test('a heartbeat marks nothing outside of the run of its ballot', () => {
    const lone = new Lone({ self: 3 });
    lone.hear(1, accept('1.1'), [vote('1:a@1.1')]);
    lone.hear(2, heartbeat('1.2', { chosenFrom: 2, chosenUpTo: 1 }));
    expect(lone.commit).toBe(0);
  });
});

test('M-4: a promise tells the ballot in which a vote was cast, not the one that was promised since', () => {
  const lone = new Lone({ self: 2 });
  lone.hear(1, accept('1.1'), [vote('1:a@1.1')]);
  lone.hear(3, { kind: 'prepare', ballot: ballot('1.3'), fromSlot: 1 });
  lone.hear(1, { kind: 'prepare', ballot: ballot('2.1'), fromSlot: 1 });
  expect(textOf(lone.sent('promise')[0]?.entries ?? [])).toEqual(['1:a@1.1']);
});

test('M-5: a ballot that was promised durably is never used by a later life', () => {
  const first = new Lone();
  first.step({ type: 'campaign' });
  const hardState = first.drain().write?.hardState;
  const second = new Lone({ recovered: { hardState } });
  second.step({ type: 'campaign' });
  second.drain();
  expect(second.detail.ballot).toEqual(ballot('2.1'));
});

describe('M-7: churn', () => {
  test('nothing is prepared while heartbeats tell of a leader in contact, whatever time passes', () => {
    const lone = new Lone({ self: 2 });
    for (let beat = 0; beat < 100; beat++) {
      lone.hear(1, heartbeat('1.1'));
      lone.advance(100);
    }
    expect(lone.detail.phase).toBe('idle');
  });

  test('a leader without contact is not spared', () => {
    const lone = new Lone({ self: 2 });
    for (let beat = 0; beat < 30; beat++) {
      lone.hear(1, heartbeat('1.1', { inContact: false }));
      lone.advance(100);
    }
    expect(lone.detail.phase).toBe('preparing');
  });

  test('who reaches no phase-1 quorum prepares nothing', () => {
    const lone = new Lone();
    for (const peer of [2, 3]) lone.step({ type: 'linkDown', peer, link: peer * 10 });
    for (let times = 0; times < 20; times++) lone.advance(1000);
    expect(lone.detail).toMatchObject({ phase: 'idle', promised: ballot('0.0') });
  });

  test('a proposer that was refused backs off, longer each time', () => {
    const lone = new Lone();
    const waits: number[] = [];
    for (let round = 1; round < 4; round++) {
      lone.step({ type: 'campaign' });
      lone.drain();
      lone.hear(2, { kind: 'nack', ballot: lone.detail.ballot, promised: ballot(`${round * 10}.2`) });
      expect(lone.detail.phase).toBe('idle');
      waits.push(lone.effects.nextDeadline - lone.now);
    }
    expect(waits[1]).toBeGreaterThan(waits[0] ?? 0);
  });

  test('a leader says that it has lost contact', () => {
    const lone = new Lone();
    lone.win({ from: 2 });
    expect(lone.sent('heartbeat')[0]?.message.inContact).toBe(true);
    for (let times = 0; times < 12; times++) lone.advance(100);
    expect(lone.sent('heartbeat')[0]?.message.inContact).toBe(false);
    // It stays leader in name: it just chooses nothing (O17).
    expect(lone.role).toBe('leader');
  });

  test('two proposers do not duel for ever', () => {
    const net = new Network({ voters: 3, seed: 5, options: { electionTimeoutMs: 150, heartbeatMs: 20 } });
    for (const id of [1, 3]) net.member(id).input({ type: 'campaign' });
    net.advance(2000);
    expect(net.all.filter(({ role }) => role === 'leader')).toHaveLength(1);
  });
});

describe('M-11, M-12: linearizable reads', () => {
  test('a leader answers when a phase-2 quorum has promised nothing higher since; five members, #Q2 = 2', () => {
    const lone = new Lone({ voters: 5, options: { q1Size: 4, q2Size: 2 } });
    lone.win({ from: 2 }, { from: 3 }, { from: 4 });
    lone.step({ type: 'read', context: 1, from: 'leader' });
    lone.drain();
    expect(lone.effects.reads).toEqual([]);
    lone.hear(5, { kind: 'heartbeat-response', ballot: lone.detail.ballot, readRound: 1, chosenUpTo: 0, lastSlot: 0 });
    expect(lone.effects.reads).toMatchObject([{ context: 1, index: 0, method: 'read-index' }]);
  });

  test('with #Q2 = 4 it takes four: a phase-1 quorum would not be enough', () => {
    const lone = new Lone({ voters: 5, options: { q1Size: 2, q2Size: 4 } });
    lone.win({ from: 2 });
    lone.step({ type: 'read', context: 1, from: 'leader' });
    lone.drain();
    const answer = { kind: 'heartbeat-response', ballot: lone.detail.ballot, readRound: 1, chosenUpTo: 0, lastSlot: 0 } as const;
    for (const from of [2, 3]) lone.hear(from, answer);
    expect(lone.effects.reads).toEqual([]);
    lone.hear(4, answer);
    expect(lone.effects.reads).toHaveLength(1);
  });

  test('reads wait until everything that an earlier leader may have had chosen is applied', () => {
    const lone = new Lone({ recovered: recoveredVotes(['1:a@1.1']) });
    lone.win({ from: 2 });
    lone.step({ type: 'read', context: 1, from: 'leader' });
    lone.drain();
    expect(lone.sent('heartbeat').every(({ message }) => message.readRound === 0)).toBe(true);
    lone.sync();
    lone.accepted(2, [1, 1]);
    lone.step({ type: 'applied', index: 1 });
    lone.drain();
    expect(lone.sent('heartbeat')[0]?.message.readRound).toBe(1);
  });

  test('who promised a higher ballot confirms nothing', () => {
    const lone = new Lone({ self: 2 });
    lone.hear(3, { kind: 'prepare', ballot: ballot('2.3'), fromSlot: 1 });
    lone.hear(1, heartbeat('1.1', { readRound: 1 }));
    expect(lone.sent('heartbeat-response')).toEqual([]);
    expect(lone.sent('nack')).toHaveLength(1);
  });
});

describe('M-13: quorum reads', () => {
  test('the highest vote of a phase-1 quorum is the point, and the read waits until it is chosen here', () => {
    const lone = new Lone();
    lone.step({ type: 'read', context: 4, from: 'quorum' });
    lone.drain();
    const [query] = lone.sent('read-query');
    lone.hear(3, { kind: 'read-query-reply', incarnation: 7, context: query?.message.context ?? 0, lastSlot: 1 });
    expect(lone.effects.reads).toEqual([]);
    lone.hear(2, accept('1.2'), [vote('1:x@1.2')]);
    lone.hear(2, { kind: 'chosen', runs: [{ from: 1, to: 1, ballot: ballot('1.2') }] });
    expect(lone.effects.reads).toMatchObject([{ context: 4, index: 1, method: 'quorum' }]);
  });

  test('five members, #Q1 = 4: three answers beside the own one', () => {
    const lone = new Lone({ voters: 5, options: { q1Size: 4, q2Size: 2 } });
    lone.step({ type: 'read', context: 4, from: 'quorum' });
    lone.drain();
    for (const from of [2, 3]) lone.hear(from, { kind: 'read-query-reply', incarnation: 7, context: 1, lastSlot: 0 });
    expect(lone.effects.reads).toEqual([]);
    lone.hear(4, { kind: 'read-query-reply', incarnation: 7, context: 1, lastSlot: 0 });
    expect(lone.effects.reads).toHaveLength(1);
  });

  test('a vote that is never chosen does not hold a read for ever', () => {
    const lone = new Lone();
    lone.step({ type: 'read', context: 4, from: 'quorum' });
    lone.drain();
    lone.hear(3, { kind: 'read-query-reply', incarnation: 7, context: 1, lastSlot: 9 });
    lone.advance(2000);
    expect(lone.effects.reads).toMatchObject([{ context: 4, index: undefined }]);
  });
});

describe('M-14: a promise in part', () => {
  test('it counts when all chunks are there, in whatever order they come', () => {
    const lone = new Lone({ recovered: recoveredVotes([], { promised: '1.3' }) });
    lone.step({ type: 'campaign' });
    lone.drain();
    lone.sync();
    const own = lone.detail.ballot;
    lone.hear(2, promise(own, { fromSlot: 4, toSlot: 0 }), [vote('4:d@1.2')]);
    lone.hear(2, promise(own, { fromSlot: 1, toSlot: 2 }), [vote('1:a@1.2')]);
    expect(lone.role).toBe('candidate');
    lone.hear(2, promise(own, { fromSlot: 3, toSlot: 3 }));
    expect(lone.role).toBe('leader');
    expect(write(lone)).toEqual([`1:a@${own.round}.1`, `2:@${own.round}.1`, `3:@${own.round}.1`, `4:d@${own.round}.1`]);
  });

  test('an acceptor sends chunks of messageBytes, pauses at its window, and goes on where it is asked to', () => {
    const limits = { messageBytes: 4, windowBytes: 8 };
    const recovered = recoveredVotes(['1:aaaa@1.1', '2:bbbb@1.1', '4:cccc@1.1']);
    const acceptor = new Lone({ self: 2, recovered, limits });
    acceptor.hear(1, { kind: 'prepare', ballot: ballot('2.1'), fromSlot: 1 });
    expect(acceptor.sent('promise').map(({ message }) => [message.fromSlot, message.toSlot, message.paused])).toEqual([
      [1, 1, false],
      [2, 2, true],
    ]);
    acceptor.hear(1, { kind: 'prepare', ballot: ballot('2.1'), fromSlot: 3 });
    expect(acceptor.sent('promise').map(({ message }) => [message.fromSlot, message.toSlot])).toEqual([[3, 0]]);
    const proposer = new Lone();
    proposer.step({ type: 'campaign' });
    proposer.drain();
    proposer.sync();
    proposer.hear(2, promise(proposer.detail.ballot, { toSlot: 2, paused: true }));
    expect(proposer.sent('prepare')).toMatchObject([{ to: [2], message: { fromSlot: 3 } }]);
  });

  test('a promise that is on its way is not asked for again, and a silent acceptor ever more rarely', () => {
    const lone = new Lone({ options: { electionTimeoutMs: 100_000, heartbeatMs: 100 } });
    lone.step({ type: 'campaign' });
    lone.drain();
    lone.sync();
    const asked: [at: number, of: number][] = [];
    for (let at = 100; at <= 3000; at += 100) {
      lone.advance(100);
      for (const { to } of lone.sent('prepare')) asked.push([at, to[0] ?? 0]);
      // A chunk of 2 every 100 ms; nothing of 3.
      lone.hear(2, promise(lone.detail.ballot, { fromSlot: at / 100, toSlot: at / 100 }));
      for (const { to } of lone.sent('prepare')) asked.push([at, to[0] ?? 0]);
    }
    expect(asked.filter(([, of]) => of === 2)).toEqual([]);
    const silent = asked.filter(([, of]) => of === 3).map(([at]) => at);
    const pauses = silent.slice(1).map((at, place) => at - (silent[place] ?? 0));
    expect(silent[0]).toBe(200);
    expect(pauses).toEqual([400, 800, 1600]);
  });

  test('acceptors whose promise is complete hear how far the others have got, so that they do not lose patience', () => {
    const lone = new Lone({ voters: 5, options: { electionTimeoutMs: 100_000, heartbeatMs: 100 } });
    lone.step({ type: 'campaign' });
    lone.drain();
    lone.sync();
    lone.hear(2, promise(lone.detail.ballot));
    const told: number[] = [];
    for (let slot = 1; slot <= 8; slot++) {
      lone.advance(100);
      const progress = lone.sent('prepare').filter(({ to }) => to[0] === 2);
      told.push(...progress.map(({ message }) => message.fromSlot));
      lone.hear(3, promise(lone.detail.ballot, { fromSlot: slot, toSlot: slot }));
      told.push(...lone.sent('prepare').flatMap(({ to, message }) => (to[0] === 2 ? [message.fromSlot] : [])));
    }
    expect(told).toEqual([2, 3, 5, 7]);
  });

  test('whoever gets a long promise through has the time to finish: each further question begins the timer of the acceptor anew', () => {
    const recovered = recoveredVotes([1, 2, 3, 4, 5].map((slot) => `${slot}:aaaa@1.1`));
    const acceptor = new Lone({
      self: 2,
      recovered,
      limits: { messageBytes: 4, windowBytes: 4 },
      options: { electionTimeoutMs: 1000 },
    });
    const ask = (fromSlot: number): void => void acceptor.hear(1, { kind: 'prepare', ballot: ballot('2.1'), fromSlot });
    const wait = (forMs: number): void => {
      for (let ms = 0; ms < forMs; ms += 20) acceptor.advance(20);
    };
    ask(1);
    for (const fromSlot of [2, 3, 4]) {
      wait(900);
      ask(fromSlot);
      expect(acceptor.role).toBe('follower');
    }
    // The same question again is no progress.
    wait(900);
    ask(4);
    wait(1100);
    expect(acceptor.role).toBe('candidate');
  });
});

test('M-15: a follower applies nothing before the leader has called it chosen, however many accepted', () => {
  const net = new Network({ voters: 3 });
  net.elect(1);
  net.propose(1, 'x');
  net.settle(({ to, message }) => to !== 1 || message.kind !== 'accepted');
  expect(net.all.map(({ commitIndex }) => commitIndex)).toEqual([1, 1, 1]);
  net.settle();
  expect(net.all.map(({ commitIndex }) => commitIndex)).toEqual([2, 2, 2]);
});

test('answers to accepts of an older ballot count for nothing', () => {
  const lone = new Lone();
  lone.win({ from: 2 });
  const older = lone.detail.ballot;
  lone.propose('a');
  lone.sync();
  lone.hear(3, { kind: 'nack', ballot: older, promised: ballot('5.3') });
  lone.win({ from: 2 });
  lone.sync();
  lone.hear(2, { kind: 'accepted', ballot: older, runs: [{ from: 1, to: 1 }] });
  expect(lone.commit).toBe(0);
  lone.accepted(2, [1, 1]);
  expect(lone.commit).toBe(1);
});
