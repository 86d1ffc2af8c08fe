import { checkPartition } from './check.ts';
import type { Model, Partition, State } from './model.ts';
import { forgetOutcome, isUnknown, type Operation } from './operation.ts';

/** How much shrinking may cost. */
export interface ShrinkOptions {
  /** How often the model may be asked in each check (default 200,000). A candidate that needs more is not taken. */
  readonly maxStepsPerCheck?: number;
  /** How many candidates are checked (default 3,000). What was reached by then is the result. */
  readonly maxChecks?: number;
}

/** Where `ShrinkOptions` says nothing. */
export const defaultShrinkOptions: Required<ShrinkOptions> = { maxStepsPerCheck: 200_000, maxChecks: 3_000 };

/** A small history that is no more linearizable than the one that it was taken from. */
export interface Shrunk<S extends State, I, O> {
  /** What is left, by time of call: operations of the partition as they were. */
  readonly partition: Partition<S, I, O>;
  /**
   * Those whose outcomes make the contradiction. It remains if all others of the partition happened at any time after their
   * calls, or never; it does not if one more outcome is forgotten.
   */
  readonly needed: readonly Operation<I, O>[];
  /** False where the budget ended before nothing more could be taken away. */
  readonly minimal: boolean;
  readonly checks: number;
}

/**
 * Makes a violation small enough to be read. Nothing is simply deleted, for a read whose write is gone would look like a
 * violation of its own. The rule is to **forget outcomes**: an operation that may have happened at any time after its call, or
 * never, allows every order that the real one allowed, so that a violation that remains was one before. An observation whose
 * outcome is forgotten says nothing and goes. Three stages, each verified by a check:
 *
 * 1. the shortest beginning that is a violation: what is under way at its end is unknown;
 * 2. outcomes are forgotten, many at once, then fewer, until each that is left is needed;
 * 3. writes of forgotten outcome go if every outcome that is left is needed still without them. The others stay: with them
 *    the rest is the contradiction that it was, and not, say, a read of something never written.
 *
 * What stays is shown with the outcomes that it had, which can only allow less.
 *
 * Returns the partition as it is where no violation is found within the budget.
 */
export function shrinkViolation<S extends State, I, O>(
  model: Model<S, I, O>,
  partition: Partition<S, I, O>,
  options: ShrinkOptions = {},
): Shrunk<S, I, O> {
  const shrinker = new Shrinker(model, partition, { ...defaultShrinkOptions, ...options });
  return shrinker.run();
}

class Shrinker<S extends State, I, O> {
  private checks = 0;
  /** What the operations were whose outcomes are forgotten. */
  private readonly originals = new Map<Operation<I, O>, Operation<I, O>>();
  private readonly model: Model<S, I, O>;
  private readonly partition: Partition<S, I, O>;
  private readonly options: Required<ShrinkOptions>;

  constructor(model: Model<S, I, O>, partition: Partition<S, I, O>, options: Required<ShrinkOptions>) {
    this.model = model;
    this.partition = partition;
    this.options = options;
  }

  run(): Shrunk<S, I, O> {
    const all = this.partition.operations.toSorted((a, b) => a.call - b.call);
    if (this.verdict(all) !== 'violation') return { ...this.result(all), minimal: false };
    const beginning = this.shortestBeginning(all);
    const forgotten = this.forgetInChunks(beginning);
    const shown = this.dropInChunks(forgotten);
    return this.result(shown);
  }

  private result(shown: readonly Operation<I, O>[]): Shrunk<S, I, O> {
    const operations = shown.map((operation) => this.originals.get(operation) ?? operation);
    return {
      partition: { ...this.partition, operations },
      needed: shown.filter((operation) => !isUnknown(operation)),
      minimal: this.checks < this.options.maxChecks,
      checks: this.checks,
    };
  }

  /** Out of checks, nothing is known of any candidate. */
  private verdict(operations: readonly Operation<I, O>[]): 'ok' | 'violation' | 'unknown' {
    if (this.checks >= this.options.maxChecks) return 'unknown';
    this.checks++;
    return checkPartition(this.model, { ...this.partition, operations }, this.options.maxStepsPerCheck).verdict;
  }

  private forget(operations: readonly Operation<I, O>[], chosen: (operation: Operation<I, O>) => boolean): Operation<I, O>[] {
    const after: Operation<I, O>[] = [];
    for (const operation of operations) {
      if (!chosen(operation)) after.push(operation);
      else if (!this.model.isObservation(operation.input, undefined)) after.push(this.forgotten(operation));
    }
    return after;
  }

  private forgotten(operation: Operation<I, O>): Operation<I, O> {
    const after = forgetOutcome(operation);
    this.originals.set(after, this.originals.get(operation) ?? operation);
    return after;
  }

  /** Linearizable histories have linearizable beginnings, so that the shortest that is none can be found by halving. */
  private shortestBeginning(operations: readonly Operation<I, O>[]): readonly Operation<I, O>[] {
    const until = (time: number): readonly Operation<I, O>[] =>
      this.forget(
        operations.filter(({ call }) => call <= time),
        (operation) => operation.return > time,
      );
    const returns = operations.filter((operation) => !isUnknown(operation)).map((operation) => operation.return);
    returns.sort((a, b) => a - b);
    let low = 0;
    let high = returns.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.verdict(until(returns[middle] as number)) === 'violation') high = middle;
      else low = middle + 1;
    }
    const shortest = until(returns[high] as number);
    return this.verdict(shortest) === 'violation' ? shortest : operations;
  }

  private forgetInChunks(operations: readonly Operation<I, O>[]): readonly Operation<I, O>[] {
    const known = (list: readonly Operation<I, O>[]): readonly Operation<I, O>[] => list.filter((one) => !isUnknown(one));
    return this.inChunks(operations, known, (list, chunk) => {
      const candidate = this.forget(list, (operation) => chunk.has(operation));
      return this.verdict(candidate) === 'violation' ? candidate : undefined;
    });
  }

  private dropInChunks(operations: readonly Operation<I, O>[]): readonly Operation<I, O>[] {
    const unknown = (list: readonly Operation<I, O>[]): readonly Operation<I, O>[] => list.filter(isUnknown);
    return this.inChunks(operations, unknown, (list, chunk) => {
      const candidate = list.filter((operation) => !chunk.has(operation));
      const needed = candidate.every(
        (operation) => isUnknown(operation) || this.verdict(this.forget(candidate, (other) => other === operation)) === 'ok',
      );
      return needed ? candidate : undefined;
    });
  }

  /** Tries chunks of what `choose` picks, ever smaller, and single ones until none can be taken. */
  private inChunks(
    operations: readonly Operation<I, O>[],
    choose: (list: readonly Operation<I, O>[]) => readonly Operation<I, O>[],
    attempt: (list: readonly Operation<I, O>[], chunk: ReadonlySet<Operation<I, O>>) => readonly Operation<I, O>[] | undefined,
  ): readonly Operation<I, O>[] {
    let list = operations;
    for (let size = choose(list).length; size >= 1;) {
      const before = list;
      const choice = choose(list);
      for (let start = 0; start < choice.length; start += size) {
        list = attempt(list, new Set(choice.slice(start, start + size))) ?? list;
      }
      if (size > 1) size >>>= 1;
      else if (list === before) break;
    }
    return list;
  }
}
