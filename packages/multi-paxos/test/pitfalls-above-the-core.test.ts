import { describe, expect, test } from 'vitest';
import { multiPaxos } from '../src/index.ts';
import { Lone } from './fixture/lone.ts';
import { Network } from './fixture/network.ts';

// Bugs of others that a core alone cannot avoid: what it does, and what it leaves to those above it.

// The core takes the disk it is given for its own: that no other one comes under its name is for whoever opens the disk to see to, and
// members refuse each other by disk (tooling/integration, wiped-acceptor.test.ts).
describe('M-6: an acceptor that forgot its promises', () => {
  test('a vote that was lost with its disk is one that a later leader cannot find: another value is chosen in the slot', () => {
    const { net, elect } = afterOneCrashed();
    net.member(2).journal.wipe();
    net.restart(2);
    elect();
    net.propose(3, 'y');
    expect(() => net.settle()).toThrow('applied command y at 2, not command x');
  });

  test('with its own disk it tells of the vote, and the value stays', () => {
    const { net, elect } = afterOneCrashed();
    net.restart(2);
    elect();
    net.propose(3, 'y');
    net.settle();
    expect([2, 3].map((slot) => net.committed.get(slot))).toEqual(['command x', 'command y']);
  });

  /** x is chosen by 1 and 2 in slot 2, and 3 did not hear of it; 1 and 2 are down. */
  function afterOneCrashed(): { net: Network; elect: () => void } {
    const net = new Network({ voters: 3 });
    net.elect(1);
    net.isolate(3);
    net.propose(1, 'x');
    net.settle();
    expect(net.committed.get(2)).toBe('command x');
    for (const id of [1, 2]) net.crash(id);
    return { net, elect: () => net.elect(3) };
  }
});

// Sessions keep the order and drop the second copy, above the core (tooling/integration, client-order.test.ts).
describe('M-8: clients that try again', () => {
  test('G1: B is chosen without A, so that A, tried again, comes behind it', () => {
    const net = new Network({ voters: 3 });
    net.elect(1);
    net.propose(1, 'A');
    net.drainAll();
    expect(net.take(({ message }) => message.kind === 'accept')).toHaveLength(2);
    net.propose(1, 'B');
    net.settle(({ to, message }) => message.kind === 'accept' && to === 2);
    net.crash(1);
    net.elect(3);
    net.propose(3, 'A');
    net.settle();
    expect([2, 3, 4].map((slot) => net.committed.get(slot))).toEqual(['noop ', 'command B', 'command A']);
  });

  test('G2: a command that was tried again comes back under a later leader as well, in a second slot', () => {
    const net = new Network({ voters: 3 });
    net.elect(1);
    net.isolate(1);
    net.propose(1, 'other', 'A');
    net.drainAll();
    net.elect(2);
    net.propose(2, 'A');
    net.settle();
    expect(net.committed.get(2)).toBe('command A');
    net.isolate(2);
    net.connect(1, 3);
    net.member(1).input({ type: 'campaign' });
    net.settle(); // Refused: 3 has promised more.
    net.elect(1);
    expect([2, 3].map((slot) => net.committed.get(slot))).toEqual(['command A', 'command A']);
  });
});

describe('M-10: a configuration that takes effect in the middle of what is open', () => {
  // No window of slots is needed as long as a configuration cannot be changed at all.
  test('a change is refused, and counted: every slot, however many are open, belongs to the one configuration', () => {
    const lone = new Lone();
    lone.win({ from: 2 });
    const { config } = lone.core.status();
    const open = Array.from({ length: 100 }, (_, place) => `c${place}`);
    for (const command of open.slice(0, 50)) lone.propose(command);
    lone.step({ type: 'reconfigure', change: { ...config, voters: [1, 2] }, expectedId: config.id });
    expect(lone.drain()).toMatchObject({ write: undefined, sends: [], config: undefined });
    for (const command of open.slice(50)) lone.propose(command);
    lone.sync();
    lone.accepted(2, [1, 100]);
    expect(lone.commit).toBe(100);
    expect(lone.core.status().config).toEqual(config);
    expect(lone.detail.counters['refusedReconfigurations']).toBe(1);
    expect(multiPaxos().abilities.reconfigure).toBe(false);
  });
});
