import type {
  KvInput,
  KvOutput,
  KvStep,
  KvStepOutput,
  LockInput,
  LockOutput,
  Operation,
  RegisterInput,
  RegisterOutput,
} from '../src/index.ts';

/** When and by whom: process, call, return. Without a return, the outcome is unknown. */
export type When = readonly [process: number, call: number, returned?: number];
export type KvOperation = Operation<KvInput, KvOutput>;
export type LockOperation = Operation<LockInput, LockOutput>;
export type RegisterOperation = Operation<RegisterInput, RegisterOutput>;

function operation<I, O>([process, call, returned]: When, input: I, output: O): Operation<I, O> {
  if (returned === undefined) return { process, call, return: Infinity, input, output: undefined };
  return { process, call, return: returned, input, output };
}

export function write(when: When, value: string): RegisterOperation {
  return operation<RegisterInput, RegisterOutput>(when, { op: 'write', value }, { op: 'write' });
}

export function read(when: When, value: string | null): RegisterOperation {
  return operation<RegisterInput, RegisterOutput>(when, { op: 'read' }, { op: 'read', value });
}

export function put(when: When, key: string, value: string, previous?: string | null): KvOperation {
  return operation<KvInput, KvOutput>(
    when,
    { op: 'put', key, value },
    previous === undefined ? { op: 'put' } : { op: 'put', previous },
  );
}

export function get(when: When, key: string, value: string | null): KvOperation {
  return operation<KvInput, KvOutput>(when, { op: 'get', key }, { op: 'get', value });
}

export function remove(when: When, key: string, deleted: boolean): KvOperation {
  return operation<KvInput, KvOutput>(when, { op: 'delete', key }, { op: 'delete', deleted });
}

export function swap(
  when: When,
  key: string,
  [expected, value]: readonly [string | null, string],
  swapped: boolean,
): KvOperation {
  return operation<KvInput, KvOutput>(when, { op: 'compare-and-set', key, expected, value }, { op: 'compare-and-set', swapped });
}

/** A transaction without conditions. */
export function together(when: When, steps: readonly (readonly [KvStep, KvStepOutput])[]): KvOperation {
  const input: KvInput = { op: 'txn', compares: [], success: steps.map(([step]) => step), failure: [] };
  return operation<KvInput, KvOutput>(when, input, { op: 'txn', succeeded: true, results: steps.map(([, result]) => result) });
}

/** Puts y if x holds what is expected. */
export function putIf(when: When, x: string, y: string): KvOperation {
  const success: readonly KvStep[] = [{ op: 'put', key: 'y', value: y }];
  const input: KvInput = { op: 'txn', compares: [{ key: 'x', is: 'equal', value: x }], success, failure: [] };
  return operation<KvInput, KvOutput>(when, input, { op: 'txn', succeeded: true, results: [{ op: 'put' }] });
}

export function bothPut(when: When, value: string): KvOperation {
  return together(
    when,
    ['x', 'y'].map((key) => [{ op: 'put', key, value }, { op: 'put' }]),
  );
}

export function bothGet(when: When, x: string | null, y: string | null): KvOperation {
  return together(when, [
    [
      { op: 'get', key: 'x' },
      { op: 'get', value: x },
    ],
    [
      { op: 'get', key: 'y' },
      { op: 'get', value: y },
    ],
  ]);
}

/** How an acquire or a release differs from the plain one. */
export type LockMode = Pick<Extract<LockInput, { readonly op: 'acquire' }>, 'mode' | 'permits' | 'request'>;

export function acquire(when: When, client: string, token: number | 'refused', how: LockMode = {}): LockOperation {
  const output: LockOutput = token === 'refused' ? { op: 'acquire', granted: false } : { op: 'acquire', granted: true, token };
  return operation<LockInput, LockOutput>(when, { op: 'acquire', lock: 'l', client, ...how }, output);
}

/** Releases one request of a grant; `remaining` others go on. */
export function leave(when: When, client: string, token: number, request: number, remaining: number): LockOperation {
  const input: LockInput = { op: 'release', lock: 'l', client, token, request };
  return operation<LockInput, LockOutput>(when, input, { op: 'release', released: true, remaining });
}

export function release(when: When, client: string, token: number, released = true): LockOperation {
  return operation<LockInput, LockOutput>(when, { op: 'release', lock: 'l', client, token }, { op: 'release', released });
}

export function expire(when: When, client?: string, released?: boolean): LockOperation {
  const input: LockInput = client === undefined ? { op: 'expire', lock: 'l' } : { op: 'expire', lock: 'l', client };
  return operation<LockInput, LockOutput>(when, input, released === undefined ? { op: 'expire' } : { op: 'expire', released });
}

export function check(when: When, token: number, valid: boolean): LockOperation {
  return operation<LockInput, LockOutput>(when, { op: 'check', lock: 'l', token }, { op: 'check', valid });
}

export function holder(when: When, client: string | null, token: number | null, holding?: number): LockOperation {
  const output: LockOutput = { op: 'holder', client, token, ...(holding === undefined ? {} : { holding }) };
  return operation<LockInput, LockOutput>(when, { op: 'holder', lock: 'l' }, output);
}
