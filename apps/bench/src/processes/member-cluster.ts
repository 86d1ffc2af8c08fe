import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectEtcd, type EtcdConnection } from './etcd-connection.ts';
import { freePorts } from './free-ports.ts';
import { type ClusterPlan, type MemberProcess, startMember } from './member-process.ts';

/** What kind of cluster to start. Ports are free ones of loopback, data lies in a temporary folder. */
export interface MemberClusterOptions {
  /** Path of `quorate-kv.mjs` or `quorate-lock.mjs`, which import their build. */
  readonly program: string;
  /** What that program serves; `connections` are of use with `kv` only. Default `kv`. */
  readonly service?: 'kv' | 'lock';
  readonly size: number;
  readonly protocol?: string;
  readonly transport?: string;
  readonly storage?: string;
  /** Also opens the native client's door on each member. */
  readonly native?: boolean;
  /** Where the temporary folder is made; by default in the system's. */
  readonly parent?: string;
  /** For every member, behind the flags of its place. */
  readonly extraFlags?: readonly string[];
}

/** Real member processes, and one connection to each. Members are named by their place, from 0. */
export interface MemberCluster {
  readonly plan: ClusterPlan;
  /** Holds data and logs; removed by `close` unless they are kept. */
  readonly directory: string;
  readonly endpoints: readonly string[];
  /** Of the native client's doors; empty where they were not asked for. */
  readonly nativeEndpoints: readonly string[];
  readonly connections: readonly EtcdConnection[];
  readonly processes: readonly MemberProcess[];
  untilHealthy(): Promise<void>;
  /** Starts a member that ended, and waits until it is healthy. */
  restart(place: number): Promise<void>;
  /** Signals a member and waits for its end. Resolves with its exit code or signal. */
  end(place: number, signal: NodeJS.Signals): Promise<string>;
  /** The place of the member that leads, by its own word. */
  leaderPlace(): Promise<number>;
  /** Ends every process that still runs, by its own id, and waits for it. */
  close(options?: { readonly keep?: boolean }): Promise<void>;
}

const healthyWithinMs = 15_000;
const stopWithinMs = 5_000;

/** Starts all members without waiting for them. */
export async function startCluster(options: MemberClusterOptions): Promise<MemberCluster> {
  const directory = await mkdtemp(join(options.parent ?? tmpdir(), 'quorate-cluster-'));
  const plan = await planCluster(directory, options);
  const processes = plan.members.map((member) => startMember(plan, member));
  const endpoints = plan.members.map(({ clientPort }) => `http://127.0.0.1:${clientPort}`);
  const connections = endpoints.map((url) => connectEtcd(url));
  return {
    plan,
    directory,
    endpoints,
    nativeEndpoints: plan.members.flatMap(({ nativePort }) =>
      nativePort === undefined ? [] : [`tcp://127.0.0.1:${nativePort}`],
    ),
    connections,
    processes,
    async untilHealthy() {
      await Promise.all(processes.map((member) => member.untilHealthy(healthyWithinMs)));
    },
    async restart(place) {
      const started = startMember(plan, present(plan.members[place]));
      processes[place] = started;
      await started.untilHealthy(healthyWithinMs);
    },
    end(place, signal) {
      const member = present(processes[place]);
      member.kill(signal);
      return member.ended;
    },
    leaderPlace: () => leaderPlace(connections),
    async close({ keep = false } = {}) {
      for (const connection of connections) connection.close();
      await endAll(processes);
      if (!keep) await rm(directory, { recursive: true, force: true });
    },
  };
}

async function planCluster(directory: string, options: MemberClusterOptions): Promise<ClusterPlan> {
  const { program, size, protocol = 'raft', transport = 'tcp', storage = 'file', native = false, extraFlags = [] } = options;
  const ports = await freePorts(size * 4);
  const members = Array.from({ length: size }, (_, place) => {
    const name = `n${place + 1}`;
    const [clientPort = 0, peerPort = 0, nativePort = 0, zooKeeperPort = 0] = ports.slice(place * 4);
    return {
      name,
      clientPort,
      peerPort,
      nativePort: native ? nativePort : undefined,
      zooKeeperPort: options.service === 'lock' ? zooKeeperPort : undefined,
      directory: join(directory, `${name}.quorate`),
    };
  });
  return { program, members, protocol, transport, storage, extraFlags };
}

async function leaderPlace(connections: readonly EtcdConnection[]): Promise<number> {
  for (const [place, connection] of connections.entries()) {
    const { leader, memberId } = await connection.status(healthyWithinMs);
    if (leader !== 0n && leader === memberId) return place;
  }
  throw new Error('no member says that it leads');
}

async function endAll(processes: readonly MemberProcess[]): Promise<void> {
  for (const member of processes) member.kill('SIGTERM');
  const impatience = setTimeout(() => {
    for (const member of processes) member.kill('SIGKILL');
  }, stopWithinMs);
  await Promise.all(processes.map((member) => member.ended));
  clearTimeout(impatience);
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('there is no such member');
  return value;
}
