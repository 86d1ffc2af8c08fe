import { describe, expect, test } from 'vitest';
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
});
