import { encodeText } from '@quorate/interface';
import { describe, expect, test } from 'vitest';
import { Cluster, kinds } from './fixtures/cluster.ts';
import { HandClient } from './fixtures/hand-client.ts';

const outOfSequence = 10;
const sessionExpired = 9 + 128;
const overloaded = 4;

describe.each(kinds)('native clients over %s', (_name, kind) => {
  test('a turn’s commands are answered in one frame, in order', () => {
    const cluster = new Cluster(kind).start();
    const client = new HandClient(cluster, cluster.follower().id).open();
    const { frames } = client;
    client.commands(1, ['append log a', 'append log b', 'append log c']);
    expect(client.next(3)).toEqual([
      { number: 1, code: 0, text: 'a' },
      { number: 2, code: 0, text: 'ab' },
      { number: 3, code: 0, text: 'abc' },
    ]);
    expect(client.frames - frames).toBeLessThanOrEqual(2);
  });

  test('a repeated command is answered from the table, through another member too', () => {
    const cluster = new Cluster(kind).start();
    cluster.elected();
    const first = new HandClient(cluster, 1).open();
    first.commands(1, ['append log a', 'append log b']);
    first.next(2);
    first.commands(1, ['append log a', 'append log b', 'append log c']);
    expect(first.next(3).map(({ text }) => text)).toEqual(['a', 'ab', 'abc']);
    const second = new HandClient(cluster, 2);
    second.commands(2, ['append log b'], first.session, 2);
    expect(second.next(1)).toEqual([{ number: 2, code: 0, text: 'ab' }]);
    cluster.level();
    for (const { machine } of cluster.nodes) expect(machine.values.get('log')).toBe('abc');
  });

  test('a gap is refused at apply, and a result that the client has seen is forgotten', () => {
    const cluster = new Cluster(kind).start();
    const client = new HandClient(cluster, cluster.elected().id).open();
    client.commands(2, ['append log b'], client.session, 1);
    expect(client.next(1)).toEqual([{ number: 2, code: outOfSequence, text: '' }]);
    client.commands(1, ['append log a']);
    client.next(1);
    client.commands(2, ['append log b'], client.session, 2);
    client.next(1);
    client.commands(1, ['append log a']);
    expect(client.next(1)).toEqual([{ number: 1, code: sessionExpired, text: '' }]);
    expect(cluster.elected().machine.values.get('log')).toBe('ab');
  });

  test('an unknown session is refused', () => {
    const cluster = new Cluster(kind).start();
    const client = new HandClient(cluster, cluster.elected().id);
    client.commands(1, ['append log a'], 77);
    expect(client.next(1)).toEqual([{ number: 1, code: sessionExpired, text: '' }]);
    expect(cluster.elected().machine.applied).toEqual([]);
  });

  test('sessions survive snapshots and restarts of every member', () => {
    const cluster = new Cluster(kind, { snapshotCount: 10 }).start();
    cluster.elected();
    const client = new HandClient(cluster, 1).open();
    for (let i = 1; i <= 40; i++) {
      client.commands(i, [`append log ${i % 10}`]);
      client.next(1);
    }
    cluster.world.pass(50);
    for (const { id } of cluster.nodes) cluster.crash(id);
    for (const { id } of cluster.nodes) cluster.reborn(id);
    cluster.start();
    cluster.elected();
    const again = new HandClient(cluster, 2);
    again.commands(40, ['append log 0', 'append log x'], client.session, 40);
    const [repeated, fresh] = again.next(2);
    expect(repeated?.code).toBe(0);
    expect(fresh?.text).toBe(`${repeated?.text}x`);
    cluster.level();
    for (const { machine } of cluster.nodes) expect(machine.values.get('log')).toBe(fresh?.text);
  });

  test('the leader crashes under a pipeline: every command of a session acts once', () => {
    for (let seed = 1; seed <= 4; seed++) {
      const cluster = new Cluster(kind, { seed, snapshotCount: 25 }).start();
      const leader = cluster.elected();
      const client = new HandClient(cluster, (leader.id % 3) + 1).open();
      for (let i = 1; i <= 60; i++) {
        client.commands(i, [`append log ${i},`], client.session, 1);
        if (i === 30) cluster.crash(leader.id);
        cluster.world.pass(3);
      }
      // What was refused because of a gap is sent again, as a client does.
      const missing = (): number[] => {
        const done = new Set(client.results.filter(({ code }) => code === 0).map(({ number }) => number));
        return Array.from({ length: 60 }, (_, i) => i + 1).filter((number) => !done.has(number));
      };
      for (let tries = 0; tries < 40 && missing().length > 0; tries++) {
        cluster.world.pass(400);
        for (const number of missing()) client.commands(number, [`append log ${number},`], client.session, 1);
      }
      expect(missing()).toEqual([]);
      const log = Array.from({ length: 60 }, (_, i) => `${i + 1},`).join('');
      expect(cluster.node((leader.id % 3) + 1).machine.values.get('log')).toBe(log);
    }
  });

  test('queries are answered with their numbers, and bytes in flight are bounded per client', () => {
    const cluster = new Cluster(kind, { limits: { clientBytes: 100 } }).start();
    const client = new HandClient(cluster, cluster.elected().id);
    const raw = ['a', 'b'].map(encodeText);
    client.send({ kind: 'client-queries', consistency: 'linearizable', first: 5, deadlineMs: 5000, lengths: [1, 1] }, raw);
    expect(client.next(2).map(({ number, code }) => [number, code])).toEqual([
      [5, 0],
      [6, 0],
    ]);
    client.commands(1, [`set a ${'x'.repeat(60)}`, `set b ${'x'.repeat(60)}`], 0);
    const codes = [...client.next(2)].sort((a, b) => a.number - b.number);
    expect(codes.map(({ code }) => code)).toEqual([0, overloaded]);
    // The credit came back.
    client.commands(3, [`set b ${'x'.repeat(60)}`], 0);
    expect(client.next(1)[0]?.code).toBe(0);
  });

  test('a client that talks nonsense loses its link and nothing else', () => {
    const cluster = new Cluster(kind).start();
    const node = cluster.elected();
    const client = new HandClient(cluster, node.id);
    client.send({ kind: 'client-commands', session: 0, first: 1, lowestUnanswered: 1, deadlineMs: 1, lengths: [9] });
    cluster.world.until(() => node.replica.status().counters.malformed === 1, 'it is counted');
    client.send({ kind: 'snapshot-read', id: 'x', offset: 0, maxBytes: 1 });
    expect(node.failures).toEqual([]);
    expect(cluster.wait(cluster.submit(node, 'set a 1')).error).toBeUndefined();
  });
});
