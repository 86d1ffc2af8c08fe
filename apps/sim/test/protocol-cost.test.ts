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
  const raft = protocolOf('raft');

  test('raft: append and answer, and an empty append as a notice', () => {
    const { messages, messagesInAll, syncsPerMember } = measureCommitCost(raft, voters, eager);
    expect(messages).toEqual({ append: 2 * peers, 'append-response': peers });
    expect(messagesInAll).toBe(3 * peers);
    expect(syncsPerMember).toBe(1);
  });

  test('raft: with notices that ride on the next append, two messages per peer', () => {
    const { messages, syncsPerMember } = measureCommitCost(raft, voters, piggyback);
    expect(messages).toEqual({ append: peers, 'append-response': peers });
    expect(syncsPerMember).toBe(1);
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
});
