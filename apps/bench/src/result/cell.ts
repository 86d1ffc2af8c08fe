import type { HandOver, HandOverRepeat } from './hand-over.ts';
import type { Latency } from './latency.ts';

/** One system under one load: everything that was found in all its repeats. */
export interface Cell {
  /** Unique in the run, and the name by which groups, ratios and warnings mean it. */
  readonly id: string;
  readonly system: SystemUnderTest;
  readonly workload: WorkloadSettings;
  readonly loop: LoopSettings;
  readonly repeats: readonly Repeat[];
  /** Successful ones; over the repeats. */
  readonly operationsPerSecond: Estimate;
  /** All repeats together. Open loop: from the intended start. Closed loop: from the send, so that waiting in front of a stall is not in it. */
  readonly latency: Latency;
  /**
   * Open loop only: from the actual send. What it is lower by is what a closed loop would have left out, and up to a millisecond by which
   * timers of the load process are late.
   */
  readonly latencyFromSend: Latency | undefined;
  /** Medians over the repeats. Undefined where nothing was counted. */
  readonly cost: CommitCost | undefined;
  /** Only of the workload that hands a lock over. */
  readonly handOver?: HandOver;
  readonly verdict: Verdict;
}

/** Which cluster. */
export interface SystemUnderTest {
  readonly product: 'quorate' | 'etcd';
  /** What a reader calls it in this run, such as `raft · tcp`. */
  readonly label: string;
  readonly version: string;
  readonly protocol: string;
  readonly transport: string;
  readonly storage: 'file' | 'memory';
  /** `synced`: a majority has it on disk before the answer. `memory`: lost with the processes. Never compared with each other. */
  readonly durability: 'synced' | 'memory';
  /** Absent: the key-value store. */
  readonly service?: 'lock';
  /** How clients come in: our native protocol, etcd's gRPC, or the lock service's HTTP. */
  readonly door: 'native' | 'grpc' | 'http';
  /** The program that generated the load through that door. */
  readonly client: string;
  readonly members: number;
}

/** What clients do. */
export interface WorkloadSettings {
  readonly name: string;
  readonly text: string;
  readonly keyBytes: number;
  readonly valueBytes: number;
  /** How many keys there are. */
  readonly keys: number;
  /** Of all operations. */
  readonly readShare: number;
}

/** When clients do it. Closed: the next one when an earlier one is answered. Open: at moments fixed in advance. */
export type LoopSettings =
  | { readonly kind: 'closed'; readonly inFlight: number }
  | {
      readonly kind: 'open';
      readonly ratePerSecond: number;
      readonly arrivals: 'exponential' | 'uniform';
      /** How the rate was chosen, in words. */
      readonly chosen: string;
    };

/** One measurement: a fresh cluster, a warm-up, and the measured time. */
export interface Repeat {
  /** From 0. Repeats of one round ran next to each other: ratios pair them. */
  readonly round: number;
  readonly startedAt: string;
  readonly measuredSeconds: number;
  readonly warmUpSeconds: number;
  /** The warm-up ended because throughput had settled, not because time was up. */
  readonly steady: boolean;
  readonly operationsPerSecond: number;
  readonly counts: OperationCounts;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Throughput of equal parts of the measured time: what a sparkline shows. */
  readonly windowsPerSecond: readonly number[];
  readonly cost: CommitCost | undefined;
  /** Only of the workload that hands a lock over. */
  readonly handOver?: HandOverRepeat;
  readonly disturbance: Disturbance;
}

/** How operations of one measurement ended. */
export interface OperationCounts {
  /** Open loop: arrivals of the plan. Closed loop: those that were sent. */
  readonly intended: number;
  readonly succeeded: number;
  /** Refused: certainly not applied. */
  readonly failed: number;
  /** Perhaps applied: a deadline passed or a connection ended. Counted neither as a success nor as a failure. */
  readonly unknown: number;
}

/** What else happened on the machine during one measurement. */
export interface Disturbance {
  /** Shares of the CPU time of all cores; undefined where the system does not say. */
  readonly foreignCpuShare: number | undefined;
  readonly stealShare: number | undefined;
  /** A short probe of CPU and disk before and after, milliseconds. */
  readonly probeBeforeMs: number;
  readonly probeAfterMs: number;
  /** Why the repeat counts as disturbed; empty: it was not. */
  readonly reasons: readonly string[];
}

/** What one successful operation cost the members; undefined: not counted by that product. */
export interface CommitCost {
  /** Messages of the protocol between members. */
  readonly messages: number | undefined;
  /** The same by kind, such as `append`. */
  readonly messagesByKind: Readonly<Record<string, number>> | undefined;
  /** Sent between members. */
  readonly bytes: number | undefined;
  /** Journal syncs, of all members together. */
  readonly syncs: number | undefined;
  /** CPU seconds of each process. */
  readonly cpuSeconds: readonly ProcessCpu[];
  /** Of all members together. */
  readonly memberCpuSeconds: number | undefined;
}

/** CPU of one process per successful operation. */
export interface ProcessCpu {
  /** `leader`, `follower` or `load`. */
  readonly role: 'leader' | 'follower' | 'load';
  readonly name: string;
  readonly seconds: number;
}

/** A median and its 95 % confidence interval, by bootstrap over the repeats. Of one repeat both ends are its value, and nothing is known. */
export interface Estimate {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Whether a cell may be ranked. */
export interface Verdict {
  readonly rankable: boolean;
  /** `not steady`, `disturbed` and so on, each with its figures; empty where rankable. */
  readonly reasons: readonly VerdictReason[];
}

/** One reason against ranking a cell. */
export interface VerdictReason {
  readonly kind: 'not-steady' | 'disturbed' | 'no-confidence' | 'lost-operations' | 'rate-missed' | 'too-few-repeats';
  readonly text: string;
}
