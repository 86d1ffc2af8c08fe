import type { LinkTrouble, Replica, ReplicaStatus } from '@quorate/replica';
import { expect, test } from 'vitest';
import { healthOf } from '../src/health.ts';

test.each([
  ['running', 7, { healthy: true, reason: '' }],
  ['running', undefined, { healthy: false, reason: 'RAFT NO LEADER' }],
  ['starting', undefined, { healthy: false, reason: 'MEMBER STARTING' }],
  ['failed', 7, { healthy: false, reason: 'MEMBER FAILED' }],
] as const)('a member that is %s and knows leader %s', (state, leader, expected) => {
  expect(healthOf(replica({ state, leader, troubles: [] }), nameOf)).toEqual(expected);
});

test.each([
  [[unreachable(3), unreachable(2)], 'RAFT NO LEADER: no link to n2 (E_UNREACHABLE), n3 (E_UNREACHABLE)'],
  [[{ peer: 3, code: undefined, wiped: false }], 'RAFT NO LEADER: no link to n3'],
  [[wiped(1), wiped(2)], 'RAFT NO LEADER: this member was wiped, refused by n1, n2'],
  [[unreachable(2), wiped(1)], 'RAFT NO LEADER: this member was wiped, refused by n1; no link to n2 (E_UNREACHABLE)'],
])('without a leader it says what stands between it and the others', (troubles, reason) => {
  expect(healthOf(replica({ state: 'running', leader: undefined, troubles }), nameOf)).toEqual({ healthy: false, reason });
  expect(healthOf(replica({ state: 'running', leader: 2, troubles }), nameOf)).toEqual({ healthy: true, reason: '' });
});

function replica(status: Partial<ReplicaStatus>): Pick<Replica, 'status'> {
  return { status: () => status as ReplicaStatus };
}

function nameOf(id: number): string {
  return `n${id}`;
}

function unreachable(peer: number): LinkTrouble {
  return { peer, code: 'E_UNREACHABLE', wiped: false };
}

function wiped(peer: number): LinkTrouble {
  return { peer, code: 'E_MEMBER_WIPED', wiped: true };
}
