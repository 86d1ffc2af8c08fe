import { groupByKeys } from './group-by-keys.ts';
import {
  describeKvOperation,
  isKvObservation,
  type KvCompare,
  type KvInput,
  kvKeys,
  type KvOutput,
  type KvStep,
  type KvStepOutput,
  type KvTxn,
  kvValuePlaces,
} from './kv-operation.ts';
import type { Model } from './model.ts';
import { unifyOperations } from './unify-operations.ts';

/**
 * The state of one partition. Where it has a single key, this is the bare value, `null` if absent: no copy for each write,
 * and nothing to build for each comparison. Where transactions tie keys together, it is a map that holds the present ones.
 */
export type KvState = string | null | ReadonlyMap<string, string>;

const noKeys: ReadonlyMap<string, string> = new Map();

/**
 * A key-value store with put, get, delete, compare-and-set and transactions, empty at the start. It is partitioned by key;
 * keys that a transaction touches together stay together.
 */
export function kvModel(): Model<KvState, KvInput, KvOutput> {
  return {
    name: 'kv',
    partition: (history) =>
      groupByKeys(history, kvKeys).map(({ keys, operations }) => ({
        name: keys.join(' '),
        operations,
        initial: keys.length === 1 ? null : noKeys,
      })),
    step: stepKv,
    key: keyOf,
    isObservation: isKvObservation,
    unify: (operations) => unifyOperations(operations, kvValuePlaces),
    describeOperation: describeKvOperation,
    describeState: (state) => (isCell(state) ? JSON.stringify(state) : JSON.stringify(Object.fromEntries(state))),
  };
}

function stepKv(state: KvState, input: KvInput, output: KvOutput | undefined): KvState | undefined {
  switch (input.op) {
    case 'get':
    case 'put':
    case 'delete':
      return output === undefined || isStepOutput(output) ? stepOne(state, input, output) : undefined;
    case 'compare-and-set': {
      const swaps = read(state, input.key) === input.expected;
      if (output !== undefined && (output.op !== 'compare-and-set' || output.swapped !== swaps)) return undefined;
      return swaps ? write(state, input.key, input.value) : state;
    }
    default:
      return stepTxn(state, input, output);
  }
}

function stepOne(state: KvState, input: KvStep, output: KvStepOutput | undefined): KvState | undefined {
  const before = read(state, input.key);
  switch (input.op) {
    case 'get':
      return output === undefined || (output.op === 'get' && output.value === before) ? state : undefined;
    case 'put':
      if (output !== undefined && (output.op !== 'put' || (output.previous !== undefined && output.previous !== before)))
        return undefined;
      return write(state, input.key, input.value);
    default:
      if (output !== undefined && (output.op !== 'delete' || output.deleted !== (before !== null))) return undefined;
      return before === null ? state : write(state, input.key, null);
  }
}

function stepTxn(state: KvState, input: KvTxn, output: KvOutput | undefined): KvState | undefined {
  const succeeds = input.compares.every((compare) => holds(state, compare));
  const steps = succeeds ? input.success : input.failure;
  if (output !== undefined) {
    if (output.op !== 'txn' || output.succeeded !== succeeds || output.results.length !== steps.length) return undefined;
  }
  let after: KvState = state;
  for (const [place, step] of steps.entries()) {
    const next = stepOne(after, step, output?.results[place]);
    if (next === undefined) return undefined;
    after = next;
  }
  return after;
}

function holds(state: KvState, compare: KvCompare): boolean {
  return (read(state, compare.key) === compare.value) === (compare.is === 'equal');
}

function isStepOutput(output: KvOutput): output is KvStepOutput {
  return output.op !== 'txn' && output.op !== 'compare-and-set';
}

function isCell(state: KvState): state is string | null {
  return state === null || typeof state === 'string';
}

function read(state: KvState, key: string): string | null {
  return isCell(state) ? state : (state.get(key) ?? null);
}

function write(state: KvState, key: string, value: string | null): KvState {
  if (isCell(state)) return value;
  const after = new Map(state);
  if (value === null) after.delete(key);
  else after.set(key, value);
  return after;
}

/** Absence is a number, so that no value can look like it. */
function keyOf(state: KvState): string | number {
  if (state === null) return 0;
  if (typeof state === 'string') return state;
  return JSON.stringify([...state].sort(([a], [b]) => (a < b ? -1 : 1)));
}
