import type { Failure } from '@quorate/interface';
import { describe, expect, test } from 'vitest';
import { Cluster } from './fixtures/cluster.ts';
import { Register } from './fixtures/register.ts';
import { slotKind } from './fixtures/slot-core.ts';
import { leading, Stage } from './fixtures/stage.ts';

const far = 1_000_000;

describe('a stop', () => {
  test('tells its caller of a failure on the way: nobody waits for ever', () => {
    const stage = new Stage();
    const { cluster, node } = stage;
    stage.give({ role: leading(1) });
    cluster.submit(node, 'set a 1', far);
    cluster.world.pass(5);
    const ends: (Failure | undefined)[] = [];
    node.replica.stop({ handOver: false, deadlineMs: cluster.world.nowMs + far }, (problem) => ends.push(problem));
    cluster.world.pass(5);
    expect(ends).toEqual([]);
    node.medium.failNextSync = true;
    stage.give(stage.write(1));
    expect(ends).toMatchObject([{ code: 'E_IO', exit: 74 }]);
    expect(node.failures).toMatchObject([{ code: 'E_IO' }]);
    expect(node.replica.status().state).toBe('failed');
  });

  test('takes the earliest deadline of all who ask for it', () => {
    const stage = new Stage();
    const { cluster, node } = stage;
    stage.give({ role: leading(1) });
    cluster.submit(node, 'set a 1', far);
    cluster.world.pass(5);
    const ends: (Failure | undefined)[] = [];
    node.replica.stop({ handOver: false, deadlineMs: cluster.world.nowMs + far }, (problem) => ends.push(problem));
    cluster.world.pass(5);
    node.replica.stop({ handOver: false, deadlineMs: cluster.world.nowMs + 10 }, (problem) => ends.push(problem));
    cluster.world.pass(50);
    expect(ends).toEqual([undefined, undefined]);
  });

  test('during a start that fails tells both callers', () => {
    class Broken extends Register {
      override apply(): void {
        throw new Error('this program cannot');
      }
    }
    const program = { isBroken: false };
    const stateMachine = (): Register => (program.isBroken ? new Broken() : new Register());
    const cluster = new Cluster(slotKind, { members: 1, stateMachine }).start();
    const node = cluster.elected();
    for (let i = 0; i < 3; i++) cluster.wait(cluster.submit(node, `set k ${i}`));
    cluster.crash(1);
    program.isBroken = true;
    cluster.reborn(1);
    node.medium.readMs = 50;
    const told: string[] = [];
    node.replica.start((problem) => told.push(`start ${problem?.code}`));
    cluster.world.until(() => node.replica.status().queues.unapplied > 0, 'the replay');
    node.replica.stop({ handOver: false, deadlineMs: cluster.world.nowMs + far }, (problem) =>
      told.push(`stop ${problem?.code}`),
    );
    cluster.world.pass(100);
    expect(told).toEqual(['start E_INTERNAL', 'stop E_INTERNAL']);
  });
});

describe('a member that cannot remember a peer', () => {
  test('ends at once: nothing of that turn is carried out any more', () => {
    const cluster = new Cluster(slotKind, { members: 2 });
    const node = cluster.node(1);
    node.medium.failRemember = true;
    cluster.start();
    cluster.world.until(() => node.failures.length > 0, 'the failure');
    expect(node.failures).toMatchObject([{ code: 'E_DISK_FULL', exit: 74 }]);
    cluster.world.pass(100);
    expect(node.events.at(-1)?.type).toBe('fatal');
  });
});
