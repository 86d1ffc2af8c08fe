import type { ReplicaStatus } from '@quorate/replica';
import { expect, test } from 'vitest';
import { healthOf } from '../src/health.ts';

test.each([
  ['running', 7, { healthy: true, reason: '' }],
  ['running', undefined, { healthy: false, reason: 'RAFT NO LEADER' }],
  ['starting', undefined, { healthy: false, reason: 'MEMBER STARTING' }],
  ['failed', 7, { healthy: false, reason: 'MEMBER FAILED' }],
] as const)('a member that is %s and knows leader %s', (state, leader, expected) => {
  const replica = { status: () => ({ state, leader }) as unknown as ReplicaStatus };
  expect(healthOf(replica)).toEqual(expected);
});
