/**
 * Real member processes on loopback for demonstrations, interoperability tests and benchmarks, a small etcd connection to them, and
 * the stock etcd programs that they are compared with.
 *
 * @packageDocumentation
 */

export { connectEtcd } from './etcd-connection.ts';
export type { CompareAndPut, EtcdConnection, ReadOptions } from './etcd-connection.ts';
export { startEtcd } from './etcd-server.ts';
export type { EtcdOptions, EtcdServer } from './etcd-server.ts';
export { etcdctl, hasProgram } from './etcdctl.ts';
export type { EtcdctlOptions, EtcdctlResult } from './etcdctl.ts';
export { freePorts } from './free-ports.ts';
export { startCluster } from './member-cluster.ts';
export type { MemberCluster, MemberClusterOptions } from './member-cluster.ts';
export { startMember } from './member-process.ts';
export type { ClusterPlan, MemberPlan, MemberProcess } from './member-process.ts';
export { createUnaryCaller, EtcdError } from './unary-call.ts';
export type { UnaryCaller } from './unary-call.ts';
