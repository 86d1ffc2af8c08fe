import type { Model } from './model.ts';
import { unifyOperations, type ValuePlaces } from './unify-operations.ts';

/** What one asks of a register. */
export type RegisterInput = { readonly op: 'read' } | { readonly op: 'write'; readonly value: string };

/** What a register answers; `null` is the value before every write, unless the model says otherwise. */
export type RegisterOutput = { readonly op: 'read'; readonly value: string | null } | { readonly op: 'write' };

const valuePlaces: ValuePlaces<RegisterInput, RegisterOutput> = {
  compared(_, output, see) {
    if (output?.op === 'read') see(output.value);
  },
  rewrite: (input, replace) => (input.op === 'write' ? { op: 'write', value: replace(input.value) } : input),
};

/** One register that is read and written. */
export function registerModel(initial: string | null = null): Model<string | null, RegisterInput, RegisterOutput> {
  return {
    name: 'register',
    partition: (history) => (history.length === 0 ? [] : [{ name: 'register', operations: history, initial }]),
    step(state, input, output) {
      if (output !== undefined && output.op !== input.op) return undefined;
      if (input.op === 'write') return input.value;
      return output === undefined || (output.op === 'read' && output.value === state) ? state : undefined;
    },
    key: (state) => state ?? 0,
    isObservation: ({ op }) => op === 'read',
    unify: (operations) => unifyOperations(operations, valuePlaces),
    describeOperation(input, output) {
      if (input.op === 'write') return `write ${JSON.stringify(input.value)}${output === undefined ? ' → ?' : ''}`;
      return `read → ${output?.op === 'read' ? JSON.stringify(output.value) : '?'}`;
    },
    describeState: (state) => JSON.stringify(state),
  };
}
