import type { Operation, Workload, WorkloadSizes } from './workload.ts';

/** How many wait for the lock that is handed over. */
export const handOverWaiters = 100;

/** The longest name of a lock. */
const longestName = 512;

const texts: Readonly<Record<string, (sizes: WorkloadSizes) => string>> = {
  lock: ({ keys }) =>
    `acquire and release, one after the other, of ${keys} locks that nobody else wants: two commits an operation`,
  'lock-handover': () =>
    `one lock that goes round among ${handOverWaiters + 1} sessions; latency: from the release to the next grant; between two, the holder acquires and releases a lock of its own`,
};

/** The workloads of the lock service. Their targets know by themselves what comes next. */
export function lockWorkload(name: string, sizes: WorkloadSizes): Workload {
  const text = texts[name];
  if (text === undefined) throw new RangeError(`there is no lock workload ${name}`);
  const keys = name === 'lock' ? sizes.keys : 1;
  const keyBytes = Math.min(longestName, sizes.keyBytes);
  return {
    settings: { name, text: text(sizes), keyBytes, valueBytes: 0, keys, readShare: 0 },
    prepare: () => [],
    operation: () => nothing,
    decode: () => true,
  };
}

const nothing: Operation = { body: new Uint8Array(0), isRead: false };
