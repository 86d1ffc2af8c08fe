import { expect, test } from 'vitest';
import { defaultRaftOptions, raft } from '../src/index.ts';
import { resolveRaftOptions } from '../src/options.ts';

test('fills in the defaults', () => {
  expect(resolveRaftOptions({})).toEqual(defaultRaftOptions);
  expect(resolveRaftOptions({ heartbeatMs: 50 })).toEqual({ ...defaultRaftOptions, heartbeatMs: 50 });
});

test('reports all problems at once', () => {
  const wrong = { electionTimeoutMs: -1, preVote: 'yes', commitNotice: 'lazy', electionTimout: 5 } as never;
  expect(() => raft(wrong)).toThrow(/electionTimeoutMs is -1.*preVote is yes.*commitNotice is lazy/u);
  expect(() => raft(wrong)).toThrow('unknown option electionTimout');
});

test.each([500, 999, 5000])('refuses a heartbeat of %i ms for an election timeout of 1000 ms', (heartbeatMs) => {
  expect(() => raft({ heartbeatMs })).toThrow('below half of electionTimeoutMs');
});

test('accepts a heartbeat just below half', () => {
  expect(raft({ heartbeatMs: 499 }).protocol).toBe('raft');
});
