/** One call and its answer, as a client saw them. */
export interface Operation<I, O> {
  /** The logical process that called. It has one operation under way at most; after an unknown outcome its number is never used again. */
  readonly process: number;
  /** When it was called, in any unit that rises with time. Equal times count as concurrent. */
  readonly call: number;
  /** When it returned; `Infinity` where the outcome is unknown: it may have taken effect, may still, or never will. */
  readonly return: number;
  readonly input: I;
  /** What came back; `undefined` exactly where the outcome is unknown. */
  readonly output: O | undefined;
  /** Anything that helps a person to find the operation elsewhere, shown in reports: a member, a time of the run. */
  readonly note?: string;
}

/** Whether nobody knows if the operation took effect. */
export function isUnknown(operation: Operation<unknown, unknown>): boolean {
  return operation.return === Infinity;
}

/**
 * The same operation with its outcome forgotten: it may take effect at any time after its call, or never. Whatever was
 * linearizable before is linearizable after.
 */
export function forgetOutcome<I, O>(operation: Operation<I, O>): Operation<I, O> {
  return { ...operation, return: Infinity, output: undefined };
}
