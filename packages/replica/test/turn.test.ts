import { at, crc32, packPayloads, placeEntries } from '@quorate/interface';
import type { Effects } from '@quorate/interface';
import { describe, expect, test } from 'vitest';
import { HandClient } from './fixtures/hand-client.ts';
import { leading, Stage } from './fixtures/stage.ts';

describe('a turn', () => {
  test('makes one run of all commands of a turn, with the checksums of their bytes', () => {
    const stage = new Stage();
    stage.give({ role: leading(1) });
    for (let i = 0; i < 5; i++) stage.cluster.submit(stage.node, `set a ${i}`);
    stage.cluster.world.pass(5);
    expect(stage.core.runs).toHaveLength(1);
    const run = at(stage.core.runs, 0);
    expect(run.count).toBe(5);
    expect(run.body).toHaveLength(1);
    expect(at(run.checksums, 0)).toBe(crc32(at(run.body, 0).subarray(0, at(run.ends, 0)), 0));
  });

  test('applies a commit only once the write that it names is durable here', () => {
    const stage = new Stage();
    stage.give({ role: leading(1) });
    const answer = stage.cluster.submit(stage.node, 'set a 1');
    stage.cluster.world.pass(5);
    stage.node.medium.syncs = 'held';
    stage.give({ ...stage.write(1), commit: { index: 1, gate: 1 } });
    expect(stage.node.machine.applied).toEqual([]);
    expect(answer.done).toBe(false);
    stage.node.medium.release();
    stage.cluster.world.pass(5);
    expect(answer.text).toBe('');
    expect(stage.core.inputs.at(-1)).toEqual({ type: 'applied', index: 1 });
  });

  test('tells the core of a durable write before that of what was applied', () => {
    const stage = new Stage();
    stage.give({ role: leading(1) });
    stage.cluster.submit(stage.node, 'set a 1');
    stage.cluster.world.pass(5);
    stage.give({ ...stage.write(1), commit: { index: 1, gate: 1 } });
    expect(stage.core.inputs.slice(-2).map(({ type }) => type)).toEqual(['persisted', 'applied']);
  });

  test('answers a read only once its index is applied, and looks at the clock again', () => {
    const stage = new Stage();
    stage.give({ role: leading(1) });
    const { world } = stage.cluster;
    stage.cluster.submit(stage.node, 'set a 1');
    const read = stage.cluster.query(stage.node, 'a');
    world.pass(5);
    const contexts = (): number[] => stage.core.inputs.flatMap((input) => (input.type === 'read' ? [input.context] : []));
    const lease = { context: at(contexts(), 0), index: 1, method: 'lease' as const, validUntil: world.nowMs + 50 };
    stage.give({ ...stage.write(1), reads: [lease] });
    expect(read.done).toBe(false);
    // The lease runs out before the entry is applied: the read is asked again under a new context.
    world.pass(100);
    stage.give({ commit: { index: 1, gate: 1 } });
    expect(read.done).toBe(false);
    expect(contexts()).toHaveLength(2);
    expect(contexts()[1]).not.toBe(contexts()[0]);
    const again = { context: at(contexts(), 1), index: 1, method: 'lease' as const, validUntil: world.nowMs + 50 };
    stage.give({ reads: [again] });
    expect(read.text).toBe('1');
  });

  // 7607.032748555933 + 1000 is 8607.032748555932, and that less 7607.032748555933 is below 1000: with two sums a turn asked for itself
  // for ever.
  test('asks a read again once its time has come, however the sum of two times is rounded', () => {
    const stage = new Stage();
    stage.give({ role: leading(1) });
    const { world } = stage.cluster;
    world.pass(7607.032748555933 - world.nowMs);
    stage.cluster.query(stage.node, 'a');
    const contexts = (): number => stage.core.inputs.filter(({ type }) => type === 'read').length;
    for (let steps = 0; steps < 1000 && contexts() < 2; steps++) world.step();
    expect(contexts()).toBe(2);
  });

  test('answers no read whose index is above what is applied, although an older one may be answered', () => {
    const stage = new Stage();
    stage.give({ role: leading(1) });
    const { world } = stage.cluster;
    stage.cluster.submit(stage.node, 'set a 1');
    const early = stage.cluster.query(stage.node, 'a');
    world.pass(5);
    const late = stage.cluster.query(stage.node, 'a');
    world.pass(5);
    const found = (context: number, index: number): Effects<object>['reads'][number] => {
      return { context, index, method: 'quorum', validUntil: Number.POSITIVE_INFINITY };
    };
    const effects = { ...stage.write(1), commit: { index: 1, gate: 1 } };
    stage.give({ ...effects, reads: [found(1, 1), found(2, 2)] });
    expect(early.text).toBe('1');
    expect(late.done).toBe(false);
  });

  test('tries again what was never appended, and answers at once what was too much', () => {
    const stage = new Stage();
    stage.give({ role: leading(1) });
    const { world } = stage.cluster;
    const answer = stage.cluster.submit(stage.node, 'set a 1');
    world.pass(5);
    stage.give({ rejected: [{ first: 1, count: 1, reason: 'transferring' }] });
    expect(answer.done).toBe(false);
    world.pass(50);
    expect(stage.core.runs).toHaveLength(2);
    stage.give({ rejected: [{ first: at(stage.core.runs, 1).firstId, count: 1, reason: 'overloaded' }] });
    expect(answer.error).toMatchObject({ code: 'E_OVERLOADED', outcome: 'not-applied' });
  });

  test('hands a session command over again in bytes of its own: those of the first time are never touched', () => {
    const stage = new Stage();
    stage.give({ role: leading(1) });
    const client = new HandClient(stage.cluster, 1);
    client.commands(1, ['set a 1'], 7);
    stage.cluster.world.pass(5);
    const first = at(stage.core.runs, 0);
    const bytes = at(first.body, 0).slice();
    stage.give(stage.write(1));
    stage.cluster.world.pass(500);
    stage.give({ role: leading(2) });
    stage.cluster.world.pass(50);
    expect(stage.core.runs).toHaveLength(2);
    expect(at(first.body, 0)).toEqual(bytes);
    expect(at(stage.core.runs, 1).checksums).not.toEqual(first.checksums);
  });

  test('never hands a command without a session over again', () => {
    const stage = new Stage();
    stage.give({ role: leading(1) });
    const answer = stage.cluster.submit(stage.node, 'set a 1', 1000);
    stage.cluster.world.pass(5);
    stage.give({ role: leading(2) });
    stage.cluster.world.pass(1100);
    expect(stage.core.runs).toHaveLength(1);
    expect(answer.error).toMatchObject({ code: 'E_TIMEOUT', outcome: 'unknown' });
  });

  test('lets cluster time never fall, although an entry with a later stamp ended in a lower place', () => {
    const stage = new Stage();
    stage.give({ role: leading(1) });
    stage.cluster.submit(stage.node, 'set a early');
    stage.cluster.world.pass(100);
    stage.cluster.submit(stage.node, 'set a late');
    stage.cluster.world.pass(5);
    const [early, late] = stage.core.runs;
    const entries = [late, early].map((run, i) => {
      if (run === undefined) throw new Error('two runs were proposed');
      return placeEntries(run, i + 1, { round: 1, owner: 0 }, 'command');
    });
    stage.core.cache.push(...entries);
    stage.give({ write: { entries, commit: 0 }, commit: { index: 2, gate: 1 } });
    const [first, second] = stage.node.machine.clusterTimes;
    expect(stage.node.machine.values.get('a')).toBe('early');
    expect(first).toBeGreaterThanOrEqual(100);
    expect(second).toBe(first);
  });

  test('does not take the command of an earlier life for its own', () => {
    const stage = new Stage();
    stage.give({ role: leading(1) });
    const answer = stage.cluster.submit(stage.node, 'set a mine');
    stage.cluster.world.pass(5);
    const run = at(stage.core.runs, 0);
    const bytes = at(run.body, 0).slice();
    new DataView(bytes.buffer).setUint32(4, 77, true);
    const old = placeEntries(
      packPayloads([bytes], (payload) => crc32(payload, 0)),
      1,
      { round: 1, owner: 0 },
      'command',
    );
    stage.core.cache.push(old);
    stage.give({ write: { entries: [old], commit: 0 }, commit: { index: 1, gate: 1 } });
    expect(stage.node.machine.applied).toHaveLength(1);
    expect(answer.done).toBe(false);
  });

  test('ends the member where the core has proof of broken safety', () => {
    const stage = new Stage();
    stage.give({ diverged: 'slot 7 holds two values' });
    expect(stage.node.failures).toMatchObject([{ code: 'E_DIVERGED', exit: 70 }]);
    expect(stage.node.failures[0]?.text).toContain('slot 7 holds two values. Keep');
  });

  test('ends the member with the name that the core gives, where this member alone is to blame', () => {
    const stage = new Stage();
    stage.give({ diverged: 'E_LOG_LOST: entry 7 is gone. Replace this member.' });
    expect(stage.node.failures).toMatchObject([{ code: 'E_LOG_LOST', text: 'entry 7 is gone. Replace this member.', exit: 70 }]);
  });
});
