import { checkHistory, kvModel, kvRevisions, replayRevisions } from '@quorate/linearizability';
import type { KvInput, KvOutput, Operation, Revisioned } from '@quorate/linearizability';
import type { Scene } from '@quorate/simulator';
import type { HistoryJudgement } from '../services.ts';
import type { DeliveredLog } from './delivered-log.ts';
import { encodeOperation } from './kv-codec.ts';

type RevisionedOperation = Operation<KvInput, Revisioned<KvOutput>>;

/** What all clients asked for and were told, by time of call. */
export type KvHistory = readonly RevisionedOperation[];

/**
 * I-10 and I-18: judges what clients were told, twice and independently: by search over each single key, where nothing but the clients'
 * own words counts; and by revisions over everything, where the delivered log says what became of operations of unknown outcome.
 */
export function checkKvHistory({ world }: Scene, history: KvHistory, delivered: DeliveredLog): HistoryJudgement {
  const { ledger } = world;
  const model = kvModel();
  const report = checkHistory(model, history.filter(({ input }) => input.op !== 'txn').map(withoutRevision));
  for (const { verdict, partition, stuck } of report.partitions) {
    if (verdict !== 'violation') continue;
    const text =
      stuck === undefined ? '' : `: nothing explains ${model.describeOperation(stuck.input, stuck.output)} (${stuck.note})`;
    ledger.violate('I-10', `the history of key ${partition.name} is not linearizable${text}`);
  }
  const fates = delivered.fates(history, (input) => encodeOperation(input).body);
  const replay = replayRevisions(kvRevisions(), history, fates);
  if (replay.verdict !== 'ok')
    ledger.violate('I-10', `revisions contradict the answers: ${replay.problems[0]?.text ?? replay.verdict}`);
  checkSessions(history, (text) => ledger.violate('I-18', text));
  const unknownPartitions = report.partitions.filter(({ verdict }) => verdict === 'unknown').length;
  return { operations: history.length, partitions: report.partitions.length, unknownPartitions };
}

function withoutRevision(operation: RevisionedOperation): Operation<KvInput, KvOutput> {
  return { ...operation, output: operation.output?.output };
}

/** Monotonic reads and writes, read your writes: the revisions that one process is told never fall. */
function checkSessions(history: readonly RevisionedOperation[], violate: (text: string) => void): void {
  const newest = new Map<number, number>();
  for (const { process, output } of history) {
    if (output === undefined) continue;
    const before = newest.get(process) ?? 0;
    if (output.revision < before) violate(`process ${process} was told revision ${before} and then ${output.revision}`);
    newest.set(process, Math.max(before, output.revision));
  }
}
