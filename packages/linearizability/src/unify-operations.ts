import type { Operation } from './operation.ts';

/** Where a model's inputs and outputs mention values. */
export interface ValuePlaces<I, O> {
  /** Calls `see` with each value that an input or an output compares the state with. */
  readonly compared: (input: I, output: O | undefined, see: (value: string | null) => void) => void;
  /** The input with each value that it writes replaced. */
  readonly rewrite: (input: I, replace: (value: string) => string) => I;
}

/**
 * The same operations, place by place, with all values replaced by one that are written and that nothing ever compares with:
 * no operation can tell them apart. Equal inputs become one object. Whoever may write such a value, of unknown outcome, is
 * then as good as any other, which is what keeps a search among many of them short.
 */
export function unifyOperations<I, O>(
  operations: readonly Operation<I, O>[],
  { compared, rewrite }: ValuePlaces<I, O>,
): readonly Operation<I, O>[] {
  const seen = new Set<string | null>();
  for (const { input, output } of operations) compared(input, output, (value) => seen.add(value));
  let unseen = 'unseen';
  while (seen.has(unseen)) unseen += "'";
  const inputs = new Map<string, I>();
  return operations.map((operation) => {
    const rewritten = rewrite(operation.input, (value) => (seen.has(value) ? value : unseen));
    const name = JSON.stringify(rewritten);
    const shared = inputs.get(name);
    if (shared === undefined) inputs.set(name, rewritten);
    return { ...operation, input: shared ?? rewritten };
  });
}
