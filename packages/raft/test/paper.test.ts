import { describe, expect, test } from 'vitest';
import { append, entry, heartbeat, Lone, recoveredLog, requestVote } from './fixture/lone.ts';
import { Network } from './fixture/network.ts';

const quick = { preVote: false } as const;

describe('§5.1 terms', () => {
  test('takes over a higher term with the append that carries it, and follows its sender', () => {
    const one = new Lone();
    one.hear(2, append(4, 2, [0, 0]));
    expect(one.core.status().role).toMatchObject({ role: 'follower', leader: 2, epoch: { round: 4 } });
  });

  test('answers a stale append with its own term, and its log is not touched', () => {
    const one = new Lone({ recovered: recoveredLog([1], { term: 5 }) });
    one.hear(2, append(4, 2, [1, 1]), [entry(2, 4)]);
    expect(one.sent('append-response')[0]?.message).toMatchObject({ term: 5, success: false });
    expect(one.last).toBe(1);
  });

  test('answers a stale heartbeat, so that a deposed leader finds out (R2)', () => {
    const one = new Lone({ recovered: recoveredLog([1], { term: 5 }) });
    one.hear(2, heartbeat(4, 2));
    expect(one.sent('heartbeat-response')[0]?.message.term).toBe(5);
  });

  test('a leader that hears a higher term steps down', () => {
    const one = new Lone({ options: quick });
    one.win(2);
    one.hear(3, { kind: 'append-response', term: 9, success: false, matchIndex: 0, rejectedIndex: 0, hintIndex: 0, hintTerm: 0 });
    expect(one.core.status().role).toMatchObject({ role: 'follower', leader: undefined, epoch: { round: 9 } });
  });

  test('remembers term and vote across a restart (figure 2)', () => {
    const net = new Network({ voters: 3, options: quick });
    net.elect(1);
    net.crash(2);
    net.restart(2);
    expect(net.member(2).core.status().detail).toMatchObject({ term: 1, votedFor: 1 });
  });
});

describe('§5.2 leader election', () => {
  test('a follower is silent until its timeout, which lies in [T, 2T)', () => {
    for (const chance of [0, 0.5, 0.999]) {
      const one = new Lone({ random: () => chance });
      expect(one.effects.sends).toEqual([]);
      expect(one.effects.nextDeadline).toBeCloseTo(1000 * (1 + chance));
    }
  });

  test.each([2, 3, 5, 7])('elects one leader of %i members when time passes', (voters) => {
    const net = new Network({ voters, seed: voters });
    net.advance(6000);
    expect(net.all.filter(({ role }) => role === 'leader')).toHaveLength(1);
    expect(new Set(net.all.map(({ commitIndex }) => commitIndex))).toEqual(new Set([2]));
  });

  test('a single voter elects itself at once and commits on its own disk, without a message', () => {
    const net = new Network({ voters: 1 });
    net.advance(0);
    expect(net.member(1).role).toBe('leader');
    net.propose(1, 'x');
    net.settle();
    expect(net.member(1).log()).toEqual(['1:noop', '1:config', '1:x']);
    expect(net.member(1).appliedIndex).toBe(3);
  });

  test('votes once per term, for the first that asks', () => {
    const one = new Lone();
    one.hear(2, requestVote(3, 2, [0, 0]));
    expect(one.sent('request-vote-response')[0]?.message).toEqual({ kind: 'request-vote-response', term: 3, granted: true });
    one.hear(3, requestVote(3, 3, [0, 0]));
    expect(one.sent('request-vote-response')[0]?.message.granted).toBe(false);
  });

  test('writes a vote down also where the term was known before', () => {
    const one = new Lone({ recovered: recoveredLog([1]) });
    one.hear(2, requestVote(3, 2, [0, 0]));
    expect(one.sent('request-vote-response')[0]?.message.granted).toBe(false);
    expect(one.hear(3, requestVote(3, 3, [1, 1])).write?.hardState).toBeDefined();
    expect(one.sent('request-vote-response')[0]).toMatchObject({ gate: 2, message: { granted: true } });
  });

  test('says the same again to the one that it voted for', () => {
    const one = new Lone();
    one.hear(2, requestVote(3, 2, [0, 0]));
    one.hear(2, requestVote(3, 2, [0, 0]));
    expect(one.sent('request-vote-response')[0]?.message.granted).toBe(true);
    expect(one.effects.write).toBeUndefined();
  });

  test('a vote leaves only when it is durable', () => {
    const one = new Lone();
    const { write } = one.hear(2, requestVote(3, 2, [0, 0]));
    expect(write?.hardState).toBeDefined();
    expect(one.sent('request-vote-response')[0]?.gate).toBe(1);
  });

  test('a request for votes waits for term, own vote and every entry that it claims (R-13)', () => {
    const one = new Lone({ options: quick });
    one.hear(2, append(1, 2, [0, 0]), [entry(1, 1)]);
    one.now = 5000;
    one.step({ type: 'campaign' });
    one.drain();
    expect(one.sent('request-vote')[0]).toMatchObject({ gate: 2, message: { term: 2, lastLogIndex: 1, lastLogTerm: 1 } });
  });

  test('counts its own vote only when it is durable', () => {
    const one = new Lone({ options: quick });
    one.step({ type: 'campaign' });
    one.drain();
    one.hear(2, { kind: 'request-vote-response', term: 1, granted: true });
    expect(one.role).toBe('candidate');
    one.sync();
    expect(one.role).toBe('leader');
  });

  test('ignores votes of an earlier term', () => {
    const one = new Lone({ options: quick, voters: 5 });
    one.step({ type: 'campaign' });
    one.drain();
    one.step({ type: 'campaign' });
    one.drain();
    one.sync();
    for (const voter of [2, 3]) one.hear(voter, { kind: 'request-vote-response', term: 1, granted: true });
    expect([one.role, one.term]).toEqual(['candidate', 2]);
  });

  test('counts each voter once', () => {
    const one = new Lone({ options: quick, voters: 5 });
    one.step({ type: 'campaign' });
    one.drain();
    one.sync();
    for (const voter of [2, 2]) one.hear(voter, { kind: 'request-vote-response', term: 1, granted: true });
    expect(one.role).toBe('candidate');
  });

  test('a candidate follows whoever leads its own term', () => {
    const one = new Lone({ options: quick });
    one.step({ type: 'campaign' });
    one.drain();
    one.hear(2, append(1, 2, [0, 0]));
    expect(one.core.status().role).toMatchObject({ role: 'follower', leader: 2 });
  });

  test('a split vote ends with a new election after another random timeout', () => {
    const one = new Lone({ options: quick });
    one.step({ type: 'campaign' });
    one.drain();
    one.sync();
    for (const voter of [2, 3]) one.hear(voter, { kind: 'request-vote-response', term: 1, granted: false });
    expect(one.role).toBe('follower');
    one.wake();
    expect([one.role, one.term]).toEqual(['candidate', 2]);
  });

  test('heartbeats keep a healthy leader in office', () => {
    const net = new Network({ voters: 3 });
    net.elect(2);
    net.advance(20_000);
    expect([net.member(2).role, net.member(2).epoch.round]).toEqual(['leader', 1]);
  });

  test('two leaders of one term are proof that safety is broken', () => {
    const one = new Lone({ options: quick });
    one.win(2);
    const { diverged } = one.hear(3, append(1, 3, [0, 0]));
    expect(diverged).toContain('Election Safety');
    expect(one.hear(2, append(2, 2, [0, 0])).sends).toEqual([]);
  });
});

describe('§5.3 log replication', () => {
  test('a leader begins its term with a no-op, sent before its own sync (thesis §10.2.1)', () => {
    const one = new Lone({ options: quick });
    one.win(2);
    const [sent] = one.sent('append');
    expect(sent).toMatchObject({ to: [2, 3], gate: 0, message: { prevLogIndex: 0, notice: false } });
    expect(sent?.entries.map(({ kind }) => kind)).toEqual(['noop']);
  });

  test('counts itself only up to its own durable index', () => {
    const one = new Lone({ options: quick });
    one.win(2);
    one.ack(2, 1);
    expect(one.effects.commit.index).toBe(0);
    one.sync();
    expect(one.effects.commit).toEqual({ index: 1, gate: 0 });
  });

  test('commits ahead of its own disk through others, but the cursor waits for the disk', () => {
    const one = new Lone({ options: quick });
    one.win(2);
    one.ack(2, 1);
    one.ack(3, 1);
    expect(one.effects.commit).toEqual({ index: 1, gate: 2 });
  });

  test('does not commit what only a minority holds', () => {
    const net = new Network({ voters: 5 });
    net.elect(1);
    for (const id of [3, 4, 5]) net.isolate(id);
    net.propose(1, 'x');
    net.settle();
    expect(net.member(2).log().at(-1)).toBe('1:x');
    expect(net.member(1).commitIndex).toBe(2);
  });

  test('refuses an append whose previous entry is missing, and hints at its own end', () => {
    const one = new Lone({ recovered: recoveredLog([1, 1]) });
    one.hear(2, append(1, 2, [5, 1]), [entry(6, 1)]);
    expect(one.sent('append-response')[0]?.message).toMatchObject({
      success: false,
      rejectedIndex: 5,
      hintIndex: 2,
      hintTerm: 1,
    });
    expect(one.last).toBe(2);
  });

  test('refuses an append whose previous term differs', () => {
    const one = new Lone({ recovered: recoveredLog([1, 1, 3]) });
    one.hear(2, append(4, 2, [3, 2]), [entry(4, 4)]);
    expect(one.sent('append-response')[0]?.message).toMatchObject({
      success: false,
      rejectedIndex: 3,
      hintIndex: 2,
      hintTerm: 1,
    });
  });

  test('cuts exactly at the conflict, in the same write as the new entries', () => {
    const one = new Lone({ recovered: recoveredLog([1, 1, 2, 2]) });
    const { write } = one.hear(2, append(3, 2, [1, 1]), [entry(2, 1), entry(3, 3)]);
    expect(write).toMatchObject({ truncateFrom: 3, entries: [{ first: 3, epoch: { round: 3 } }] });
    expect(one.last).toBe(3);
  });

  test('a late, shorter append cuts nothing (R-5)', () => {
    const one = new Lone();
    one.hear(2, append(1, 2, [0, 0]), [entry(1, 1), entry(2, 1), entry(3, 1)]);
    const { write } = one.hear(2, append(1, 2, [0, 0]), [entry(1, 1)]);
    expect(write).toBeUndefined();
    expect(one.last).toBe(3);
    expect(one.sent('append-response')[0]?.message.matchIndex).toBe(1);
  });

  test('acknowledges when term, truncation and entries are durable, once per turn', () => {
    const one = new Lone();
    one.step({ type: 'message', from: 2, link: 20, message: append(1, 2, [0, 0]), entries: [entry(1, 1)] });
    one.hear(2, append(1, 2, [1, 1]), [entry(2, 1)]);
    expect(one.sent('append-response')).toMatchObject([{ gate: 1, message: { success: true, matchIndex: 2 } }]);
  });

  test('what it owed to an earlier leader is not acknowledged to a later one', () => {
    const one = new Lone();
    const four = [1, 2, 3, 4].map((index) => entry(index, 1));
    one.step({ type: 'message', from: 2, link: 20, message: append(1, 2, [0, 0]), entries: four });
    one.hear(3, append(2, 3, [2, 1]), [entry(3, 1)]);
    expect(one.sent('append-response').map(({ to, message }) => [to, message.matchIndex])).toEqual([[[3], 3]]);
  });

  test('learns of a commit only up to the last entry that was compared', () => {
    const one = new Lone({ recovered: recoveredLog([1, 1, 1]) });
    one.hear(2, append(2, 2, [1, 1], 9), [entry(2, 1)]);
    expect(one.effects.commit.index).toBe(2);
  });

  test('an old answer moves nothing back (R-11)', () => {
    const one = new Lone({ options: quick, recovered: recoveredLog([1, 1, 1]) });
    one.win(2);
    one.ack(2, 4);
    one.ack(2, 2);
    one.refuse(2, 3, 1, 1);
    expect(one.detail.peers[0]).toMatchObject({ match: 4, next: 5, mode: 'replicate' });
  });

  // Figure 7: the leader of term 8, and six followers with every kind of disorder.
  const leaderTerms = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
  const followers: Record<string, readonly number[]> = {
    a: [1, 1, 1, 4, 4, 5, 5, 6, 6],
    b: [1, 1, 1, 4],
    c: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
    d: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
    e: [1, 1, 1, 4, 4, 4, 4],
    f: [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
  };
  const appends: Record<string, number> = { a: 2, b: 2, c: 1, d: 1, e: 2, f: 2 };
  test.each(Object.entries(followers))('figure 7: follower %s is brought in line with the leader', (name, terms) => {
    const leader = new Lone({ options: quick, recovered: recoveredLog(leaderTerms, { term: 7 }) });
    const follower = new Lone({ self: 2, recovered: recoveredLog(terms, { term: 7 }) });
    leader.win(3);
    let probes = 0;
    for (let sent = leader.sent('append').filter(({ to }) => to.includes(2)); sent.length > 0 && probes < 20; probes++) {
      for (const { message, entries } of sent) follower.hear(1, message, entries);
      for (const { message } of follower.sent('append-response')) leader.hear(2, message);
      sent = leader.sent('append').filter(({ to, message }) => to.includes(2) && !message.notice);
    }
    expect(follower.last).toBe(11);
    expect(follower.core.cached(11, 1)?.epoch.round).toBe(8);
    // One refusal at most, although up to seven entries of up to three terms differ: whole terms are skipped on both sides.
    expect(probes).toBe(appends[name]);
  });

  test('a leader never cuts its own log (Leader Append-Only)', () => {
    const one = new Lone({ options: quick, recovered: recoveredLog([1, 1, 1]) });
    one.win(2);
    one.refuse(2, 3, 0, 0);
    one.refuse(3, 3, 1, 1);
    expect(one.last).toBe(4);
    expect(one.effects.write).toBeUndefined();
  });

  test('refuses proposals that it will never append', () => {
    const one = new Lone({ options: quick, limits: { uncommittedBytes: 4 } });
    expect(one.propose('x').rejected).toEqual([{ first: 1, count: 1, reason: 'not-leader' }]);
    one.win(2);
    expect(one.propose('abcdefgh').appended).toMatchObject([{ first: 2, count: 1, index: 2 }]);
    expect(one.propose('x', 'y').rejected).toEqual([{ first: 3, count: 2, reason: 'overloaded' }]);
  });
});
