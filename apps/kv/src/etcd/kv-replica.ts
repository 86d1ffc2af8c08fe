import type { Replica } from '@quorate/replica';

/** The part of a replica that the door uses. A test may stand in for it. */
export type KvReplica = Pick<Replica, 'submit' | 'query' | 'status'>;
