import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { startCluster } from '../processes/member-cluster.ts';
import type { MemberCluster } from '../processes/member-cluster.ts';
import type { MemberProcess } from '../processes/member-process.ts';
import type { SystemUnderTest } from '../result/cell.ts';
import { fetchMetrics } from './fetch-metrics.ts';
import { byLabel, sumOf } from './metrics-page.ts';
import type { MetricLine } from './metrics-page.ts';
import { processCpuSeconds } from './process-cpu.ts';
import type { Leadership, MemberCounters, RunningCluster } from './running-cluster.ts';

/** The command of the service that this package depends on. */
export function memberProgram(service: 'kv' | 'lock' = 'kv'): string {
  const manifest = createRequire(import.meta.url).resolve(`@quorate/${service}/package.json`);
  return join(dirname(manifest), 'bin', `quorate-${service}.mjs`);
}

/** What to start. */
export interface ClusterOrder {
  readonly system: SystemUnderTest;
  /** A program that takes the flags of `quorate-kv`, or of `quorate-lock` where the system says so. */
  readonly program: string;
  /** Where data lies. */
  readonly directory: string;
  readonly timing: MemberTiming;
}

/** The timers of a member. */
export interface MemberTiming {
  readonly electionTimeoutMs: number;
  readonly heartbeatMs: number;
}

/** Starts members of ours and waits until all are healthy. Rejects with the last words of the one that is not. */
export async function startQuorate({ system, program, directory, timing }: ClusterOrder): Promise<RunningCluster> {
  const { protocol, transport, storage, members: size, service = 'kv' } = system;
  const extraFlags = [`--election-timeout=${timing.electionTimeoutMs}`, `--heartbeat-interval=${timing.heartbeatMs}`];
  const kind = { protocol, transport, storage, service, native: true } as const;
  const cluster = await startCluster({ program, size, ...kind, parent: directory, extraFlags });
  try {
    await cluster.untilHealthy();
  } catch (error) {
    await cluster.close();
    throw error;
  }
  return new QuorateCluster(system, cluster);
}

const leaderWithinMs = 10_000;
const pollMs = 50;

class QuorateCluster implements RunningCluster {
  readonly system: SystemUnderTest;
  readonly #cluster: MemberCluster;
  readonly #down = new Set<number>();

  constructor(system: SystemUnderTest, cluster: MemberCluster) {
    this.system = system;
    this.#cluster = cluster;
  }

  get endpoints(): readonly string[] {
    return this.system.door === 'native' ? this.#cluster.nativeEndpoints : this.#cluster.endpoints;
  }

  async leaderFirst(): Promise<readonly string[]> {
    const deadline = performance.now() + leaderWithinMs;
    let found = await this.leadership();
    while (found === undefined && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, pollMs));
      found = await this.leadership();
    }
    if (found === undefined) throw new Error(`no member led within ${leaderWithinMs} ms`);
    const leader = this.#place(found.leader);
    return [...this.endpoints.slice(leader), ...this.endpoints.slice(0, leader)];
  }

  async counters(): Promise<readonly MemberCounters[]> {
    const pages = await this.#pages();
    return pages.map(({ name, pid, lines }) => ({
      name,
      leads: sumOf(lines, 'quorate_is_leader') === 1,
      cpuSeconds: sumOf(lines, 'process_cpu_seconds_total') ?? processCpuSeconds(pid) ?? Number.NaN,
      messagesByKind: byLabel(lines, 'quorate_messages_sent_total', 'kind'),
      bytes: sumOf(lines, 'quorate_member_bytes_out_total'),
      syncs: sumOf(lines, 'quorate_journal_syncs'),
    }));
  }

  pids(): readonly number[] {
    return this.#up().map(({ pid }) => pid);
  }

  async leadership(): Promise<Leadership | undefined> {
    const leading = (await this.#pages()).find(({ lines }) => sumOf(lines, 'quorate_is_leader') === 1);
    if (leading === undefined) return undefined;
    const stages = byLabel(leading.lines, 'quorate_leadership_timestamp_seconds', 'stage') ?? {};
    const ms = (stage: string): number | undefined => (stages[stage] === undefined ? undefined : stages[stage] * 1000);
    return { leader: leading.name, suspectedAtMs: ms('suspected'), electedAtMs: ms('elected'), readyAtMs: ms('ready') };
  }

  async kill(member: string): Promise<void> {
    const place = this.#place(member);
    this.#down.add(place);
    await this.#cluster.end(place, 'SIGKILL');
  }

  async restart(member: string): Promise<void> {
    const place = this.#place(member);
    await this.#cluster.restart(place);
    this.#down.delete(place);
  }

  close(): Promise<void> {
    return this.#cluster.close();
  }

  #pages(): Promise<readonly { readonly name: string; readonly pid: number; readonly lines: readonly MetricLine[] }[]> {
    return Promise.all(
      this.#up().map(async ({ pid, plan: { name, clientPort } }) => ({
        name,
        pid,
        lines: await fetchMetrics(`http://127.0.0.1:${clientPort}`),
      })),
    );
  }

  #up(): readonly MemberProcess[] {
    return this.#cluster.processes.filter((_, place) => !this.#down.has(place));
  }

  #place(member: string): number {
    return this.#cluster.plan.members.findIndex(({ name }) => name === member);
  }
}
