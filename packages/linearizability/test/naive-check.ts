import { isUnknown, type Model, type Operation, type State } from '../src/index.ts';

/**
 * Linearizability, said as the definition says it: some subset of the unknown operations and all others, in some order that
 * keeps real time and that the model accepts from its first state to its last. Tries all of them, without partitions.
 */
export function naiveIsLinearizable<S extends State, I, O>(
  model: Model<S, I, O>,
  initial: S,
  operations: readonly Operation<I, O>[],
): boolean {
  if (operations.every(isUnknown)) return true;
  return operations.some((operation, place) => {
    if (operations.some((other) => other.return < operation.call)) return false;
    const next = model.step(initial, operation.input, operation.output);
    return next !== undefined && naiveIsLinearizable(model, next, operations.toSpliced(place, 1));
  });
}
