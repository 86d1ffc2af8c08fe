import { describe, expect, test } from 'vitest';
import { Lone, metaOf, promise, recoveredVotes, textOf, vote } from './fixture/lone.ts';
import { Network } from './fixture/network.ts';

const electionTimeoutMs = 1000;

/** Wakes a core again and again; the test answers in between. */
function pass(lone: Lone, ms: number, each: () => void = () => undefined): void {
  for (let passed = 0; passed < ms; passed += 50) {
    lone.advance(50);
    each();
  }
}

/** A leader of three, to whom 3 said that four slots are chosen: it has none of them. */
function behind(): Lone {
  const lone = new Lone({ recovered: recoveredVotes([], { promised: '1.3' }), options: { electionTimeoutMs, heartbeatMs: 100 } });
  lone.win({ from: 3, chosenUpTo: 4, votes: [vote('5:e@1.2')] });
  lone.sync();
  return lone;
}

describe('a leader that lacks what was chosen before it', () => {
  test('begins again once nobody has taught it for an election timeout, and takes from votes what it was to be taught', () => {
    const lone = behind();
    lone.linkDown(3);
    const nobodyKnows = (): void => {
      for (const { message } of lone.sent('learn-request'))
        lone.hear(2, { kind: 'learn-reply', fromSlot: message.fromSlot, chosenUpTo: 0 });
    };
    pass(lone, electionTimeoutMs - 100, nobodyKnows);
    expect(lone.role).toBe('leader');
    pass(lone, electionTimeoutMs + 100, nobodyKnows);
    expect(lone.role).toBe('candidate');
    expect(lone.detail.ballot).toEqual({ round: 3, owner: 1 });
    lone.sync();
    // The acceptor voted for what was chosen, and never heard that it was.
    lone.hear(2, promise(lone.detail.ballot), ['1:a@1.2', '2:b@1.2', '3:c@1.2', '4:d@1.2'].map(vote));
    expect(textOf(lone.effects.write?.entries ?? [])).toEqual(['1:a@3.1', '2:b@3.1', '3:c@3.1', '4:d@3.1', '5:e@3.1']);
    lone.sync();
    lone.accepted(2, [1, 5]);
    expect(lone.commit).toBe(5);
  });

  test('stays as long as it is taught, however little at a time', () => {
    const lone = behind();
    for (let slot = 1; slot <= 4; slot++) {
      pass(lone, electionTimeoutMs - 100);
      expect(lone.role).toBe('leader');
      lone.hear(3, { kind: 'learn-reply', fromSlot: slot, chosenUpTo: 4 }, [vote(`${slot}:x@1.2`)]);
    }
    expect(lone.commit).toBe(4);
    pass(lone, 10 * electionTimeoutMs);
    expect(lone.role).toBe('leader');
  });

  test('stays while a snapshot is pulled from a member that lives, and no longer', () => {
    const lone = behind();
    lone.hear(3, { kind: 'have-snapshot', meta: metaOf(4, '1.2') });
    const beat = (): void => {
      const message = {
        kind: 'heartbeat-response',
        ballot: lone.detail.ballot,
        readRound: 0,
        chosenUpTo: 4,
        lastSlot: 5,
      } as const;
      if (lone.sent('heartbeat').length > 0) lone.hear(3, message);
    };
    pass(lone, 6 * electionTimeoutMs, beat);
    expect(lone.role).toBe('leader');
    pass(lone, 4 * electionTimeoutMs);
    expect(lone.role).toBe('candidate');
  });

  test('alone, it prepares nothing: that would bring nothing, and depose who leads when it comes back', () => {
    const lone = behind();
    lone.linkDown(3);
    lone.linkDown(2);
    const { round } = lone.detail.promised;
    pass(lone, 10 * electionTimeoutMs);
    expect(lone.role).toBe('follower');
    expect(lone.detail.promised.round).toBe(round);
  });

  test('tries ever more rarely', () => {
    const lone = behind();
    const attempts: number[] = [];
    for (let at = 0; at < 40_000; at += 50) {
      pass(lone, 50);
      if (lone.role !== 'candidate') continue;
      attempts.push(at);
      lone.sync();
      lone.hear(3, promise(lone.detail.ballot, { chosenUpTo: 4 }));
      expect(lone.role).toBe('leader');
      lone.sync();
    }
    const pauses = attempts.slice(1).map((at, place) => at - (attempts[place] ?? 0));
    expect(pauses.length).toBeGreaterThan(5);
    expect(Math.max(...pauses)).toBeGreaterThan(2 * electionTimeoutMs);
    expect(pauses.at(-1)).toBe(pauses.at(-2));
  });
});

test('a cluster whose newest leader lost its teacher goes on without it', () => {
  const net = new Network({ voters: 3 });
  net.elect(1);
  net.isolate(3);
  net.propose(1, 'a', 'b');
  // The leader knows them to be chosen, the other acceptor has only voted.
  net.settle(({ from, message }) => !(from === 1 && message.kind === 'chosen'));
  net.take(() => true);
  expect([net.member(1).commitIndex, net.member(2).commitIndex]).toEqual([3, 1]);
  net.disconnect(1, 2);
  net.connect(1, 3);
  net.member(3).input({ type: 'campaign' });
  net.settle(({ message }) => message.kind !== 'learn-reply');
  expect(net.member(3).epoch.owner).toBe(3);
  expect(net.member(3).commitIndex).toBe(1);
  net.crash(1);
  net.connect(2, 3);
  net.advance(8000);
  expect([2, 3].map((id) => net.member(id).appliedIndex)).toEqual([3, 3]);
  net.propose(3, 'c');
  net.settle();
  expect([2, 3].map((id) => net.member(id).appliedIndex)).toEqual([4, 4]);
});
