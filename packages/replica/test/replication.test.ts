import { at } from '@quorate/interface';
import { describe, expect, test } from 'vitest';
import type { Answer } from './fixtures/cluster.ts';
import { Cluster, kinds } from './fixtures/cluster.ts';

describe.each(kinds)('replication over %s', (_name, kind) => {
  test('one member commits alone', () => {
    const cluster = new Cluster(kind, { members: 1 }).start();
    const node = cluster.elected();
    expect(cluster.wait(cluster.submit(node, 'set a 1')).text).toBe('');
    expect(cluster.wait(cluster.submit(node, 'set a 2')).text).toBe('1');
    expect(cluster.wait(cluster.query(node, 'a')).text).toBe('2');
  });

  test('every member takes writes, and all apply them in one order', () => {
    const cluster = new Cluster(kind).start();
    cluster.elected();
    const answers = [];
    for (let i = 0; i < 60; i++) answers.push(cluster.submit(cluster.node((i % 3) + 1), `append log ${i},`));
    for (const answer of answers) expect(cluster.wait(answer).error).toBeUndefined();
    cluster.level();
    const [first, ...others] = cluster.nodes.map(({ machine }) => machine.applied);
    expect(first).toHaveLength(60);
    for (const other of others) expect(other).toEqual(first);
  });

  test('commands of one member keep their order', () => {
    const cluster = new Cluster(kind).start();
    const follower = cluster.follower();
    const answers = Array.from({ length: 40 }, (_, i) => cluster.submit(follower, `append log ${i},`));
    for (const answer of answers) cluster.wait(answer);
    expect(follower.machine.values.get('log')).toBe(Array.from({ length: 40 }, (_, i) => `${i},`).join(''));
  });

  test('commands that arrive before there is a leader wait for one', () => {
    const cluster = new Cluster(kind).start(1);
    const early = cluster.submit(cluster.node(1), 'set a 1', 60_000);
    cluster.world.pass(500);
    expect(early.done).toBe(false);
    cluster.start(2, 3);
    expect(cluster.wait(early).error).toBeUndefined();
  });

  test('without a leader a command fails at its deadline, and was not applied', () => {
    const cluster = new Cluster(kind).start(1);
    const alone = cluster.submit(cluster.node(1), 'set a 1', 700);
    cluster.world.pass(600);
    expect(alone.done).toBe(false);
    const { error } = cluster.wait(alone);
    expect(error).toMatchObject({ outcome: 'not-applied' });
    expect(['E_NO_LEADER', 'E_TIMEOUT']).toContain(error?.code);
  });

  test('a command that was handed over before the leader vanished has an unknown outcome', () => {
    const cluster = new Cluster(kind).start();
    const leader = cluster.elected();
    const follower = cluster.follower();
    // The forwarded frame leaves; the leader never gets to answer anybody.
    const answer = cluster.submit(follower, 'set a 1', 1500);
    cluster.world.until(() => follower.replica.status().counters.forwarded === 1, 'the command is forwarded');
    cluster.crash(leader.id);
    expect(cluster.wait(answer).error).toMatchObject({ code: 'E_TIMEOUT', outcome: 'unknown' });
  });

  test('no acknowledged write is lost when any member crashes, and writes go on', () => {
    for (const victim of [1, 2, 3]) {
      const cluster = new Cluster(kind, { seed: victim }).start();
      cluster.elected();
      const acked: string[] = [];
      for (let i = 0; i < 10; i++) {
        expect(cluster.wait(cluster.submit(cluster.node((i % 3) + 1), `append log ${i},`)).error).toBeUndefined();
        acked.push(`${i},`);
      }
      cluster.crash(victim);
      const other = cluster.node((victim % 3) + 1);
      expect(cluster.wait(cluster.submit(other, 'append log x,')).error).toBeUndefined();
      expect(other.machine.values.get('log')).toBe(`${acked.join('')}x,`);
      cluster.reborn(victim);
      cluster.start(victim);
      cluster.level();
      expect(cluster.node(victim).machine.values.get('log')).toBe(`${acked.join('')}x,`);
    }
  });

  test('all members lose power: what was acknowledged is there again', () => {
    const cluster = new Cluster(kind).start();
    cluster.elected();
    for (let i = 0; i < 20; i++) cluster.wait(cluster.submit(cluster.node((i % 3) + 1), `append log ${i},`));
    for (const { id } of cluster.nodes) cluster.crash(id);
    for (const { id } of cluster.nodes) cluster.reborn(id);
    cluster.start();
    const leader = cluster.elected();
    expect(cluster.wait(cluster.query(leader, 'log')).text).toBe(Array.from({ length: 20 }, (_, i) => `${i},`).join(''));
  });

  test('random crashes under load: states agree, acknowledged commands are applied once, refused ones never', () => {
    for (let seed = 1; seed <= 6; seed++) {
      const cluster = new Cluster(kind, { seed, snapshotCount: seed % 2 === 0 ? 15 : 1_000_000 }).start();
      cluster.elected();
      const answers: Answer[] = [];
      for (let i = 0; i < 120; i++) {
        const alive = cluster.nodes.filter(({ life }) => life.alive);
        answers.push(cluster.submit(at(alive, i % alive.length), `append k${i} ${i}`, 4000));
        if (i % 40 === 20) cluster.crash(1 + Math.floor(cluster.world.random() * 3));
        if (i % 40 === 35) restartDead(cluster);
        cluster.world.pass(10);
      }
      restartDead(cluster);
      cluster.elected();
      cluster.world.pass(6000);
      cluster.level();
      const [first, ...others] = [cluster.node(1), cluster.node(2), cluster.node(3)] as const;
      const commands = first.machine.applied.map((line) => line.split(' ').slice(1).join(' '));
      for (const { machine } of others) expect(machine.applied).toEqual(first.machine.applied);
      answers.forEach((answer, i) => {
        const times = commands.filter((command) => command === `append k${i} ${i}`).length;
        if (answer.text !== undefined) expect(times).toBe(1);
        else if (answer.error?.outcome === 'not-applied') expect(times).toBe(0);
        else expect(times).toBeLessThanOrEqual(1);
      });
    }
  });

  test('leadership moves on request, and commands meanwhile are not lost', () => {
    const cluster = new Cluster(kind).start();
    const leader = cluster.elected();
    const follower = cluster.follower();
    const answers = [cluster.submit(follower, 'set a 1')];
    leader.replica.transfer(follower.id);
    cluster.world.until(() => cluster.leader !== leader && cluster.leader !== undefined, 'another leader');
    answers.push(cluster.submit(leader, 'set b 1'));
    for (const answer of answers) cluster.wait(answer);
    expect(answers[1]?.error).toBeUndefined();
  });

  test('cluster time never falls along the log', () => {
    const cluster = new Cluster(kind).start();
    for (let round = 0; round < 3; round++) {
      const leader = cluster.elected();
      for (let i = 0; i < 5; i++) {
        cluster.wait(cluster.submit(cluster.node((i % 3) + 1), `set a ${i}`));
        cluster.world.pass(30);
      }
      cluster.restart(leader.id);
    }
    cluster.elected();
    const times = cluster.follower().machine.clusterTimes;
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.at(-1)).toBeGreaterThan(times[0] ?? 0);
  });

  test('events come in log order, each before its own reply', () => {
    const cluster = new Cluster(kind).start();
    const node = cluster.follower();
    const seen: string[] = [];
    const unsubscribe = node.replica.subscribe((events, stamp) => seen.push(`${stamp.ordinal} ${JSON.stringify(events)}`));
    const answer = cluster.wait(cluster.submit(node, 'set a 1'));
    expect(answer.text).toBe('');
    expect(seen).toEqual(['1 [{"key":"a","value":"1"}]']);
    unsubscribe();
    cluster.wait(cluster.submit(node, 'set a 2'));
    expect(seen).toHaveLength(1);
  });
});

function restartDead(cluster: Cluster): void {
  for (const { id, life } of cluster.nodes) {
    if (life.alive) continue;
    cluster.reborn(id);
    cluster.start(id);
  }
}
