/**
 * A replicated key-value store that speaks etcd's API.
 *
 * @packageDocumentation
 */

// For users: the service as `runService` of `@quorate/server` takes it.
export { kvService } from './kv-service.ts';

// For implementers of other programs that want etcd's port in front of their replica.
export { openEtcdDoor } from './etcd/etcd-door.ts';
export type { EtcdDoor, EtcdDoorOptions } from './etcd/etcd-door.ts';
export type { EtcdServiceOptions } from './etcd/etcd-service.ts';
export type { KvReplica } from './etcd/kv-replica.ts';
export { publishMember } from './etcd/member-publisher.ts';
export type { MemberPublisherOptions } from './etcd/member-publisher.ts';
