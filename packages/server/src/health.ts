import type { Replica } from '@quorate/replica';
import type { Health } from './service.ts';

/** Healthy: running, and a leader is known. */
export function healthOf(replica: Pick<Replica, 'status'>): Health {
  const { state, leader } = replica.status();
  if (state !== 'running') return { healthy: false, reason: `MEMBER ${state.toUpperCase()}` };
  return leader === undefined ? { healthy: false, reason: 'RAFT NO LEADER' } : { healthy: true, reason: '' };
}
