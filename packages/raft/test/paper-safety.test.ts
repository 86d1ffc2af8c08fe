import { describe, expect, test } from 'vitest';
import { append, entry, Lone, noop, preVote, recoveredLog, requestVote } from './fixture/lone.ts';
import { Network } from './fixture/network.ts';

const quick = { preVote: false } as const;

describe('§5.4 safety', () => {
  test.each([
    ['a shorter log of the same term', [2, 2], false],
    ['an older last term, however long', [9, 1], false],
    ['the same log', [3, 2], true],
    ['a later last term, however short', [1, 3], true],
  ] as const)('§5.4.1: decides on %s', (_name, last, granted) => {
    const one = new Lone({ recovered: recoveredLog([1, 2, 2]) });
    one.hear(2, requestVote(7, 2, last));
    expect(one.sent('request-vote-response')[0]?.message.granted).toBe(granted);
    const other = new Lone({ recovered: recoveredLog([1, 2, 2]) });
    other.hear(2, preVote(7, 2, last));
    expect(other.sent('pre-vote-response')[0]?.message.granted).toBe(granted);
  });

  test('§5.4.2: an entry of an earlier term is not committed by counting copies (figure 8)', () => {
    const one = new Lone({ options: quick, recovered: recoveredLog([1, 2], { term: 3, commit: 1 }) });
    one.win(2);
    one.sync();
    one.ack(2, 2);
    one.ack(3, 2);
    expect(one.effects.commit.index).toBe(1);
    one.ack(2, 3);
    expect(one.effects.commit.index).toBe(3);
  });

  test('figure 8 (e): once an entry of its own term is committed, no later leader lacks the earlier ones', () => {
    const net = new Network({ voters: 5, options: quick });
    net.elect(1);
    for (const id of [4, 5]) net.isolate(id);
    net.propose(1, 'v');
    net.settle();
    net.crash(1);
    net.heal();
    expect(() => net.elect(5)).toThrow('not elected');
    net.elect(2);
    expect(net.member(5).log()).toContain('1:v');
    expect(net.member(5).commitIndex).toBe(net.member(2).commitIndex);
  });

  test.each([
    ['an entry', append(3, 2, [0, 0]), [noop(1, 3)]],
    ['the entry before', append(3, 2, [1, 2]), []],
    ['the last committed entry', append(3, 2, [2, 2]), []],
  ])('a conflict of %s with what is committed is proof that safety is broken', (_name, message, entries) => {
    const one = new Lone({ recovered: recoveredLog([1, 1], { commit: 2 }) });
    expect(one.hear(2, message, entries).diverged).toContain('State Machine Safety');
    expect(one.effects.sends).toEqual([]);
  });

  test('an acknowledgement of an earlier term counts for nothing: what it names may have been replaced (R-11)', () => {
    const one = new Lone({ options: quick });
    one.win(2);
    one.propose('x');
    one.hear(3, append(2, 3, [0, 0]), [noop(1, 2)]); // Replaces both entries of term 1.
    one.win(2);
    one.sync();
    const late = {
      kind: 'append-response',
      term: 1,
      success: true,
      matchIndex: 2,
      rejectedIndex: 0,
      hintIndex: 0,
      hintTerm: 0,
    } as const;
    one.hear(2, late);
    expect(one.detail.peers[0]?.match).toBe(0);
    expect(one.effects.commit.index).toBe(0);
  });

  test('what is committed is acknowledged, and nothing more is taken from an append that begins below it', () => {
    const one = new Lone({ recovered: recoveredLog([1, 1], { commit: 2 }) });
    one.hear(2, append(3, 2, [0, 0]), [entry(1, 1), entry(2, 1), entry(3, 3)]);
    expect(one.sent('append-response')[0]?.message).toMatchObject({ success: true, matchIndex: 2 });
    expect(one.last).toBe(2);
  });
});

describe('§5.5 crashes', () => {
  test('a follower that lost unsynced entries is given them again', () => {
    const net = new Network({ voters: 3 });
    net.elect(1);
    net.crash(3);
    net.propose(1, 'a', 'b');
    net.settle();
    net.restart(3);
    net.advance(500);
    expect(net.member(3).log()).toEqual(net.member(1).log());
    expect(net.member(3).appliedIndex).toBe(4);
  });

  test('an old completion never vouches for the entries that replaced its own (R-8)', () => {
    const one = new Lone();
    one.hear(2, append(1, 2, [0, 0]), [entry(1, 1), entry(2, 1)]); // Write 1.
    one.hear(3, append(2, 3, [0, 0]), [entry(1, 2)]); // Write 2 replaces both.
    one.hear(2, append(3, 2, [0, 0]), [entry(1, 1), entry(2, 1)]); // Write 3: the first ones again.
    one.step({ type: 'persisted', write: 1 });
    one.drain();
    expect((one.core.status().detail as { durable: number }).durable).toBe(0);
    one.sync();
    expect((one.core.status().detail as { durable: number }).durable).toBe(2);
  });

  test('a write without entries does not grow when entries follow', () => {
    const one = new Lone();
    const { write } = one.hear(2, requestVote(1, 2, [0, 0]));
    one.hear(2, append(1, 2, [0, 0]), [entry(1, 1)]);
    expect(write?.entries).toEqual([]);
  });
});
