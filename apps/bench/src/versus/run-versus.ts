import { etcdVersion, startEtcdCluster } from '../cluster/etcd-cluster.ts';
import { startQuorate } from '../cluster/quorate-cluster.ts';
import type { RunningCluster } from '../cluster/running-cluster.ts';
import type { DoorPlan } from '../load/load-plan.ts';
import type { BenchRun } from '../measure/bench-run.ts';
import { runContest, secondsOfMeasurement } from '../measure/contest.ts';
import type { Contestant } from '../measure/contest.ts';
import type { SystemUnderTest } from '../result/cell.ts';
import { chooseClient, clientTrials } from './choose-client.ts';
import type { GrpcClient } from './choose-client.ts';

/** What is measured against etcd. */
export interface VersusOrder {
  readonly protocol: string;
  readonly transport: string;
  readonly inFlight: number;
  readonly program: string;
  readonly version: string;
}

/** Keys of 256 bytes, values of 1 KiB; as many keys as a busy store has, not one that is written over again and again. */
export const versusSizes = { keyBytes: 256, valueBytes: 1024, keys: 100_000 } as const;

/** Ours through the native client and through the gRPC door, and etcd through the fastest client there is, in turns. */
export async function runVersus(run: BenchRun, order: VersusOrder): Promise<void> {
  const { progress, settings } = run;
  const systems = versusSystems(order, settings.members);
  const loop = { kind: 'closed', inFlight: order.inFlight } as const;
  progress.expect(2 * grpcClients(settings.quick).length * clientTrials(settings.quick), 8);
  progress.expect(3 * settings.repeats, secondsOfMeasurement(settings));
  const choose = (system: SystemUnderTest, start: () => Promise<RunningCluster>): Promise<GrpcClient> =>
    chooseClient(run, { system, start, sizes: versusSizes, loop, clients: grpcClients(settings.quick) });
  const startOurs = (system: SystemUnderTest) => () =>
    startQuorate({ system, program: order.program, directory: run.directory, timing: settings });
  const startEtcd = () => startEtcdCluster(systems.etcd, run.directory);
  const ofEtcd = await choose(systems.etcd, startEtcd);
  const ofDoor = await choose(systems.door, startOurs(systems.door));
  const contestants: readonly Contestant[] = [
    { key: 'etcd', system: named(systems.etcd, ofEtcd), start: startEtcd, door: doorOf(ofEtcd) },
    {
      key: 'quorate-native',
      system: systems.native,
      start: startOurs(systems.native),
      door: async (cluster) => ({ kind: 'native', endpoints: await cluster.leaderFirst() }),
    },
    { key: 'quorate-grpc', system: named(systems.door, ofDoor), start: startOurs(systems.door), door: doorOf(ofDoor) },
  ];
  const text = `puts of 1 KiB under keys of 256 bytes, ${order.inFlight} in flight, synced`;
  await runContest(run, { id: 'versus', text, workload: 'put', sizes: versusSizes, loop, contestants });
}

/** The ways to spread calls that are tried: which one is fastest differs from server to server. */
function grpcClients(quick: boolean): readonly GrpcClient[] {
  const clients: readonly GrpcClient[] = [
    { text: '1 connection to the leader', connections: 1, leaderOnly: true },
    { text: '8 connections to the leader', connections: 8, leaderOnly: true },
    { text: '1 connection to each member', connections: 3, leaderOnly: false },
  ];
  return quick ? clients.slice(0, 2) : clients;
}

function doorOf({ connections, leaderOnly }: GrpcClient): (cluster: RunningCluster) => Promise<DoorPlan> {
  return async (cluster) => {
    const endpoints = await cluster.leaderFirst();
    return { kind: 'grpc', endpoints: leaderOnly ? endpoints.slice(0, 1) : endpoints, connections };
  };
}

function named(system: SystemUnderTest, { text }: GrpcClient): SystemUnderTest {
  return { ...system, client: `lean HTTP/2 client of quorate-bench, ${text}` };
}

/** The three clusters. */
export function versusSystems(
  { protocol, transport, version }: VersusOrder,
  members: number,
): Readonly<Record<'native' | 'door' | 'etcd', SystemUnderTest>> {
  const ours = {
    product: 'quorate',
    version,
    protocol,
    transport,
    storage: 'file',
    durability: 'synced',
    members,
  } as const;
  return {
    native: { ...ours, label: `quorate ${protocol}, native`, door: 'native', client: '@quorate/client, one connection' },
    door: { ...ours, label: `quorate ${protocol}, gRPC door`, door: 'grpc', client: '' },
    etcd: {
      ...ours,
      product: 'etcd',
      label: 'etcd',
      version: etcdVersion() ?? 'unknown',
      protocol: 'raft',
      transport: 'http',
      door: 'grpc',
      client: '',
    },
  };
}
