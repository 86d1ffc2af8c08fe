import type { MemberId } from '@quorate/interface';
import type { LinkTrouble, Replica } from '@quorate/replica';
import type { Health } from './service.ts';

/** Healthy: running, and a leader is known. Where none is, what stands between this member and the others is said behind etcd's words. */
export function healthOf(replica: Pick<Replica, 'status'>, nameOf: (id: MemberId) => string): Health {
  const { state, leader, troubles } = replica.status();
  if (state !== 'running') return { healthy: false, reason: `MEMBER ${state.toUpperCase()}` };
  if (leader !== undefined) return { healthy: true, reason: '' };
  const known = [
    withNames(troubles, 'this member was wiped, refused by', (trouble) => (trouble.wiped ? nameOf(trouble.peer) : undefined)),
    withNames(troubles, 'no link to', ({ peer, code, wiped }) =>
      wiped ? undefined : `${nameOf(peer)}${code === undefined ? '' : ` (${code})`}`,
    ),
  ].filter((text) => text !== '');
  return { healthy: false, reason: known.length === 0 ? 'RAFT NO LEADER' : `RAFT NO LEADER: ${known.join('; ')}` };
}

function withNames(troubles: readonly LinkTrouble[], words: string, name: (trouble: LinkTrouble) => string | undefined): string {
  const names = troubles.map(name).filter((text) => text !== undefined);
  return names.length === 0 ? '' : `${words} ${names.toSorted().join(', ')}`;
}
