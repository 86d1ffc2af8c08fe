import { spawnSync } from 'node:child_process';
import { connectEtcd } from '../processes/etcd-connection.ts';
import { startEtcd } from '../processes/etcd-server.ts';
import type { SystemUnderTest } from '../result/cell.ts';
import { fetchMetrics } from './fetch-metrics.ts';
import { sumOf } from './metrics-page.ts';
import { processCpuSeconds } from './process-cpu.ts';
import type { MemberCounters, RunningCluster } from './running-cluster.ts';

/** The version that `etcd --version` names; undefined where there is no such program. */
export function etcdVersion(): string | undefined {
  const { stdout, error } = spawnSync('etcd', ['--version'], { encoding: 'utf8' });
  if (error !== undefined) return undefined;
  return /etcd Version: (\S+)/u.exec(stdout)?.[1] ?? 'unknown';
}

/** Starts a cluster of stock etcd and waits until it answers. It is only measured in full health: nobody kills its members. */
export async function startEtcdCluster(system: SystemUnderTest, directory: string): Promise<RunningCluster> {
  const server = await startEtcd({ size: system.members, parent: directory });
  const { endpoints, pids } = server;
  const leaderPlace = async (): Promise<number> => {
    for (const [place, endpoint] of endpoints.entries()) {
      const connection = connectEtcd(endpoint);
      const { leader, memberId } = await connection.status(5000).finally(() => connection.close());
      if (leader === memberId) return place;
    }
    throw new Error('no member of etcd says that it leads');
  };
  const countersOf = async (endpoint: string, place: number): Promise<MemberCounters> => {
    const lines = await fetchMetrics(endpoint);
    return {
      name: `n${place + 1}`,
      leads: sumOf(lines, 'etcd_server_is_leader') === 1,
      cpuSeconds: sumOf(lines, 'process_cpu_seconds_total') ?? processCpuSeconds(pids[place] ?? 0) ?? Number.NaN,
      messagesByKind: undefined,
      bytes: sumOf(lines, 'etcd_network_peer_sent_bytes_total'),
      syncs: sumOf(lines, 'etcd_disk_wal_fsync_duration_seconds_count'),
    };
  };
  const never = (): Promise<never> => Promise.reject(new Error('members of etcd are not killed'));
  return {
    system,
    endpoints,
    leaderFirst: async () => {
      const leader = await leaderPlace();
      return [...endpoints.slice(leader), ...endpoints.slice(0, leader)];
    },
    counters: () => Promise.all(endpoints.map(countersOf)),
    pids: () => pids,
    leadership: () => Promise.resolve(undefined),
    kill: never,
    restart: never,
    close: () => server.close(),
  };
}
