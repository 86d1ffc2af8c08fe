import { at, encodeText, noEpoch, placeEntries } from '@quorate/interface';
import type { EntryBatch } from '@quorate/interface';
import { describe, expect, test } from 'vitest';
import { Cluster, kinds } from './fixtures/cluster.ts';
import type { Node } from './fixtures/cluster.ts';
import { Dutiful, dutiful } from './fixtures/dutiful.ts';
import { snapshotOn } from './fixtures/snapshot-on.ts';
import { leading, Stage } from './fixtures/stage.ts';
import { initialRole } from './fixtures/toy-effects.ts';

const stateMachine = (): Dutiful => new Dutiful();
const tenureOf = (node: Node): Dutiful['tenure'] => dutiful(node.machine).tenure;

/** The leader, once its tenure has begun. */
function inOffice(cluster: Cluster): Node {
  const leader = cluster.elected();
  cluster.world.until(() => tenureOf(leader) !== undefined, 'a tenure');
  return leader;
}

describe.each(kinds)('a tenure over %s', (_name, kind) => {
  test('begins for the leader alone, and its number is the ordinal of its beginning, everywhere', () => {
    const cluster = new Cluster(kind, { stateMachine }).start();
    const leader = inOffice(cluster);
    expect(tenureOf(leader)?.number).toBe(1);
    cluster.wait(cluster.submit(leader, 'set a 1'));
    cluster.level();
    for (const node of cluster.nodes) {
      expect(node.replica.status()).toMatchObject({ tenure: 1, ordinal: 2 });
      expect(node.machine.applied).toEqual(['2 set a 1']);
      expect(tenureOf(node) === undefined).toBe(node !== leader);
    }
  });

  test('carries the duties’ commands to all members, where nobody waits for an answer', () => {
    const cluster = new Cluster(kind, { stateMachine }).start();
    const leader = inOffice(cluster);
    tenureOf(leader)?.propose(encodeText('set a duty'));
    cluster.world.until(() => cluster.nodes.every(({ machine }) => machine.values.get('a') === 'duty'), 'the duty everywhere');
    expect(leader.replica.status()).toMatchObject({ queues: { inFlight: 0 }, counters: { voided: 0 } });
  });

  test('fires its timers at their time, and cancels what is cancelled', () => {
    const cluster = new Cluster(kind, { stateMachine }).start();
    const tenure = tenureOf(inOffice(cluster));
    if (tenure === undefined) throw new Error('no tenure');
    const fired: number[] = [];
    const startMs = tenure.now();
    tenure.at(startMs + 30, () => fired.push(tenure.now() - startMs));
    tenure.at(startMs + 20, () => fired.push(-1)).cancel();
    tenure.at(startMs - 5, () => fired.push(0));
    expect(fired).toEqual([]);
    cluster.world.pass(50);
    expect(fired).toEqual([0, expect.closeTo(30, 0)]);
  });

  test('ends with leadership: no proposal, no timer; the next leader begins one of its own', () => {
    const cluster = new Cluster(kind, { stateMachine }).start();
    const leader = inOffice(cluster);
    const old = tenureOf(leader);
    if (old === undefined) throw new Error('no tenure');
    let fired = 0;
    old.at(old.now() + 10_000, () => (fired += 1));
    leader.replica.transfer(cluster.follower().id);
    cluster.world.until(() => cluster.leader !== leader && cluster.leader !== undefined, 'another leader');
    const heir = inOffice(cluster);
    expect(dutiful(leader.machine).story).toEqual(['begin 1 after 0 commands', 'end after 0 commands']);
    expect(tenureOf(heir)?.number).toBeGreaterThan(1);
    old.propose(encodeText('set a late'));
    old.at(old.now(), () => (fired += 1));
    expect(leader.replica.status().queues.inFlight).toBe(0);
    cluster.world.pass(12_000);
    cluster.level();
    expect(fired).toBe(0);
    for (const { machine } of cluster.nodes) expect(machine.values.has('a')).toBe(false);
  });

  test('survives snapshots and restarts, and the numbers rise', () => {
    const cluster = new Cluster(kind, { stateMachine, snapshotCount: 5 }).start();
    let number = 0;
    for (let round = 0; round < 3; round++) {
      const leader = inOffice(cluster);
      expect(tenureOf(leader)?.number).toBeGreaterThan(number);
      number = tenureOf(leader)?.number ?? 0;
      for (let i = 0; i < 12; i++) cluster.wait(cluster.submit(leader, `set k${round} ${i}`));
      cluster.level();
      cluster.world.until(() => cluster.nodes.every(({ replica }) => replica.status().snapshot.index > 0), 'snapshots');
      for (const { id } of cluster.nodes) cluster.crash(id);
      for (const { id } of cluster.nodes) cluster.reborn(id);
      cluster.start();
    }
    inOffice(cluster);
    cluster.level();
    const tenures = cluster.nodes.map(({ replica }) => replica.status().tenure);
    expect(new Set(tenures).size).toBe(1);
    expect(tenures[0]).toBeGreaterThan(number);
  });

  test('is known to a member that was restored from a snapshot while it lasts', () => {
    const cluster = new Cluster(kind, { stateMachine, snapshotCount: 5 }).start();
    const leader = inOffice(cluster);
    const follower = cluster.follower();
    for (let i = 0; i < 12; i++) cluster.wait(cluster.submit(leader, `set k ${i}`));
    cluster.world.until(() => follower.replica.status().snapshot.index > 0, 'a snapshot');
    cluster.restart(follower.id);
    cluster.world.until(() => follower.machine.restores > 0, 'the restore');
    const { tenure } = dutiful(leader.machine);
    tenure?.propose(encodeText('set a duty'));
    cluster.world.until(() => follower.replica.status().ordinal === leader.replica.status().ordinal, 'the same log');
    cluster.world.until(() => leader.machine.values.has('a') || tenure !== tenureOf(leader), 'the duty');
    cluster.level();
    expect(leader.machine.values.get('a')).toBe('duty');
    expect(follower.machine.values.get('a')).toBe('duty');
    expect(follower.replica.status().counters.voided).toBe(0);
  });

  test('does not exist for a state machine without duties', () => {
    const cluster = new Cluster(kind).start();
    const leader = cluster.elected();
    cluster.wait(cluster.submit(leader, 'set a 1'));
    expect(leader.replica.status()).toMatchObject({ tenure: 0, ordinal: 1 });
  });

  test('is not stopped by a stop: what was proposed is applied, and no timer fires afterwards', () => {
    const cluster = new Cluster(kind, { stateMachine, members: 1 }).start();
    const leader = inOffice(cluster);
    const tenure = tenureOf(leader);
    let fired = 0;
    tenure?.at(tenure.now() + 1_000, () => (fired += 1));
    tenure?.propose(encodeText('set a duty'));
    let stopped = false;
    cluster.world.pass(1);
    leader.replica.stop({ handOver: true, deadlineMs: cluster.world.nowMs + 500 }, () => (stopped = true));
    cluster.world.pass(5_000);
    expect({ stopped, fired, duties: tenureOf(leader) }).toEqual({ stopped: true, fired: 0, duties: undefined });
    expect(leader.machine.values.get('a')).toBe('duty');
  });
});

/** What the core was given, in the order of the runs; placed wherever a test says. */
class Office extends Stage {
  /** Writes run `number` (from 0) at an index, and commits it. */
  commit(number: number, index: number): void {
    const run = at(this.core.runs, number);
    const entry: EntryBatch = placeEntries(run, index, { round: 1, owner: 0 }, 'command');
    this.core.cache.push(entry);
    this.batches += 1;
    const write = { entries: [entry], commit: 0 };
    const appended = [{ first: run.firstId, count: run.count, index, epoch: entry.epoch }];
    this.give({ write, appended, commit: { index, gate: this.batches } });
  }

  private batches = 0;

  get machine(): Dutiful {
    return dutiful(this.node.machine);
  }
}

describe('what a deposed leader decided', () => {
  /** In office with tenure 1, a duty on its way as run 1 and not committed, deposed, and in office again with tenure 2. */
  function deposedAndBack(): Office {
    const office = new Office({ stateMachine });
    office.give({ role: leading(1) });
    office.commit(0, 1);
    office.machine.tenure?.propose(encodeText('set a expired'));
    office.cluster.world.pass(5);
    office.give({ role: { ...initialRole('follower', { round: 2, owner: 0 }), leader: 2 } });
    expect(office.machine.story).toEqual(['begin 1 after 0 commands', 'end after 0 commands']);
    office.give({ role: leading(3) });
    office.commit(2, 2);
    expect(office.machine.story.at(-1)).toBe('begin 2 after 0 commands');
    return office;
  }

  test('is void where it is chosen after another tenure began, and takes its place in the log all the same', () => {
    const office = deposedAndBack();
    office.commit(1, 3);
    expect(office.node.failures).toEqual([]);
    expect(office.machine.values.has('a')).toBe(false);
    expect(office.node.replica.status()).toMatchObject({ applied: 3, ordinal: 3, tenure: 2, counters: { voided: 1 } });
    office.machine.tenure?.propose(encodeText('set a expired'));
    office.cluster.world.pass(5);
    office.commit(3, 4);
    expect(office.machine.applied).toEqual(['4 set a expired']);
  });

  test('stands where it is chosen before the next tenure begins', () => {
    const office = new Office({ stateMachine });
    office.give({ role: leading(1) });
    office.commit(0, 1);
    office.machine.tenure?.propose(encodeText('set a expired'));
    office.cluster.world.pass(5);
    office.give({ role: { ...initialRole('follower', { round: 2, owner: 0 }), leader: 2 } });
    office.commit(1, 2);
    expect(office.machine.values.get('a')).toBe('expired');
  });

  test('is not handed to the member that leads now, nor kept for another term', () => {
    const office = new Office({ stateMachine });
    office.give({ role: leading(1) });
    office.commit(0, 1);
    office.machine.tenure?.propose(encodeText('set a expired'));
    office.cluster.world.pass(5);
    const { firstId } = at(office.core.runs, 1);
    office.give({ rejected: [{ first: firstId, count: 1, reason: 'not-leader' }] });
    expect(office.node.replica.status().queues).toMatchObject({ waiting: 0, inFlight: 0 });
    office.cluster.world.pass(200);
    expect(office.core.runs).toHaveLength(2);
  });

  test('and was not handed to the core yet is given up with the tenure', () => {
    const office = new Office({ stateMachine });
    office.give({ role: leading(1) });
    office.commit(0, 1);
    const { tenure } = office.machine;
    // A refusal holds everything back for a moment, and in this moment the leader is deposed.
    office.cluster.submit(office.node, 'set b 1');
    office.cluster.world.pass(5);
    office.give({ rejected: [{ first: at(office.core.runs, 1).firstId, count: 1, reason: 'not-ready' }] });
    tenure?.propose(encodeText('set a expired'));
    expect(office.node.replica.status().queues.waiting).toBe(2);
    office.give({ role: { ...initialRole('follower', { round: 2, owner: 0 }), leader: 2 } });
    expect(office.node.replica.status().queues.waiting).toBe(1);
  });
});

describe('the beginning of a tenure', () => {
  test('is proposed again where it is refused, and counts once', () => {
    const office = new Office({ stateMachine });
    office.give({ role: leading(1) });
    office.give({ rejected: [{ first: at(office.core.runs, 0).firstId, count: 1, reason: 'overloaded' }] });
    expect(office.machine.story).toEqual([]);
    office.cluster.world.pass(100);
    expect(office.core.runs).toHaveLength(2);
    office.commit(1, 1);
    office.cluster.world.pass(10_000);
    expect(office.machine.story).toEqual(['begin 1 after 0 commands']);
    expect(office.core.runs).toHaveLength(2);
  });

  test('that was given up and is chosen all the same ends the tenure that began meanwhile', () => {
    const office = new Office({ stateMachine, limits: { requestTimeoutMs: 100 } });
    office.give({ role: leading(1) });
    office.cluster.world.pass(200);
    expect(office.core.runs.length).toBeGreaterThan(1);
    office.commit(1, 1);
    const count = office.core.runs.length;
    office.commit(0, 2);
    expect(office.machine.story).toEqual(['begin 1 after 0 commands', 'end after 0 commands']);
    office.commit(count, 3);
    expect(office.machine.story.at(-1)).toBe('begin 3 after 0 commands');
  });

  test('of another tenure in a snapshot that took the place of the state ends this one, and another is begun', () => {
    const office = new Office({ stateMachine });
    office.give({ role: leading(1) });
    office.commit(0, 1);
    const old = office.machine.tenure;
    // Multi-Paxos: a leader that was overtaken and does not know it yet installs a snapshot like any other member.
    const snapshotMark = snapshotOn(office, 5, { tenure: 4 });
    office.give({ write: { snapshotMark, entries: [], compactBelow: 6, commit: 5 }, commit: { index: 5, gate: 2 } });
    office.cluster.world.pass(100);
    expect(office.node.replica.status()).toMatchObject({ applied: 5, ordinal: 5, tenure: 4 });
    expect(office.machine.story.at(-1)).toMatch(/^end/u);
    old?.propose(encodeText('set a late'));
    office.cluster.world.pass(5);
    expect(office.core.runs).toHaveLength(2);
  });

  test('comes with every term, also where no moment without leadership was seen in between', () => {
    const office = new Office({ stateMachine });
    office.give({ role: leading(1) });
    office.commit(0, 1);
    office.give({ role: leading(1) });
    office.give({ role: leading(2) });
    office.commit(1, 2);
    expect(office.machine.story).toEqual(['begin 1 after 0 commands', 'end after 0 commands', 'begin 2 after 0 commands']);
  });

  test('of a member that settles too late is not begun for it', () => {
    const office = new Office({ stateMachine });
    office.give({ role: { ...leading(1), settled: false } });
    expect(office.core.runs).toEqual([]);
    office.give({ role: leading(1) });
    office.give({ role: initialRole('follower', noEpoch) });
    office.commit(0, 1);
    expect(office.machine.story).toEqual([]);
    expect(office.node.replica.status().tenure).toBe(1);
  });
});
