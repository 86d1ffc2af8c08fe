import type { Operation } from './operation.ts';

/** What a state may be: anything but `undefined`, which says "refused". */
export type State = string | number | boolean | object | null;

/**
 * What the checked object does when nothing happens at the same time, written from its specification. All functions are
 * pure: states are values, never changed.
 */
export interface Model<S extends State, I, O> {
  /** A short name, for reports and exports. */
  readonly name: string;
  /**
   * Splits a history into parts that share no state, so that each can be judged alone: a history is linearizable if and
   * only if every part is (P-compositionality, Horn & Kroening 2015). Every operation is in one part.
   */
  partition(history: readonly Operation<I, O>[]): readonly Partition<S, I, O>[];
  /**
   * The state after an input that was answered by this output, or `undefined` where this state would not have answered so.
   * An output of `undefined` is an unknown one: the input takes effect, whatever it answers; refuse where it has none.
   */
  step(state: S, input: I, output: O | undefined): S | undefined;
  /** Two states of one partition are equal if and only if their keys are. */
  key(state: S): string | number;
  /**
   * Whether an input that is answered by this output leaves every state alone that would answer so: a read, a refusal. An
   * output of `undefined` is any output. When in doubt, false is right, and slower.
   */
  isObservation(input: I, output: O | undefined): boolean;
  /**
   * The operations of a partition, place by place, with everything made equal that the model cannot tell apart, for the
   * search alone. Operations whose inputs are then one object are interchangeable. Left out, each is its own.
   */
  unify?(operations: readonly Operation<I, O>[]): readonly Operation<I, O>[];
  /** One line for a person. An output of `undefined` is an unknown one. */
  describeOperation(input: I, output: O | undefined): string;
  describeState(state: S): string;
}

/** A part of a history that shares no state with the rest. */
export interface Partition<S extends State, I, O> {
  /** Its keys, for reports. */
  readonly name: string;
  readonly operations: readonly Operation<I, O>[];
  /** The state before all of them. */
  readonly initial: S;
}
