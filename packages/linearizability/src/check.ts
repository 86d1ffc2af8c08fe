import { requireHistory } from './history-problems.ts';
import type { Model, Partition, State } from './model.ts';
import type { Operation } from './operation.ts';
import { search, type SearchResult } from './search.ts';

/** `unknown` says that the budget ended first: neither green nor red, and to be counted. */
export type Verdict = SearchResult['verdict'];

/** How much a check may cost. */
export interface CheckOptions {
  /**
   * How often the model may be asked, for each partition (default 10,000,000). A step takes about a third of a microsecond, and one in a few
   * leaves some 30 bytes in memory. Below about 10 for each operation, long good histories come out as `unknown`.
   */
  readonly maxSteps?: number;
}

/** Where `CheckOptions` says nothing. */
export const defaultCheckOptions: Required<CheckOptions> = { maxSteps: 10_000_000 };

/** What was found out about one partition. */
export interface PartitionReport<S extends State, I, O> {
  readonly partition: Partition<S, I, O>;
  readonly verdict: Verdict;
  /** How often the model was asked. */
  readonly steps: number;
  /** If `ok`, an order that explains everything that returned. Otherwise the longest explanation of a beginning that was found. */
  readonly linearization: readonly Operation<I, O>[];
  /** The operation that returned first among those that the linearization cannot place; `undefined` if `ok`. */
  readonly stuck: Operation<I, O> | undefined;
}

/** What was found out about a history. */
export interface CheckReport<S extends State, I, O> {
  /** `violation` if any partition is one, else `unknown` if any partition is, else `ok`. */
  readonly verdict: Verdict;
  readonly steps: number;
  readonly partitions: readonly PartitionReport<S, I, O>[];
}

/**
 * Whether a history is linearizable (Herlihy & Wing 1990): whether all operations that returned, and some of those of unknown
 * outcome, can be put in one order that the model accepts and that keeps apart what was apart in real time. The answer is
 * exact; only the budget can leave it open. Throws `HistoryError` where the operations are not a history.
 */
export function checkHistory<S extends State, I, O>(
  model: Model<S, I, O>,
  history: readonly Operation<I, O>[],
  options: CheckOptions = {},
): CheckReport<S, I, O> {
  requireHistory(history);
  const maxSteps = options.maxSteps ?? defaultCheckOptions.maxSteps;
  const partitions = model.partition(history).map((partition) => checkPartition(model, partition, maxSteps));
  return {
    verdict: worstOf(partitions.map(({ verdict }) => verdict)),
    steps: partitions.reduce((sum, { steps }) => sum + steps, 0),
    partitions,
  };
}

/** Judges one partition of a history that was found to be one. */
export function checkPartition<S extends State, I, O>(
  model: Model<S, I, O>,
  partition: Partition<S, I, O>,
  maxSteps: number,
): PartitionReport<S, I, O> {
  const { verdict, steps, order, stuck } = search(model, partition, maxSteps);
  const at = (place: number): Operation<I, O> => partition.operations[place] as Operation<I, O>;
  return { partition, verdict, steps, linearization: order.map(at), stuck: stuck === undefined ? undefined : at(stuck) };
}

function worstOf(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('violation')) return 'violation';
  return verdicts.includes('unknown') ? 'unknown' : 'ok';
}
