import type { Flight } from '@quorate/core-testing';
import { describe, expect, test } from 'vitest';
import type { MultiPaxosMessage } from '../src/index.ts';
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

/** A leader, to whom 3 said that four slots are chosen: it has none of them. */
function behind(voters = 3): Lone {
  const recovered = recoveredVotes([], { promised: '1.3' });
  const lone = new Lone({ voters, recovered, options: { electionTimeoutMs, heartbeatMs: 100 } });
  lone.win({ from: 3, chosenUpTo: 4, votes: [vote('5:e@1.2')] }, ...(voters === 5 ? [{ from: 4 }] : []));
  lone.sync();
  return lone;
}

/** The same, once it has begun again: its prepare is out. */
function beginsAgain(voters = 3): Lone {
  const lone = behind(voters);
  for (let passed = 0; passed < 2 * electionTimeoutMs && lone.role === 'leader'; passed += 50) lone.advance(50);
  expect(lone.role).toBe('candidate');
  lone.sync();
  return lone;
}

/** A member answers the heartbeats of the last turn. */
function beat(lone: Lone, from: number): void {
  const message = { kind: 'heartbeat-response', ballot: lone.detail.ballot, readRound: 0, chosenUpTo: 4, lastSlot: 5 } as const;
  if (lone.sent('heartbeat').length > 0) lone.hear(from, message);
}

const fourVotes = ['1:a@1.2', '2:b@1.2', '3:c@1.2', '4:d@1.2'].map(vote);
const fourAgain = ['1:a@3.1', '2:b@3.1', '3:c@3.1', '4:d@3.1'];

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
    lone.hear(2, promise(lone.detail.ballot), fourVotes);
    expect(textOf(lone.effects.write?.entries ?? [])).toEqual([...fourAgain, '5:e@3.1']);
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

  test('begins again where it was taught all but the last slot', () => {
    const lone = behind();
    const taught = ['1:a@1.2', '2:b@1.2', '3:c@1.2'].map(vote);
    lone.hear(3, { kind: 'learn-reply', fromSlot: 1, chosenUpTo: 4 }, taught);
    expect(lone.commit).toBe(3);
    pass(lone, 2 * electionTimeoutMs);
    expect(lone.role).toBe('candidate');
  });

  test('does not depose itself while it hands over', () => {
    const lone = behind();
    pass(lone, electionTimeoutMs);
    lone.step({ type: 'transfer', to: 2 });
    pass(lone, electionTimeoutMs - 100);
    expect(lone.role).toBe('leader');
    // Nobody took over.
    pass(lone, 2 * electionTimeoutMs);
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
      // 3 taught nothing before: 2 is asked once more, and then it is tried with 3 again.
      expect(lone.role).toBe('candidate');
      pass(lone, 400);
      expect(lone.role).toBe('leader');
      lone.sync();
    }
    const pauses = attempts.slice(1).map((at, place) => at - (attempts[place] ?? 0));
    expect(pauses.length).toBeGreaterThan(5);
    expect(Math.max(...pauses)).toBeGreaterThan(2 * electionTimeoutMs);
    expect(pauses.at(-1)).toBe(pauses.at(-2));
  });
});

describe('a leader that waits for a snapshot', () => {
  const offer = { kind: 'have-snapshot', meta: metaOf(4, '1.2') } as const;

  test('stays while it is pulled from a member that lives, and no longer', () => {
    const lone = behind();
    lone.hear(3, offer);
    pass(lone, 6 * electionTimeoutMs, () => beat(lone, 3));
    expect(lone.role).toBe('leader');
    pass(lone, 4 * electionTimeoutMs);
    expect(lone.role).toBe('candidate');
  });

  test('begins again where the pull fails each time, and stays for a newer snapshot', () => {
    const lone = behind();
    const newer = metaOf(5, '1.2');
    let offers = 0;
    const serve = (): void => {
      const isAsked = lone.sent('learn-request').length > 0;
      beat(lone, 3);
      if (!isAsked) return;
      lone.hear(3, { kind: 'have-snapshot', meta: newer });
      offers += lone.effects.snapshots.length;
    };
    lone.hear(3, offer);
    lone.step({ type: 'snapshotFailed', meta: offer.meta });
    pass(lone, 6 * electionTimeoutMs, serve);
    expect([lone.role, offers]).toEqual(['leader', 1]);
    lone.step({ type: 'snapshotFailed', meta: newer });
    pass(lone, 1000, serve);
    expect([lone.role, offers]).toEqual(['leader', 2]);
    // The second pull of it goes on, and is not waited for.
    pass(lone, 1000, serve);
    expect([lone.role, offers]).toEqual(['candidate', 2]);
  });

  test('has an election timeout for another one after a pull that failed', () => {
    const lone = behind();
    lone.hear(3, offer);
    // The timeout was moved at 1500, up to 3000.
    pass(lone, 2900, () => beat(lone, 3));
    lone.step({ type: 'snapshotFailed', meta: offer.meta });
    pass(lone, electionTimeoutMs);
    expect(lone.role).toBe('leader');
    pass(lone, electionTimeoutMs);
    expect(lone.role).toBe('candidate');
  });

  test('asks somebody else where its source is silent behind a link that is up', () => {
    const lone = behind();
    lone.hear(3, offer);
    const sources: number[] = [];
    pass(lone, 6 * electionTimeoutMs, () => {
      const asked = lone.sent('learn-request').flatMap(({ to }) => to);
      beat(lone, 2);
      if (asked.includes(2)) lone.hear(2, offer);
      sources.push(...lone.effects.snapshots.map(({ peer }) => peer));
    });
    expect(sources).toEqual([2]);
    expect(lone.role).toBe('leader');
  });
});

describe('a leader that began again, because somebody called slots chosen and did not teach them', () => {
  test('does without that promise where others come', () => {
    const lone = beginsAgain();
    lone.hear(3, promise(lone.detail.ballot, { chosenUpTo: 4 }));
    expect(lone.role).toBe('candidate');
    lone.advance(300);
    lone.hear(2, promise(lone.detail.ballot), fourVotes);
    expect(lone.role).toBe('leader');
    expect(textOf(lone.effects.write?.entries ?? []).slice(0, 4)).toEqual(fourAgain);
  });

  test('does not count it for the quorum', () => {
    const lone = beginsAgain(5);
    lone.hear(3, promise(lone.detail.ballot, { chosenUpTo: 4 }));
    lone.hear(2, promise(lone.detail.ballot), fourVotes);
    expect(lone.role).toBe('candidate');
    lone.hear(4, promise(lone.detail.ballot));
    expect(lone.role).toBe('leader');
    expect(textOf(lone.effects.write?.entries ?? []).slice(0, 4)).toEqual(fourAgain);
  });

  test('waits for no promise that cannot come', () => {
    const lone = beginsAgain();
    lone.linkDown(2);
    lone.hear(3, promise(lone.detail.ballot, { chosenUpTo: 4 }));
    expect(lone.role).toBe('leader');
  });

  test('waits as long as another promise gets through', () => {
    const lone = beginsAgain();
    lone.hear(3, promise(lone.detail.ballot, { chosenUpTo: 4 }));
    for (const [place, each] of fourVotes.entries()) {
      pass(lone, 300);
      expect(lone.role).toBe('candidate');
      lone.hear(2, promise(lone.detail.ballot, { fromSlot: place + 1, toSlot: place === 3 ? 0 : place + 1 }), [each]);
    }
    expect(lone.role).toBe('leader');
    expect(textOf(lone.effects.write?.entries ?? []).slice(0, 4)).toEqual(fourAgain);
  });

  test('believes it again once a slot was taught', () => {
    const lone = beginsAgain();
    lone.hear(3, promise(lone.detail.ballot, { chosenUpTo: 4 }));
    pass(lone, 400);
    expect(lone.role).toBe('leader');
    lone.hear(3, { kind: 'learn-reply', fromSlot: 1, chosenUpTo: 4 }, [vote('1:a@1.2')]);
    lone.hear(2, { kind: 'nack', ballot: lone.detail.ballot, promised: { round: 9, owner: 2 } });
    lone.win({ from: 3, chosenUpTo: 4 });
    expect(lone.role).toBe('leader');
  });
});

/** 1 leads, and knows of two commands that they are chosen; 2 has only voted for them; 3 was away. */
function onlyOneKnows(): Network {
  const net = new Network({ voters: 3 });
  net.elect(1);
  net.isolate(3);
  net.propose(1, 'a', 'b');
  net.settle(({ from, message }) => !(from === 1 && message.kind === 'chosen'));
  net.take(() => true);
  expect([net.member(1).commitIndex, net.member(2).commitIndex]).toEqual([3, 1]);
  return net;
}

test('a cluster whose newest leader is promised much by a member that teaches nothing settles by the votes of the other', () => {
  const net = onlyOneKnows();
  net.heal();
  net.member(3).input({ type: 'campaign' });
  const isValue = ({ from, message, entries }: Flight<MultiPaxosMessage>): boolean =>
    from === 1 && message.kind === 'learn-reply' && entries.length > 0;
  // Of the promises that of 1 is always the first: 3 leads with it.
  net.settle((flight) => !isValue(flight) && !(flight.from === 2 && flight.message.kind === 'promise'));
  expect(net.member(3).role).toBe('leader');
  net.advance(4000, (flight) => !isValue(flight));
  expect(net.member(3).role).toBe('leader');
  expect(net.member(3).core.status().role.settled).toBe(true);
  expect(net.member(3).appliedIndex).toBe(3);
  const { round } = net.member(3).epoch;
  net.advance(20_000, (flight) => !isValue(flight));
  expect(net.member(3).epoch).toEqual({ round, owner: 3 });
  expect(round).toBeLessThanOrEqual(3);
});

test('a cluster whose newest leader lost its teacher goes on without it', () => {
  const net = onlyOneKnows();
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
