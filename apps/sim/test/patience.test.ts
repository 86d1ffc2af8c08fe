import { describe, expect, test } from 'vitest';
import { Patience } from '../src/lock/patience.ts';
import { protocolNamed } from '../src/protocols.ts';
import { planOf } from '../src/run-seed.ts';

describe('patience', () => {
  const raft = protocolNamed('raft');
  if (raft === undefined) throw new Error('raft is a protocol');
  const calm = { ...planOf(raft, 1, 5), actions: [] };

  test('no session ends before its time, counted from its last renewal', () => {
    let nowMs = 0;
    const patience = new Patience(calm, () => nowMs);
    patience.opened(1, 1000);
    nowMs = 900;
    patience.renewed(1);
    nowMs = 1500;
    patience.expired(1);
    expect(patience.problems).toEqual(['session 1 ended after 600.0 ms, and had 1000 ms']);
  });

  test('it is not asked where clocks run otherwise', () => {
    const actions = [{ kind: 'clock-rate', atMs: 1, member: 1, peer: 1, forMs: 1, amount: 2 }] as const;
    const patience = new Patience({ ...calm, actions }, () => 0);
    patience.opened(1, 1000);
    patience.expired(1);
    expect(patience.problems).toEqual([]);
  });
});
