import { groupByKeys } from './group-by-keys.ts';
import type { Model } from './model.ts';
import { unifyOperations, type ValuePlaces } from './unify-operations.ts';

/**
 * What one asks of a lock service. `acquire` is placed where it is granted or refused, not where it begins to wait.
 * `expire` is done by the environment (the end of a session, an administrator's forced release): it frees the lock if
 * `client` holds it, or whoever holds it where no client is named.
 */
export type LockInput =
  | { readonly op: 'acquire'; readonly lock: string; readonly client: string }
  | { readonly op: 'release'; readonly lock: string; readonly client: string; readonly token?: number }
  | { readonly op: 'expire'; readonly lock: string; readonly client?: string }
  | { readonly op: 'check'; readonly lock: string; readonly token: number }
  | { readonly op: 'holder'; readonly lock: string };

/**
 * What a lock service answers, with the `op` of its input. A grant carries its fencing token, a positive integer; a
 * refusal says that the lock was held. A `released` of `expire` that is left out is not checked.
 */
export type LockOutput =
  | { readonly op: 'acquire'; readonly granted: true; readonly token: number }
  | { readonly op: 'acquire'; readonly granted: false }
  | { readonly op: 'release'; readonly released: boolean }
  | { readonly op: 'expire'; readonly released?: boolean }
  | { readonly op: 'check'; readonly valid: boolean }
  | { readonly op: 'holder'; readonly client: string | null; readonly token: number | null };

/** The state of one lock. */
export interface LockState {
  /** Who holds it, or `null`. */
  readonly holder: string | null;
  /** The token of the last grant; 0 before the first. Never falls. */
  readonly token: number;
  /** False while the holder's grant was never answered: its token is `token` or above. True where nobody holds the lock. */
  readonly exact: boolean;
  /** While the token is not exact: those that it was said not to be, rising. */
  readonly excluded: readonly number[];
}

const none: readonly number[] = [];

/** Clients and tokens are all compared. */
const noValues: ValuePlaces<LockInput, LockOutput> = { compared: () => undefined, rewrite: (input) => input };

type Of<T, Op> = Extract<T, { readonly op: Op }>;

/**
 * Locks with fencing tokens: one holder at a time, and the token of each grant is above those of all grants before it. A
 * grant that is answered to its own holder again, with the same token, is the same grant. Partitioned by lock.
 */
export function lockModel(): Model<LockState, LockInput, LockOutput> {
  return {
    name: 'lock',
    partition: (history) =>
      groupByKeys(history, ({ lock }) => [lock]).map(({ keys, operations }) => ({
        name: keys.join(' '),
        operations,
        initial: free(0),
      })),
    step: stepLock,
    key: ({ holder, token, exact, excluded }) => `${token}${exact ? '=' : '+'}${excluded.join()} ${JSON.stringify(holder)}`,
    isObservation: isLockObservation,
    unify: (operations) => unifyOperations(operations, noValues),
    describeOperation: describeLockOperation,
    describeState: (state) =>
      state.holder === null
        ? `free, last token ${state.token}`
        : `held by ${state.holder} with token ${state.exact ? '' : '≥ '}${state.token}`,
  };
}

/** What tells a token that was open narrows the state, and changes nothing: whatever could follow before can follow if it is left out. */
function isLockObservation(input: LockInput, output: LockOutput | undefined): boolean {
  switch (input.op) {
    case 'check':
    case 'holder':
      return true;
    case 'acquire':
      return output?.op === 'acquire' && !output.granted;
    case 'release':
      return output?.op === 'release' && !output.released;
    default:
      return output?.op === 'expire' && output.released === false;
  }
}

function stepLock(state: LockState, input: LockInput, output: LockOutput | undefined): LockState | undefined {
  switch (input.op) {
    case 'acquire':
      if (output === undefined) return state.holder === null ? hold(input.client, state.token + 1, false) : undefined;
      return output.op === 'acquire' ? acquire(state, input.client, output) : undefined;
    case 'release':
      return output === undefined || output.op === 'release' ? release(state, input, output) : undefined;
    case 'expire': {
      const releases = state.holder !== null && (input.client ?? state.holder) === state.holder;
      if (output !== undefined && (output.op !== 'expire' || (output.released ?? releases) !== releases)) return undefined;
      return releases ? free(lowestToken(state)) : state;
    }
    case 'check':
      if (output === undefined) return state;
      return output.op === 'check' ? check(state, input.token, output.valid) : undefined;
    default:
      if (output === undefined) return state;
      if (output.op !== 'holder' || output.client !== state.holder) return undefined;
      if (state.holder === null) return output.token === null ? state : undefined;
      return output.token === null ? undefined : reveal(state, output.token);
  }
}

function acquire(state: LockState, client: string, output: Of<LockOutput, 'acquire'>): LockState | undefined {
  if (!output.granted) return state.holder === null ? undefined : state;
  if (!Number.isSafeInteger(output.token)) return undefined;
  if (state.holder === client) return reveal(state, output.token);
  return state.holder === null && output.token > state.token ? hold(client, output.token, true) : undefined;
}

function release(
  state: LockState,
  input: Of<LockInput, 'release'>,
  output: Of<LockOutput, 'release'> | undefined,
): LockState | undefined {
  if (state.holder !== input.client) return output?.released === false ? state : undefined;
  const { token } = input;
  if (output !== undefined && !output.released) return token === undefined ? undefined : exclude(state, token);
  const held = token === undefined ? state : reveal(state, token);
  return held === undefined ? undefined : free(lowestToken(held));
}

function check(state: LockState, token: number, valid: boolean): LockState | undefined {
  if (state.holder === null) return valid ? undefined : state;
  return valid ? reveal(state, token) : exclude(state, token);
}

/** The held state, now that its token is known to be this one; `undefined` where it cannot be. */
function reveal(state: LockState, token: number): LockState | undefined {
  if (state.exact) return token === state.token ? state : undefined;
  if (!Number.isSafeInteger(token) || token < state.token || state.excluded.includes(token)) return undefined;
  return hold(state.holder, token, true);
}

/** The held state, now that its token is known to be another one; `undefined` where it cannot be. */
function exclude(state: LockState, token: number): LockState | undefined {
  if (state.exact) return token === state.token ? undefined : state;
  if (token < state.token || state.excluded.includes(token)) return state;
  return { ...state, excluded: [...state.excluded, token].sort((a, b) => a - b) };
}

function lowestToken({ token, excluded }: LockState): number {
  let lowest = token;
  while (excluded.includes(lowest)) lowest++;
  return lowest;
}

function hold(holder: string | null, token: number, exact: boolean): LockState {
  return { holder, token, exact, excluded: none };
}

function free(token: number): LockState {
  return hold(null, token, true);
}

function describeLockOperation(input: LockInput, output: LockOutput | undefined): string {
  const who = 'client' in input ? ` by ${input.client}` : '';
  const token = 'token' in input ? ` token ${input.token}` : '';
  return `${input.op} ${input.lock}${who}${token} → ${output === undefined ? '?' : describeLockOutput(output)}`;
}

function describeLockOutput(output: LockOutput): string {
  switch (output.op) {
    case 'acquire':
      return output.granted ? `token ${output.token}` : 'refused';
    case 'release':
      return output.released ? 'released' : 'not held';
    case 'expire':
      return output.released === false ? 'nothing held' : 'done';
    case 'check':
      return output.valid ? 'valid' : 'not valid';
    default:
      return output.client === null ? 'nobody' : `${output.client} with token ${output.token}`;
  }
}
