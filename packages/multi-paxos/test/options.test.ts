import { expect, test } from 'vitest';
import { defaultMultiPaxosOptions, multiPaxos } from '../src/index.ts';
import { quorumSizes, resolveMultiPaxosOptions } from '../src/options.ts';
import { Lone } from './fixture/lone.ts';

test('fills in the defaults', () => {
  expect(resolveMultiPaxosOptions({})).toEqual(defaultMultiPaxosOptions);
  expect(resolveMultiPaxosOptions({ heartbeatMs: 50 })).toEqual({ ...defaultMultiPaxosOptions, heartbeatMs: 50 });
});

test('reports all problems at once', () => {
  const wrong = { electionTimeoutMs: -1, damping: 'yes', commitNotice: 'lazy', q2Size: 1.5, electionTimout: 5 } as never;
  expect(() => multiPaxos(wrong)).toThrow(/electionTimeoutMs is -1.*damping is yes.*commitNotice is lazy.*q2Size is 1.5/u);
  expect(() => multiPaxos(wrong)).toThrow('unknown option electionTimout');
});

test.each([500, 999, 5000])('refuses a heartbeat of %i ms for an election timeout of 1000 ms', (heartbeatMs) => {
  expect(() => multiPaxos({ heartbeatMs })).toThrow('below half of electionTimeoutMs');
});

test('quorums of both phases must meet (Flexible Paxos)', () => {
  const sizes = (q1Size: number, q2Size: number, voters: number): object =>
    quorumSizes({ ...defaultMultiPaxosOptions, q1Size, q2Size }, voters);
  expect(sizes(0, 0, 5)).toEqual({ q1: 3, q2: 3 });
  expect(sizes(4, 2, 5)).toEqual({ q1: 4, q2: 2 });
  expect(sizes(0, 2, 4)).toEqual({ q1: 3, q2: 2 });
  expect(() => sizes(3, 2, 5)).toThrow('E_USAGE');
  expect(() => sizes(6, 1, 5)).toThrow('q1Size 6');
  expect(() => new Lone({ voters: 5, options: { q1Size: 3, q2Size: 2 } })).toThrow('together above 5');
});
