import { describe, expect, test } from 'vitest';
import { runTrace } from '../src/index.ts';
import { toyKinds } from './fixtures/toy-kinds.ts';

function run(...commands: string[]): string {
  return runTrace('bad.txt', `${commands.join('\n')}\n`, toyKinds);
}

describe('invariants of the contract', () => {
  test('a commit beyond the own disk fails the trace', () => {
    expect(() => run('add-nodes 2 fault=eager-commit', 'campaign 1', 'propose 1 x')).toThrow(
      'bad.txt:3: propose 1 x\n1 commits 1, which its own disk does not hold',
    );
  });

  test('a send on a link that ended fails the trace', () => {
    expect(() => run('add-nodes 2 fault=dead-link', 'link-down 1-2', 'campaign 1')).toThrow(
      '1 sends on link 1, which is not up: ack(1, 0)',
    );
  });

  test('different entries at one index fail the trace (state machine safety)', () => {
    // The toy lets anybody lead, and each of these two is a majority of its own.
    const split = ['add-nodes 1 sync=auto', 'add-nodes 1 sync=auto voters=2', 'campaign 1', 'stabilize', 'link-down 1-2'];
    expect(() => run(...split, 'propose 1 x', 'campaign 2', 'propose 2 y')).toThrow('2 applies y at 1, where x was applied');
  });

  test('two members ready under one epoch fail the trace', () => {
    expect(() => run('add-nodes 2', 'campaign 1', 'campaign 2')).toThrow('2 and 1 are both ready in 1');
  });

  test('an answer that was sent before its write shows as a loss (R-13 in small)', () => {
    const story = ['campaign 1', 'propose 1 x', 'deliver 1->2', 'sync 1', 'deliver 2->1', 'crash 2', 'lose-unsynced 2', 'log'];
    expect(run('add-nodes 2 fault=early-ack', ...story)).toContain('1: 1:x@1\n2: empty');
    // Without the fault nothing is under way from 2 to 1: the answer waits for the write.
    expect(() => run('add-nodes 2', ...story)).toThrow('no such message is under way');
  });

  test('a read that misses what was acknowledged fails the trace', () => {
    const before = ['add-nodes 3 sync=auto', 'campaign 1', 'propose 1 x', 'stabilize', 'link-down 1-3', 'link-down 2-3'];
    const fresh = ['campaign 3', 'campaign 3', 'propose 1 y', 'stabilize'];
    expect(() => run(...before, ...fresh, 'read 3 r')).toThrow('3 answers read r at 1, but 2 was acknowledged before it began');
  });
});
