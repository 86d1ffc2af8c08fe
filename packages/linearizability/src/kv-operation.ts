import type { ValuePlaces } from './unify-operations.ts';

/** Reads one key. */
export interface KvGet {
  readonly op: 'get';
  readonly key: string;
}

/** Writes one key, whatever it holds. */
export interface KvPut {
  readonly op: 'put';
  readonly key: string;
  readonly value: string;
}

/** Removes one key, if it is there. */
export interface KvDelete {
  readonly op: 'delete';
  readonly key: string;
}

/** Writes one key if it holds what is expected; `null` expects it to be absent. */
export interface KvCompareAndSet {
  readonly op: 'compare-and-set';
  readonly key: string;
  readonly expected: string | null;
  readonly value: string;
}

/** One condition of a transaction; a value of `null` stands for an absent key. */
export interface KvCompare {
  readonly key: string;
  readonly is: 'equal' | 'not-equal';
  readonly value: string | null;
}

/** What a transaction may do. */
export type KvStep = KvGet | KvPut | KvDelete;

/**
 * All compares are made before anything else; if all hold, the steps of `success` are taken, in order, otherwise those of
 * `failure`. Each step sees the ones before it.
 */
export interface KvTxn {
  readonly op: 'txn';
  readonly compares: readonly KvCompare[];
  readonly success: readonly KvStep[];
  readonly failure: readonly KvStep[];
}

/** What one asks of a key-value store. */
export type KvInput = KvStep | KvCompareAndSet | KvTxn;

/** What a step answers. `null` is an absent key; a `previous` that is left out is not checked. */
export type KvStepOutput =
  | { readonly op: 'get'; readonly value: string | null }
  | { readonly op: 'put'; readonly previous?: string | null }
  | { readonly op: 'delete'; readonly deleted: boolean };

/** What a key-value store answers, with the `op` of its input. */
export type KvOutput =
  | KvStepOutput
  | { readonly op: 'compare-and-set'; readonly swapped: boolean }
  | { readonly op: 'txn'; readonly succeeded: boolean; readonly results: readonly KvStepOutput[] };

/** The keys that an input may touch, in order and without repetition; those of both branches of a transaction. */
export function kvKeys(input: KvInput): readonly string[] {
  if (input.op !== 'txn') return [input.key];
  return [...new Set([...input.compares, ...input.success, ...input.failure].map(({ key }) => key))];
}

/** Whether an input that is answered so changes nothing; without an output, whether it never does. */
export function isKvObservation(input: KvInput, output: KvOutput | undefined): boolean {
  switch (input.op) {
    case 'get':
      return true;
    case 'put':
      return false;
    case 'delete':
      return output?.op === 'delete' && !output.deleted;
    case 'compare-and-set':
      return output?.op === 'compare-and-set' && !output.swapped;
    default: {
      if (output === undefined) return [...input.success, ...input.failure].every((step) => isKvObservation(step, undefined));
      if (output.op !== 'txn') return false;
      const steps = output.succeeded ? input.success : input.failure;
      return steps.every((step, place) => isKvObservation(step, output.results[place]));
    }
  }
}

/** Which values matter, key by key or not: what is compared with anywhere. */
export const kvValuePlaces: ValuePlaces<KvInput, KvOutput> = {
  compared(input, output, see) {
    if (input.op === 'compare-and-set') see(input.expected);
    if (input.op === 'txn') for (const { value } of input.compares) see(value);
    for (const result of output?.op === 'txn' ? output.results : [output]) {
      if (result?.op === 'get') see(result.value);
      if (result?.op === 'put' && result.previous !== undefined) see(result.previous);
    }
  },
  rewrite(input, replace) {
    const rewriteStep = (step: KvStep): KvStep =>
      step.op === 'put' ? { op: 'put', key: step.key, value: replace(step.value) } : step;
    switch (input.op) {
      case 'compare-and-set':
        return { ...input, value: replace(input.value) };
      case 'txn':
        return { ...input, success: input.success.map(rewriteStep), failure: input.failure.map(rewriteStep) };
      default:
        return rewriteStep(input);
    }
  },
};

/** One line for a person. */
export function describeKvOperation(input: KvInput, output: KvOutput | undefined): string {
  if (output === undefined) return `${describeKvInput(input)} → ?`;
  const answer = describeKvOutput(output);
  return answer === '' ? describeKvInput(input) : `${describeKvInput(input)} → ${answer}`;
}

function describeKvInput(input: KvInput): string {
  switch (input.op) {
    case 'get':
    case 'delete':
      return `${input.op} ${input.key}`;
    case 'put':
      return `put ${input.key} ${JSON.stringify(input.value)}`;
    case 'compare-and-set':
      return `compare-and-set ${input.key} ${JSON.stringify(input.expected)} ⇒ ${JSON.stringify(input.value)}`;
    default: {
      const compares = input.compares.map(
        ({ key, is, value }) => `${key} ${is === 'equal' ? '=' : '≠'} ${JSON.stringify(value)}`,
      );
      const steps = (list: readonly KvStep[]): string => `[${list.map(describeKvInput).join(', ')}]`;
      return `txn if [${compares.join(', ')}] then ${steps(input.success)} else ${steps(input.failure)}`;
    }
  }
}

/** An answer in a few words; the empty string where it says nothing. */
export function describeKvOutput(output: KvOutput): string {
  switch (output.op) {
    case 'get':
      return JSON.stringify(output.value);
    case 'put':
      return output.previous === undefined ? '' : `was ${JSON.stringify(output.previous)}`;
    case 'delete':
      return output.deleted ? 'deleted' : 'nothing to delete';
    case 'compare-and-set':
      return output.swapped ? 'swapped' : 'not swapped';
    default:
      return `${output.succeeded ? 'then' : 'else'} [${output.results.map(describeKvOutput).join(', ')}]`;
  }
}
