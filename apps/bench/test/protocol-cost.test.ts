import { describe, expect, test } from 'vitest';
import { measureCommitCost } from '../src/measure/commit-cost.ts';
import { measureFailover } from '../src/measure/failover-delay.ts';
import { protocolNamed } from '../src/protocols.ts';
import type { ProtocolUnderTest } from '../src/protocols.ts';

function protocolOf(name: string): ProtocolUnderTest {
  const protocol = protocolNamed(name);
  if (protocol === undefined) throw new Error(`${name} is a protocol`);
  return protocol;
}

/** Draws for which a protocol spreads its commit notices at once, or on the next message to that peer. */
const eager = 0.9;
const piggyback = 0.1001;

// With N voters a lone command goes to N − 1 followers and is answered by them; the notice of its commit is a third message to each, or
// rides on a later one. Every member syncs once.
describe.each([3, 5, 7])('a lone command, %i voters', (voters) => {
  const peers = voters - 1;
  test.each([
    { name: 'raft', notices: eager, messages: { append: 2 * peers, 'append-response': peers } },
    { name: 'raft', notices: piggyback, messages: { append: peers, 'append-response': peers } },
    { name: 'multi-paxos', notices: eager, messages: { accept: peers, accepted: peers, chosen: peers } },
    { name: 'multi-paxos', notices: piggyback, messages: { accept: peers, accepted: peers } },
    // COMMIT is a message of its own, always.
    { name: 'zab', notices: eager, messages: { propose: peers, ack: peers, commit: peers } },
  ])('$name, drawn with $notices: $messages', ({ name, notices, messages }) => {
    const cost = measureCommitCost(protocolOf(name), voters, notices);
    expect(cost.messages).toEqual(messages);
    expect(cost.syncsPerMember).toBe(1);
  });
});

// In delays of one message after the suspicion, with disks that take no time.
describe.each([3, 5])('after the loss of a leader, %i voters', (voters) => {
  test('raft: pre-vote and vote, then its own no-op', () => {
    expect(measureFailover(protocolOf('raft'), voters)).toEqual({
      elected: 4,
      ready: 4,
      settled: 6,
      firstCommit: 6,
      // A new leader sends a follower one append at a time until the first is answered: the command goes behind the no-op.
      firstCommand: 8,
    });
  });

  test('multi-paxos: one round of prepare and promise, and with no open slot nothing to settle', () => {
    expect(measureFailover(protocolOf('multi-paxos'), voters)).toEqual({
      elected: 2,
      ready: 2,
      settled: 2,
      firstCommit: 4,
      firstCommand: 4,
    });
  });

  test('zab: notifications and the wait for better ones, then discovery and synchronisation', () => {
    const { elected, ready, settled, firstCommit, firstCommand } = measureFailover(protocolOf('zab'), voters);
    // The trial's plan draws a tenth of an election timeout of 2000 ms for `finalizeWaitMs`: 20 delays of 10 ms.
    const votes = elected - 20 - 3;
    expect([1, 2]).toContain(votes);
    expect({ ready, settled }).toEqual({ ready: votes + 20 + 5, settled: votes + 20 + 5 });
    expect({ firstCommit, firstCommand }).toEqual({ firstCommit: ready + 2, firstCommand: ready + 2 });
  });
});
