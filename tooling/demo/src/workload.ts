import { type EtcdConnection, EtcdError } from '@quorate/processes';
import { expectationOf, freshKey, type KeyRecord, mayRead } from './key-record.ts';
import { createLatencies, type LatencySummary } from './latencies.ts';

/** What a run did so far. */
export interface WorkloadCounts {
  acknowledged: number;
  reads: number;
  refused: number;
  unknown: number;
}

/** A mixed load in a closed loop: every worker has one operation in flight and keys of its own. */
export interface Workload {
  readonly counts: WorkloadCounts;
  readonly keys: readonly KeyRecord[];
  /** Reads that nothing in the history explains; must stay empty. */
  readonly violations: readonly string[];
  /** Monotonic times of successful completions, in order. */
  readonly completionsMs: readonly number[];
  latency(): LatencySummary;
  /** Ends after the operations in flight. */
  stop(): Promise<void>;
}

const valueBytes = 256;
const keysPerWorker = 32;
const attemptMs = 10_000;
const betweenFailuresMs = 20;

/** Starts `workers` workers, spread over the connections. A worker whose member fails goes on with the next one. */
export function startWorkload(connections: readonly EtcdConnection[], workers: number): Workload {
  const run = new Run(connections);
  const loops = Array.from({ length: workers }, (_, worker) => run.work(worker));
  return {
    counts: run.counts,
    keys: run.keys,
    violations: run.violations,
    completionsMs: run.completionsMs,
    latency: () => run.latencies.summary(),
    async stop() {
      run.stopping = true;
      await Promise.all(loops);
    },
  };
}

class Run {
  readonly counts: WorkloadCounts = { acknowledged: 0, reads: 0, refused: 0, unknown: 0 };
  readonly keys: KeyRecord[] = [];
  readonly violations: string[] = [];
  readonly completionsMs: number[] = [];
  readonly latencies = createLatencies();
  readonly connections: readonly EtcdConnection[];
  stopping = false;

  constructor(connections: readonly EtcdConnection[]) {
    this.connections = connections;
  }

  async work(worker: number): Promise<void> {
    const own: (KeyRecord | undefined)[] = [];
    let member = worker % this.connections.length;
    for (let step = 0; !this.stopping; step++) {
      const place = step % keysPerWorker;
      const record = own[place] ?? this.newKey(worker, step);
      own[place] = record;
      const connection = this.connections[member];
      if (connection === undefined) throw new Error('a worker without a member');
      const startMs = performance.now();
      try {
        await this.operate(connection, record, { worker, step });
        const endMs = performance.now();
        this.latencies.record(endMs - startMs);
        this.completionsMs.push(endMs);
      } catch (error) {
        if (!(error instanceof EtcdError)) throw error;
        member = (member + 1) % this.connections.length;
        await new Promise((resolve) => setTimeout(resolve, betweenFailuresMs));
      }
      if (record.unknown !== undefined) own[place] = undefined;
    }
  }

  private newKey(worker: number, step: number): KeyRecord {
    const record = freshKey(`demo/${worker}/${step}`);
    this.keys.push(record);
    return record;
  }

  /** 6 puts, 1 compare-and-put, 1 delete and 2 reads in ten operations. */
  private async operate(
    connection: EtcdConnection,
    record: KeyRecord,
    { worker, step }: { worker: number; step: number },
  ): Promise<void> {
    const kind = (step * 7 + worker) % 10;
    if (kind < 2) return this.read(connection, record);
    const value = kind === 2 ? undefined : `${worker}:${step}:`.padEnd(valueBytes, '.');
    try {
      if (value === undefined) await connection.delete(record.key, attemptMs);
      else await this.put(connection, record, { value, compare: kind === 3 });
    } catch (error) {
      this.failed(error, record, value);
      throw error;
    }
    record.acknowledged = value;
    this.counts.acknowledged++;
  }

  private async put(
    connection: EtcdConnection,
    record: KeyRecord,
    { value, compare }: { value: string; compare: boolean },
  ): Promise<void> {
    if (!compare) {
      record.modRevision = await connection.put(record.key, value, attemptMs);
      return;
    }
    const expected = record.acknowledged === undefined ? 0 : record.modRevision;
    const outcome = await connection.putIfUnchanged(record.key, value, { modRevision: expected, timeoutMs: attemptMs });
    if (!outcome.succeeded) {
      this.violations.push(
        `compare-and-put of ${record.key} failed, although nobody else writes it (expected revision ${expected})`,
      );
    }
    record.modRevision = outcome.revision;
  }

  private async read(connection: EtcdConnection, record: KeyRecord): Promise<void> {
    const found = await connection.get(record.key, { serializable: false, timeoutMs: attemptMs });
    this.counts.reads++;
    if (!mayRead(record, found))
      this.violations.push(`read of ${record.key} saw ${found ?? 'nothing'}, expected ${expectationOf(record)}`);
  }

  private failed(error: unknown, record: KeyRecord, value: string | undefined): void {
    if (error instanceof EtcdError && error.neverApplied) {
      this.counts.refused++;
      return;
    }
    this.counts.unknown++;
    record.unknown = { value };
  }
}
