import type { WorkloadSettings } from '../result/cell.ts';
import type { Chance } from '../statistics/chance.ts';

/** One operation of the store as it is sent: a byte of its `Method`, and etcd's request. Doors that need no first byte leave it out. */
export interface Operation {
  readonly body: Uint8Array;
  readonly isRead: boolean;
}

/** What clients do. One object serves one load process. */
export interface Workload {
  readonly settings: WorkloadSettings;
  /** What must have happened before the first operation, such as every key that will be read. */
  prepare(): Iterable<Operation>;
  /** The next operation; its bytes are new. */
  operation(chance: Chance): Operation;
  /** Whether a reply of the native door says that the operation did what it asked for. */
  decode(reply: Uint8Array): boolean;
}

/** Sizes that a workload is made for. */
export interface WorkloadSizes {
  readonly keyBytes: number;
  readonly valueBytes: number;
  readonly keys: number;
}

/** The workloads that `--workloads` takes. */
export const workloadNames: readonly string[] = ['put', 'mixed', 'read', 'lock', 'lock-handover'];

/** Commands of one operation, each of which is committed: a lock is acquired and released. */
export function commitsPerOperation(name: string): number {
  return name === 'lock' ? 2 : 1;
}

/** The service that a workload is for. */
export function serviceOf(name: string): 'kv' | 'lock' {
  return name.startsWith('lock') ? 'lock' : 'kv';
}
