import { describe, expect, test } from 'vitest';
import { accept, ballot, heartbeat, Lone, metaOf, promise, recoveredVotes, textOf, vote } from './fixture/lone.ts';

const write = (lone: Lone): string[] => textOf(lone.effects.write?.entries ?? []);

describe('phase 1 (Paxos Made Simple §2.2; protocol facts P1, P2)', () => {
  test('a prepare leaves when the own promise is durable, and covers every slot from the first not known chosen', () => {
    const lone = new Lone();
    lone.step({ type: 'campaign' });
    lone.drain();
    const [prepare] = lone.sent('prepare');
    expect(prepare?.message).toMatchObject({ ballot: ballot('1.1'), fromSlot: 1 });
    expect(lone.effects.write?.hardState).toBeDefined();
    expect(prepare?.gate).toBe(1);
    lone.hear(2, promise(ballot('1.1')));
    expect(lone.role).toBe('candidate');
    lone.sync();
    expect(lone.role).toBe('leader');
  });

  test('an acceptor promises a higher ballot without looking at any log, and tells all its votes with their ballots', () => {
    const lone = new Lone({ self: 2, recovered: recoveredVotes(['1:a@1.1', '2:b@1.1', '4:d@2.3'], { commit: 1 }) });
    lone.hear(1, { kind: 'prepare', ballot: ballot('3.1'), fromSlot: 1 });
    const [answer] = lone.sent('promise');
    expect(answer?.message).toEqual(promise(ballot('3.1'), { chosenUpTo: 1 }));
    expect(textOf(answer?.entries ?? [])).toEqual(['2:b@1.1', '4:d@2.3']);
    expect(answer?.gate).toBe(1);
    expect(lone.detail.promised).toEqual(ballot('3.1'));
  });

  test('a lower ballot is refused with the promise, the same one is promised again', () => {
    const lone = new Lone({ self: 2 });
    lone.hear(3, { kind: 'prepare', ballot: ballot('2.3'), fromSlot: 1 });
    lone.hear(1, { kind: 'prepare', ballot: ballot('2.1'), fromSlot: 1 });
    expect(lone.sent('nack')[0]?.message).toEqual({ kind: 'nack', ballot: ballot('2.1'), promised: ballot('2.3') });
    lone.hear(3, { kind: 'prepare', ballot: ballot('2.3'), fromSlot: 1 });
    expect(lone.sent('promise')).toHaveLength(1);
  });

  test('a proposer takes the smallest own ballot above all it has seen', () => {
    const lone = new Lone({ self: 2 });
    lone.hear(3, heartbeat('4.3'));
    lone.step({ type: 'campaign' });
    lone.drain();
    expect(lone.detail.ballot).toEqual(ballot('5.2'));
  });
});

describe('after a phase-1 quorum (P3)', () => {
  test('the vote of the highest ballot is proposed again under the own one, and free slots become no-ops', () => {
    const lone = new Lone({ recovered: recoveredVotes(['1:a@1.1', '2:mine@1.1'], { commit: 1 }) });
    lone.win({ from: 2, chosenUpTo: 1, votes: [vote('2:theirs@1.3'), vote('5:far@1.2')] });
    expect(write(lone)).toEqual(['2:theirs@2.1', '3:@2.1', '4:@2.1', '5:far@2.1']);
    expect(textOf(lone.sent('accept')[0]?.entries ?? [])).toEqual(['2:theirs@2.1', '3:@2.1', '4:@2.1', '5:far@2.1']);
    expect(lone.detail.counters).toMatchObject({ reproposed: 2, holesFilled: 2 });
  });

  test('it may propose new commands at once, and is settled when all that was open is applied', () => {
    const lone = new Lone({ recovered: recoveredVotes(['1:a@1.1']) });
    lone.win({ from: 2 });
    expect(lone.core.status().role).toMatchObject({ ready: true, settled: false });
    lone.propose('new');
    expect(lone.effects.appended).toMatchObject([{ index: 2, epoch: ballot('2.1') }].map(({ index }) => ({ index })));
    lone.sync();
    lone.accepted(2, [1, 1]);
    expect(lone.effects.commit.index).toBe(1);
    lone.step({ type: 'applied', index: 1 });
    lone.drain();
    expect(lone.core.status().role.settled).toBe(true);
  });

  test('nothing is proposed at or below what anybody called chosen: it is learned, from whoever said so', () => {
    const lone = new Lone({ recovered: recoveredVotes([], { promised: '1.3' }) });
    lone.win({ from: 3, chosenUpTo: 4, votes: [vote('5:e@1.2')] });
    expect(write(lone)).toEqual(['5:e@2.1']);
    expect(lone.sent('learn-request')).toMatchObject([{ to: [3], message: { fromSlot: 1 } }]);
    lone.hear(3, { kind: 'learn-reply', fromSlot: 1, chosenUpTo: 4 }, ['1:a@1.2', '2:b@1.2', '3:c@1.2', '4:d@1.2'].map(vote));
    expect(lone.commit).toBe(4);
  });
});

describe('phase 2 (P4 … P7)', () => {
  test('an acceptor accepts a slot above a hole and says so, once it is durable', () => {
    const lone = new Lone({ self: 2 });
    lone.hear(1, accept('1.1'), [vote('5:x@1.1')]);
    expect(write(lone)).toEqual(['5:x@1.1']);
    expect(lone.sent('accepted')).toMatchObject([{ to: [1], gate: 1, message: { runs: [{ from: 5, to: 5 }] } }]);
    expect(lone.detail.openHoles).toEqual([{ from: 1, to: 4 }]);
  });

  test('a repeated accept is answered and changes nothing; a higher ballot overwrites the vote', () => {
    const lone = new Lone({ self: 2 });
    lone.hear(1, accept('1.1'), [vote('1:x@1.1')]);
    lone.hear(1, accept('1.1'), [vote('1:x@1.1')]);
    expect(lone.effects.write).toBeUndefined();
    expect(lone.sent('accepted')).toHaveLength(1);
    lone.hear(3, accept('1.3'), [vote('1:y@1.3')]);
    expect(write(lone)).toEqual(['1:y@1.3']);
  });

  test('slots are chosen one by one, in any order, and applied in theirs', () => {
    const lone = new Lone();
    lone.win({ from: 2 });
    lone.propose('a');
    lone.propose('b');
    lone.propose('c');
    lone.sync();
    lone.accepted(2, [2, 3]);
    expect(lone.effects.chosen).toMatchObject([{ from: 2, to: 3 }]);
    expect(lone.commit).toBe(0);
    lone.accepted(3, [1, 1]);
    expect(lone.commit).toBe(3);
  });

  test('a leader counts itself only when its own vote is durable, and may choose without itself', () => {
    const lone = new Lone();
    lone.win({ from: 2 });
    lone.propose('a');
    lone.accepted(2, [1, 1]);
    expect(lone.commit).toBe(0);
    lone.accepted(3, [1, 1]);
    expect(lone.commit).toBe(1);
    // Chosen, but not on the own disk: the cursor waits.
    expect(lone.effects.commit).toEqual({ index: 1, gate: 2 });
  });

  test('notices name the run and its ballot, and ride on an accept to the same acceptor', () => {
    const lone = new Lone();
    lone.win({ from: 2 });
    lone.propose('a');
    lone.sync();
    lone.accepted(2, [1, 1]);
    expect(lone.sent('chosen')).toMatchObject([
      { to: [2, 3], message: { runs: [{ from: 1, to: 1, ballot: lone.detail.ballot }] } },
    ]);
    lone.propose('b');
    lone.sync();
    lone.step({
      type: 'message',
      from: 2,
      link: 20,
      message: { kind: 'accepted', ballot: lone.detail.ballot, runs: [{ from: 2, to: 2 }] },
      entries: [],
    });
    lone.propose('c');
    expect(lone.sent('chosen')).toEqual([]);
    expect(lone.sent('accept')[0]?.message.chosen).toMatchObject([{ from: 2, to: 2 }]);
  });

  test('with piggybacked notices nothing leaves by itself; the heartbeat names the run of its ballot', () => {
    const lone = new Lone({ options: { commitNotice: 'piggyback' } });
    lone.win({ from: 2 });
    lone.propose('a');
    lone.sync();
    lone.accepted(2, [1, 1]);
    expect(lone.effects.sends).toEqual([]);
    lone.wake();
    expect(lone.sent('heartbeat')[0]?.message).toMatchObject({ chosenFrom: 1, chosenUpTo: 1 });
  });

  test('what exceeds the limit of open bytes is refused as a whole', () => {
    const lone = new Lone({ limits: { uncommittedBytes: 4 } });
    lone.win({ from: 2 });
    lone.propose('aaaa');
    lone.propose('b');
    expect(lone.effects.rejected).toMatchObject([{ reason: 'overloaded' }]);
    lone.sync();
    lone.accepted(2, [1, 1]);
    lone.propose('c');
    expect(lone.effects.appended).toHaveLength(1);
  });

  test('another value in a slot that is known chosen ends this member', () => {
    const lone = new Lone({ self: 2 });
    lone.hear(1, accept('1.1'), [vote('1:x@1.1')]);
    lone.hear(1, { kind: 'chosen', runs: [{ from: 1, to: 1, ballot: ballot('1.1') }] });
    lone.hear(3, accept('2.3'), [vote('1:y@2.3')]);
    expect(lone.effects.diverged).toContain('E_DIVERGED');
    expect(lone.effects.sends).toEqual([]);
  });
});

describe('retransmission, slot by slot', () => {
  test('what a heartbeat has overtaken is sent again, and only that', () => {
    const lone = new Lone({ limits: { messageBytes: 1 } });
    lone.win({ from: 2 });
    lone.propose('a');
    lone.propose('b');
    lone.sync();
    lone.accepted(3, [2, 2]);
    const again: string[] = [];
    for (let beat = 0; beat < 3; beat++) {
      lone.wake();
      lone.hear(3, { kind: 'heartbeat-response', ballot: lone.detail.ballot, readRound: 0, chosenUpTo: 0, lastSlot: 2 });
      again.push(
        ...lone
          .sent('accept')
          .filter(({ to }) => to.includes(3))
          .flatMap(({ entries }) => textOf(entries)),
      );
      lone.accepted(3, [2, 2]);
    }
    expect(again).toEqual(['1:a@1.1']);
  });

  test('an acceptor that makes no progress gets one accept per heartbeat', () => {
    const lone = new Lone();
    lone.win({ from: 2 });
    lone.propose('a');
    lone.propose('b');
    for (let beat = 0; beat < 4; beat++) {
      lone.wake();
      lone.hear(3, { kind: 'heartbeat-response', ballot: lone.detail.ballot, readRound: 0, chosenUpTo: 0, lastSlot: 0 });
    }
    expect(lone.detail.peers.find(({ id }) => id === 3)?.mode).toBe('probe');
    expect(lone.sent('accept').filter(({ to }) => to.includes(3))).toHaveLength(1);
    lone.propose('c');
    expect(lone.sent('accept').filter(({ to }) => to.includes(3))).toEqual([]);
    lone.accepted(3, [1, 2]);
    expect(lone.sent('accept').filter(({ to }) => to.includes(3))).toHaveLength(1);
  });
});

describe('a restart (B-29)', () => {
  test('holes are legal above what was chosen, and damage below', () => {
    expect(new Lone({ recovered: recoveredVotes(['1:a@1.1', '4:d@1.2'], { commit: 1 }) }).effects.diverged).toBeUndefined();
    expect(new Lone({ recovered: recoveredVotes(['1:a@1.1', '4:d@1.2'], { commit: 4 }) }).effects.diverged).toContain(
      'E_DATA_DAMAGED',
    );
  });

  test('a vote above the promise is a contradiction', () => {
    const recovered = recoveredVotes(['1:a@3.1'], { promised: '2.2' });
    expect(new Lone({ recovered }).effects.diverged).toMatch(/E_DATA_DAMAGED.*vote of ballot 3\.1, above the promise 2\.2/u);
  });

  test('damaged ranges are not started from', () => {
    expect(new Lone({ recovered: { damaged: [{ from: 3, to: 5 }] } }).effects.diverged).toContain('entries 3-5');
  });
});

describe('snapshots (protocol facts §6.2)', () => {
  test('a snapshot that was received keeps the promise and the votes above it, and cuts nothing', () => {
    const lone = new Lone({ recovered: recoveredVotes(['1:a@1.1', '7:g@2.3'], { commit: 1, promised: '5.2' }) });
    lone.hear(2, { kind: 'have-snapshot', meta: metaOf(5, '1.2') });
    expect(lone.effects.snapshots).toMatchObject([{ do: 'receive', peer: 2 }]);
    lone.step({ type: 'snapshotReceived', meta: metaOf(5, '1.2') });
    lone.drain();
    expect(lone.effects.write).toMatchObject({ compactBelow: 6, snapshotMark: { id: 's5' }, commit: 5 });
    expect(lone.effects.write?.truncateFrom).toBeUndefined();
    expect(lone.effects.commit).toEqual({ index: 5, gate: 1 });
    expect(lone.detail.promised).toEqual(ballot('5.2'));
    expect(lone.core.status()).toMatchObject({ first: 6, last: 7 });
  });
});
