import type { SystemUnderTest } from '../result/cell.ts';

/** Counters of one member since its start; undefined: that product does not tell. */
export interface MemberCounters {
  readonly name: string;
  readonly leads: boolean;
  readonly cpuSeconds: number;
  readonly messagesByKind: Readonly<Record<string, number>> | undefined;
  readonly bytes: number | undefined;
  readonly syncs: number | undefined;
}

/** When a member came to lead; milliseconds since the epoch. */
export interface Leadership {
  readonly leader: string;
  readonly suspectedAtMs: number | undefined;
  readonly electedAtMs: number | undefined;
  readonly readyAtMs: number | undefined;
}

/** Real processes that serve one system. */
export interface RunningCluster {
  readonly system: SystemUnderTest;
  /** For the client that the system names. */
  readonly endpoints: readonly string[];
  /** The endpoints with the one of the leader in front. */
  leaderFirst(): Promise<readonly string[]>;
  counters(): Promise<readonly MemberCounters[]>;
  /** The ids of the processes that run. */
  pids(): readonly number[];
  /** Undefined where no member says that it leads, or where the product does not tell. */
  leadership(): Promise<Leadership | undefined>;
  /** SIGKILL; resolves once the process is gone. */
  kill(member: string): Promise<void>;
  /** Starts a member again that was killed, and waits until it is healthy. */
  restart(member: string): Promise<void>;
  /** Ends all processes by their own ids, and removes their data. */
  close(): Promise<void>;
}
