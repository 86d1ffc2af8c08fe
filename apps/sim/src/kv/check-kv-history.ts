import { checkHistory, kvModel } from '@quorate/linearizability';
import type { KvInput, KvOutput, Operation } from '@quorate/linearizability';
import type { Scene } from '@quorate/simulator';
import type { RecordedCall } from './kv-workload.ts';

/** How a history was judged. `unknown` is counted and capped by the report; it is never good. */
export interface HistoryJudgement {
  readonly operations: number;
  readonly partitions: number;
  readonly unknownPartitions: number;
  readonly steps: number;
}

/** I-10 and the session guarantees: judges what clients were told, by search over single keys and by revisions over everything. */
export function checkKvHistory(
  { world }: Scene,
  history: readonly Operation<KvInput, KvOutput>[],
  calls: readonly RecordedCall[],
): HistoryJudgement {
  const model = kvModel();
  const singles = history.filter(({ input }) => input.op !== 'txn');
  const report = checkHistory(model, singles);
  for (const { verdict, partition, stuck } of report.partitions) {
    if (verdict !== 'violation') continue;
    const text = stuck === undefined ? '' : `: nothing explains ${model.describeOperation(stuck.input, stuck.output)} (${stuck.note})`;
    world.ledger.violate('I-10', `the history of key ${partition.name} is not linearizable${text}`);
  }
  checkSessions(calls, (text) => world.ledger.violate('I-18', text));
  const unknownPartitions = report.partitions.filter(({ verdict }) => verdict === 'unknown').length;
  return { operations: history.length, partitions: report.partitions.length, unknownPartitions, steps: report.steps };
}

/** Monotonic reads and writes, read your writes: the revisions that one process is told never fall. */
function checkSessions(calls: readonly RecordedCall[], violate: (text: string) => void): void {
  const newest = new Map<number, number>();
  for (const { process, revision, output } of calls) {
    if (output === undefined) continue;
    const before = newest.get(process) ?? 0;
    if (revision < before) violate(`process ${process} was told revision ${before} and then ${revision}`);
    newest.set(process, Math.max(before, revision));
  }
}
