import { must } from '@quorate/core-testing';
import { describe, expect, test } from 'vitest';
import { append, entry, Lone, metaOf, recoveredLog } from './fixture/lone.ts';
import { Network } from './fixture/network.ts';

describe('§7 log compaction', () => {
  function lagging(): Network {
    const net = new Network({ voters: 3, limits: { tailBytes: 0, memoryBytes: 0 } });
    net.elect(1);
    net.crash(3);
    for (const command of ['a', 'b', 'c', 'd']) {
      net.propose(1, command);
      net.settle();
    }
    net.member(1).snapshot();
    net.settle();
    return net;
  }

  test('offers a snapshot to a follower that needs what the log no longer has', () => {
    const net = lagging();
    expect(net.member(1).firstIndex).toBe(7);
    net.restart(3);
    net.advance(300);
    expect(net.member(3).pulls).toMatchObject([{ peer: 1, meta: { index: 6 } }]);
    net.propose(1, 'e');
    net.member(3).finishPulls();
    net.settle();
    net.advance(300);
    expect([...net.member(3).applied.values()]).toEqual([...net.member(1).applied.values()]);
  });

  test('marks, truncates and notes the hard state in one batch, and answers behind it', () => {
    const one = new Lone({ recovered: recoveredLog([1, 1, 1]) });
    const meta = metaOf(9, 2);
    one.hear(2, { kind: 'install-snapshot', term: 3, leader: 2, meta });
    expect(one.effects.snapshots).toEqual([{ do: 'receive', peer: 2, meta }]);
    one.sync();
    one.step({ type: 'snapshotReceived', meta });
    expect(one.drain().write).toMatchObject({ snapshotMark: meta, truncateFrom: 1, entries: [], commit: 9, compactBelow: 10 });
    expect(one.effects.write?.hardState).toBeDefined();
    expect(one.sent('install-snapshot-response')).toMatchObject([{ gate: 2, message: { acceptedUpTo: 9 } }]);
    expect(one.effects.commit).toEqual({ index: 9, gate: 2 });
  });

  test('keeps what follows where its log has the last included entry', () => {
    const one = new Lone({ recovered: recoveredLog([1, 1, 1]) });
    one.hear(2, { kind: 'install-snapshot', term: 3, leader: 2, meta: metaOf(2, 1) });
    expect(one.effects.snapshots).toEqual([]);
    expect([one.last, one.effects.commit.index]).toEqual([3, 2]);
    expect(one.sent('install-snapshot-response')[0]?.message.acceptedUpTo).toBe(2);
  });

  test('keeps what follows also where the entries came while the snapshot was pulled', () => {
    const one = new Lone();
    const meta = metaOf(2, 1);
    one.hear(2, { kind: 'install-snapshot', term: 1, leader: 2, meta });
    one.hear(2, append(1, 2, [0, 0]), [entry(1, 1), entry(2, 1), entry(3, 1)]);
    one.step({ type: 'snapshotReceived', meta });
    expect(one.drain().write).toMatchObject({ snapshotMark: meta, commit: 2 });
    expect(one.effects.write?.truncateFrom).toBeUndefined();
    expect(one.last).toBe(3);
  });

  test('never installs below its commit index', () => {
    const one = new Lone({ recovered: recoveredLog([1, 1, 1], { commit: 3 }) });
    one.hear(2, { kind: 'install-snapshot', term: 3, leader: 2, meta: metaOf(2, 1) });
    expect(one.effects.snapshots).toEqual([]);
    expect(one.sent('install-snapshot-response')[0]?.message.acceptedUpTo).toBe(3);
  });

  test('a pull that entries have overtaken is cancelled', () => {
    const one = new Lone();
    one.hear(2, { kind: 'install-snapshot', term: 1, leader: 2, meta: metaOf(2, 1) });
    one.hear(2, append(1, 2, [0, 0], 2), [entry(1, 1), entry(2, 1)]);
    expect(one.effects.snapshots).toMatchObject([{ do: 'cancel' }]);
  });

  test('a pull that entries have overtaken is not installed either, where its end comes in the same turn', () => {
    const one = new Lone();
    const meta = metaOf(2, 1);
    one.hear(2, { kind: 'install-snapshot', term: 1, leader: 2, meta });
    const entries = [entry(1, 1), entry(2, 1), entry(3, 1)];
    one.step({ type: 'message', from: 2, link: 20, message: append(1, 2, [0, 0], 3), entries });
    one.step({ type: 'snapshotReceived', meta });
    expect(one.drain().write).not.toHaveProperty('snapshotMark');
    expect([one.last, one.effects.commit.index]).toEqual([3, 3]);
  });

  test('a pull that failed is offered again, after a heartbeat', () => {
    const net = lagging();
    net.restart(3);
    net.advance(300);
    net.member(3).finishPulls(false);
    net.settle();
    expect(net.member(3).pulls).toEqual([]);
    net.advance(300);
    expect(net.member(3).pulls).toHaveLength(1);
  });

  test('a pull that is slower than snapshots are taken still ends: the same offer is repeated, and what follows it is kept', () => {
    const net = lagging();
    net.restart(3);
    net.advance(300);
    const [first] = net.member(3).pulls;
    for (const command of ['x', 'y', 'z']) {
      net.propose(1, command);
      net.settle();
      net.member(1).snapshot();
      net.advance(1500);
    }
    expect(net.member(3).pulls).toEqual([first]);
    net.member(3).finishPulls();
    net.advance(300);
    expect(net.member(3).pulls).toEqual([]);
    expect(net.member(3).appliedIndex).toBe(net.member(1).appliedIndex);
  });

  test('knows what it stands at, while one snapshot after another is being loaded', () => {
    const one = new Lone({ recovered: recoveredLog([1, 1, 1], { commit: 3 }) });
    one.step({ type: 'applied', index: 3 });
    for (const index of [10, 20]) {
      one.hear(2, { kind: 'install-snapshot', term: 3, leader: 2, meta: metaOf(index, 2) });
      one.step({ type: 'snapshotReceived', meta: metaOf(index, 2) });
      one.drain();
      one.sync();
    }
    expect(one.core.metaAt(3)).toMatchObject({ index: 3, epoch: { round: 1 } });
    one.step({ type: 'applied', index: 10 });
    expect(one.core.metaAt(10)).toMatchObject({ index: 10, epoch: { round: 2 } });
    one.step({ type: 'applied', index: 20 });
    expect(one.core.metaAt(20)).toMatchObject({ index: 20, epoch: { round: 2 } });
  });

  test('keeps a tail of the given size for followers that lag a little', () => {
    const net = new Network({ voters: 1, limits: { tailBytes: 10 } });
    net.advance(0);
    for (let n = 0; n < 10; n++) net.propose(1, 'xxxx');
    net.settle();
    net.member(1).snapshot();
    net.settle();
    expect(net.member(1).core.status()).toMatchObject({ first: 11, last: 12 });
  });

  test('continues behind its snapshot after a restart', () => {
    const net = lagging();
    net.crash(1);
    net.restart(1);
    expect(net.member(1).core.status()).toMatchObject({ first: 7, last: 6, commit: 6, applied: 6 });
  });

  test('reads older entries from its journal for a follower, and never synchronously', () => {
    const net = new Network({ voters: 3, limits: { memoryBytes: 0, messageBytes: 4 } });
    net.elect(1);
    net.crash(3);
    for (const command of ['aaa', 'bbb', 'ccc']) {
      net.propose(1, command);
      net.settle();
    }
    net.member(1).keepEffects = true;
    net.restart(3);
    net.advance(300);
    expect(net.member(1).effects.flatMap(({ fetches }) => fetches).length).toBeGreaterThan(1);
    expect(net.member(3).log()).toEqual(net.member(1).log());
  });

  test('does not serve what its journal finds damaged, and says so', () => {
    const net = new Network({ voters: 3, limits: { memoryBytes: 0 } });
    net.elect(1);
    net.crash(3);
    for (const command of ['a', 'b']) {
      net.propose(1, command);
      net.settle();
    }
    net.member(1).holdFetches = true;
    net.member(1).keepEffects = true;
    net.restart(3);
    net.advance(150);
    const { fetch } = must(
      net
        .member(1)
        .effects.flatMap(({ fetches }) => fetches)
        .at(-1),
    );
    net.member(1).input({ type: 'fetched', fetch, entries: [], lost: 'damaged' });
    net.advance(500);
    expect(net.member(1).core.status().detail).toMatchObject({
      counters: { damagedReads: 1 },
      peers: [{ damagedAt: 0 }, { damagedAt: 3 }],
    });
    net.member(1).snapshot();
    net.advance(500);
    expect(net.member(3).pulls).toHaveLength(1);
  });

  // A leader whose disk failed one read held its follower back for as long as it was in office.
  test('asks its journal again an election timeout after a read that failed', () => {
    const net = new Network({ voters: 3, limits: { memoryBytes: 0 } });
    net.elect(1);
    net.crash(3);
    for (const command of ['a', 'b']) {
      net.propose(1, command);
      net.settle();
    }
    const leader = net.member(1);
    leader.holdFetches = true;
    leader.keepEffects = true;
    net.restart(3);
    net.advance(150);
    const { fetch } = must(leader.effects.flatMap(({ fetches }) => fetches).at(-1));
    leader.input({ type: 'fetched', fetch, entries: [], lost: 'damaged' });
    leader.holdFetches = false;
    net.advance(500);
    expect(net.member(3).log()).not.toEqual(leader.log());
    net.advance(1500);
    expect(net.member(3).log()).toEqual(leader.log());
  });
});
