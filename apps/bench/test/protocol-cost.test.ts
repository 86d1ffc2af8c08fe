import { describe, expect, test } from 'vitest';
import { measureCommitCost } from '../src/simulated/commit-cost.ts';
import { failoverTimes, measureFailover } from '../src/simulated/failover-delay.ts';
import { piggybackVariants, plainVariants } from '../src/simulated/variants.ts';
import type { Variant } from '../src/simulated/variants.ts';

function variantOf(protocol: string, option = ''): Variant {
  const found = [...plainVariants, ...piggybackVariants].find((one) => one.protocol === protocol && one.option === option);
  if (found === undefined) throw new Error(`${protocol} ${option} is measured`);
  return found;
}

// With N voters a lone command goes to N − 1 followers and is answered by them; the notice of its commit is a third message to each, or
// rides on a later one. Every member syncs once.
describe.each([3, 5, 7])('a lone command, %i voters', (voters) => {
  const peers = voters - 1;
  test.each([
    { name: 'raft', option: '', messages: { append: 2 * peers, 'append-response': peers } },
    { name: 'raft', option: 'piggyback', messages: { append: peers, 'append-response': peers } },
    { name: 'multi-paxos', option: '', messages: { accept: peers, accepted: peers, chosen: peers } },
    { name: 'multi-paxos', option: 'piggyback', messages: { accept: peers, accepted: peers } },
    // COMMIT is a message of its own, always.
    { name: 'zab', option: '', messages: { propose: peers, ack: peers, commit: peers } },
  ])('$name $option: $messages', ({ name, option, messages }) => {
    const cost = measureCommitCost(variantOf(name, option), voters);
    expect(cost.messages).toEqual(messages);
    expect(cost.syncsPerMember).toBe(1);
    expect(cost.commitDelays).toBe(2);
  });
});

// In delays of one message after the suspicion, with disks that take no time.
describe.each([3, 5])('after the loss of a leader, %i voters', (voters) => {
  test('raft: pre-vote and vote, then its own no-op', () => {
    expect(measureFailover(variantOf('raft'), voters)).toMatchObject({
      elected: 4,
      ready: 4,
      settled: 6,
      firstCommit: 6,
      // A new leader sends a follower one append at a time until the first is answered: the command goes behind the no-op.
      firstCommand: 8,
    });
  });

  test('multi-paxos: one round of prepare and promise, and with no open slot nothing to settle', () => {
    expect(measureFailover(variantOf('multi-paxos'), voters)).toMatchObject({
      elected: 2,
      ready: 2,
      settled: 2,
      firstCommit: 4,
      firstCommand: 4,
    });
  });

  test('zab: notifications and the wait for better ones, then discovery and synchronisation', () => {
    const { elected, ready, settled, firstCommit, firstCommand } = measureFailover(variantOf('zab'), voters);
    const wait = failoverTimes.finalizeWaitMs / failoverTimes.delayMs;
    const votes = elected - wait - 3;
    expect([1, 2]).toContain(votes);
    expect({ ready, settled }).toEqual({ ready: votes + wait + 5, settled: votes + wait + 5 });
    expect({ firstCommit, firstCommand }).toEqual({ firstCommit: ready + 2, firstCommand: ready + 2 });
  });
});
