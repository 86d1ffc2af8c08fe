import {
  describeKvOperation,
  describeKvOutput,
  isKvObservation,
  type KvInput,
  type KvOutput,
  type KvStep,
  type KvStepOutput,
  type KvTxn,
} from './kv-operation.ts';
import type { RevisionModel } from './revision-replay.ts';

/**
 * The key-value store of `kvModel` with etcd's revisions: an empty store is at revision 1, whatever writes takes the next
 * one, a transaction takes one for all of its writes, and a delete of nothing takes none. A put takes one also where it
 * changes no value.
 */
export function kvRevisions(): RevisionModel<KvInput, KvOutput> {
  return {
    name: 'kv',
    initialRevision: 1,
    open() {
      const values = new Map<string, string>();
      return { execute: (input) => execute(values, input) };
    },
    writes: (input, output) => !isKvObservation(input, output),
    isObservation: (input) => isKvObservation(input, undefined),
    agrees,
    describeOperation: describeKvOperation,
    describeOutput: (output) => describeKvOutput(output) || 'done',
  };
}

function execute(values: Map<string, string>, input: KvInput): KvOutput {
  switch (input.op) {
    case 'compare-and-set': {
      const swapped = (values.get(input.key) ?? null) === input.expected;
      if (swapped) values.set(input.key, input.value);
      return { op: 'compare-and-set', swapped };
    }
    case 'txn':
      return executeTxn(values, input);
    default:
      return executeStep(values, input);
  }
}

function executeTxn(values: Map<string, string>, input: KvTxn): KvOutput {
  const succeeded = input.compares.every(({ key, is, value }) => ((values.get(key) ?? null) === value) === (is === 'equal'));
  const steps = succeeded ? input.success : input.failure;
  return { op: 'txn', succeeded, results: steps.map((step) => executeStep(values, step)) };
}

function executeStep(values: Map<string, string>, step: KvStep): KvStepOutput {
  const before = values.get(step.key) ?? null;
  switch (step.op) {
    case 'get':
      return { op: 'get', value: before };
    case 'put':
      values.set(step.key, step.value);
      return { op: 'put', previous: before };
    default:
      return { op: 'delete', deleted: values.delete(step.key) };
  }
}

function agrees(expected: KvOutput, output: KvOutput): boolean {
  switch (expected.op) {
    case 'get':
      return output.op === 'get' && output.value === expected.value;
    case 'put':
      return output.op === 'put' && (output.previous === undefined || output.previous === expected.previous);
    case 'delete':
      return output.op === 'delete' && output.deleted === expected.deleted;
    case 'compare-and-set':
      return output.op === 'compare-and-set' && output.swapped === expected.swapped;
    default:
      return output.op === 'txn' && output.succeeded === expected.succeeded && allAgree(expected.results, output.results);
  }
}

function allAgree(expected: readonly KvStepOutput[], outputs: readonly KvStepOutput[]): boolean {
  return (
    expected.length === outputs.length &&
    expected.every((one, place) => {
      const output = outputs[place];
      return output !== undefined && agrees(one, output);
    })
  );
}
