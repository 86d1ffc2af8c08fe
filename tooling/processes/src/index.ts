/**
 * Real member processes on loopback for demonstrations and tests: what `quorate-bench` measures with, under a name of the tooling.
 *
 * @packageDocumentation
 */

export {
  connectEtcd,
  createUnaryCaller,
  EtcdError,
  etcdctl,
  freePorts,
  hasProgram,
  startCluster,
  startEtcd,
  startMember,
} from '@quorate/bench/processes';
export type {
  ClusterPlan,
  CompareAndPut,
  EtcdConnection,
  EtcdOptions,
  EtcdctlOptions,
  EtcdctlResult,
  EtcdServer,
  MemberCluster,
  MemberClusterOptions,
  MemberPlan,
  MemberProcess,
  ReadOptions,
  UnaryCaller,
} from '@quorate/bench/processes';
