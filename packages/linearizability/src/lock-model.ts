import { groupByKeys } from './group-by-keys.ts';
import { canBe, exclude, freshLock, grant, isExclusive, join, keep, reveal } from './lock-holds.ts';
import type { LockHold, LockShare, LockState } from './lock-holds.ts';
import type { Model } from './model.ts';
import { unifyOperations, type ValuePlaces } from './unify-operations.ts';

/** How a lock is asked for: alone, beside other readers, as one of the permits of a semaphore, or as the leader of an election. */
export type LockAcquireMode = 'exclusive' | 'shared' | 'permit' | 'campaign';

/**
 * What one asks of a lock service. `acquire` is placed where it is granted or refused, not where it begins to wait; its
 * `mode` is exclusive where it is left out, and `permits` are those of the semaphore in all. A client that holds a lock
 * enters it again with another `request`; the same one, or none, is the same grant. A semaphore gives each request a
 * permit. A `release` without a `request` is of all. `expire` is done by the environment (the end of a session, an
 * administrator's forced release): it frees what `client` holds, or what anybody does where no client is named.
 */
export type LockInput =
  | {
      readonly op: 'acquire';
      readonly lock: string;
      readonly client: string;
      readonly mode?: LockAcquireMode;
      readonly permits?: number;
      readonly request?: number;
    }
  | {
      readonly op: 'release';
      readonly lock: string;
      readonly client: string;
      readonly token?: number;
      readonly request?: number;
    }
  | { readonly op: 'expire'; readonly lock: string; readonly client?: string }
  | { readonly op: 'check'; readonly lock: string; readonly token: number }
  | { readonly op: 'holder'; readonly lock: string };

/**
 * What a lock service answers, with the `op` of its input. A grant carries its fencing token, a positive integer; a
 * refusal says that the lock was held. `remaining` are the requests that go on sharing the grant. Of many holders
 * `holder` names the one of the oldest grant, and `holding` their number. What is left out is not checked.
 */
export type LockOutput =
  | { readonly op: 'acquire'; readonly granted: true; readonly token: number }
  | { readonly op: 'acquire'; readonly granted: false }
  | { readonly op: 'release'; readonly released: boolean; readonly remaining?: number }
  | { readonly op: 'expire'; readonly released?: boolean }
  | { readonly op: 'check'; readonly valid: boolean }
  | { readonly op: 'holder'; readonly client: string | null; readonly token: number | null; readonly holding?: number };

/** Clients and tokens are all compared. */
const noValues: ValuePlaces<LockInput, LockOutput> = { compared: () => undefined, rewrite: (input) => input };

type Of<T, Op> = Extract<T, { readonly op: Op }>;

/**
 * Locks with fencing tokens: an exclusive holder is alone, readers share, a semaphore has no more holders than permits;
 * and the token of each grant is above those of all grants before it. A grant that is answered to its own holder again,
 * with the same token, is the same grant. Partitioned by lock.
 */
export function lockModel(): Model<LockState, LockInput, LockOutput> {
  return {
    name: 'lock',
    partition: (history) =>
      groupByKeys(history, ({ lock }) => [lock]).map(({ keys, operations }) => ({
        name: keys.join(' '),
        operations,
        initial: freshLock,
      })),
    step: stepLock,
    key: keyOf,
    isObservation: isLockObservation,
    unify: (operations) => unifyOperations(operations, noValues),
    describeOperation: describeLockOperation,
    describeState: describeLockState,
  };
}

function keyOf({ holds, token }: LockState): string {
  let key = `${token}`;
  for (const hold of holds) {
    const bounds = hold.exact ? '=' : `+${hold.below} ${hold.excluded.join()}`;
    key += ` ${hold.token}${bounds} ${JSON.stringify(hold.client)}`;
    for (const { request, exclusive } of hold.shares) key += exclusive ? ` ${request}!` : ` ${request}`;
  }
  return key;
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
      return output === undefined || output.op === 'acquire' ? acquire(state, input, output) : undefined;
    case 'release':
      return output === undefined || output.op === 'release' ? release(state, input, output) : undefined;
    case 'expire': {
      const left = input.client === undefined ? [] : state.holds.filter(({ client }) => client !== input.client);
      const releases = left.length < state.holds.length;
      if (output !== undefined && (output.op !== 'expire' || (output.released ?? releases) !== releases)) return undefined;
      return state.holds.reduce((rest, hold) => (left.includes(hold) ? rest : keep(rest, hold, [])), state);
    }
    case 'check':
      if (output === undefined) return state;
      return output.op === 'check' ? check(state, input.token, output.valid) : undefined;
    default:
      if (output === undefined) return state;
      return output.op === 'holder' ? holder(state, output) : undefined;
  }
}

function acquire(
  state: LockState,
  input: Of<LockInput, 'acquire'>,
  output: Of<LockOutput, 'acquire'> | undefined,
): LockState | undefined {
  const { client, request } = input;
  const mine = state.holds.find((hold) => hold.client === client && (input.mode !== 'permit' || serves(hold, request)));
  if (output?.granted === false) return refuses(state, input, mine) ? state : undefined;
  const share: LockShare = { request: request ?? 0, exclusive: input.mode !== 'shared' && input.mode !== 'permit' };
  if (mine === undefined) return admits(state, input) ? grant(state, client, share, output?.token) : undefined;
  // Without an answer it does nothing that another operation did not do.
  if (serves(mine, request)) return output === undefined ? undefined : reveal(state, mine, output.token);
  if (!share.exclusive || isExclusive(mine)) {
    const known = output === undefined ? state : reveal(state, mine, output.token);
    const found = known?.holds.find((hold) => hold.client === client);
    return known === undefined || found === undefined ? undefined : join(known, found, share);
  }
  // A reader that is alone becomes the writer: a grant of its own.
  if (state.holds.length > 1) return undefined;
  const granted = grant(keep(state, mine, []), client, share, output?.token);
  const [upgraded] = granted?.holds ?? [];
  return granted === undefined || upgraded === undefined
    ? undefined
    : { ...granted, holds: [{ ...upgraded, shares: [...mine.shares, share] }] };
}

function serves({ shares }: LockHold, request: number | undefined): boolean {
  return request === undefined || shares.some((share) => share.request === request);
}

/** Whether somebody else may have it beside those that have it. */
function admits({ holds }: LockState, { mode, permits = 1 }: Of<LockInput, 'acquire'>): boolean {
  if (mode === 'permit') return holds.length < permits;
  return holds.length === 0 || (mode === 'shared' && !holds.some(isExclusive));
}

/** Whether it may be refused. Readers are, beside readers, where a writer waits in front of them. */
function refuses({ holds }: LockState, input: Of<LockInput, 'acquire'>, mine: LockHold | undefined): boolean {
  if (input.mode === 'permit') return mine === undefined && holds.length >= (input.permits ?? 1);
  if (mine === undefined || input.request === undefined) return holds.length > 0;
  return input.mode !== 'shared' && holds.length > 1 && !serves(mine, input.request);
}

function release(
  state: LockState,
  { client, request, token }: Of<LockInput, 'release'>,
  output: Of<LockOutput, 'release'> | undefined,
): LockState | undefined {
  const mine = state.holds.find((hold) => hold.client === client && serves(hold, request));
  if (mine === undefined) return output?.released === false ? state : undefined;
  if (output !== undefined && !output.released) return token === undefined ? undefined : exclude(state, mine, token);
  const left = request === undefined ? [] : mine.shares.filter((share) => share.request !== request);
  if ((output?.remaining ?? left.length) !== left.length) return undefined;
  const known = token === undefined ? state : reveal(state, mine, token);
  const found = known?.holds.find((hold) => hold.client === client && serves(hold, request));
  return known === undefined || found === undefined ? undefined : keep(known, found, left);
}

function check(state: LockState, token: number, valid: boolean): LockState | undefined {
  if (!valid) {
    let rest: LockState | undefined = state;
    for (let place = 0; rest !== undefined && place < state.holds.length; place++) {
      const hold: LockHold | undefined = rest.holds[place];
      if (hold !== undefined) rest = exclude(rest, hold, token);
    }
    return rest;
  }
  const able = state.holds.filter((hold) => canBe(hold, token));
  const [only] = able;
  if (only === undefined) return undefined;
  // Where it may be that of several, all that is known is that it is one of theirs.
  return able.length > 1 ? state : reveal(state, only, token);
}

function holder(state: LockState, output: Of<LockOutput, 'holder'>): LockState | undefined {
  if ((output.holding ?? state.holds.length) !== state.holds.length) return undefined;
  const [first] = state.holds;
  if (output.client !== (first?.client ?? null)) return undefined;
  if (first === undefined) return output.token === null ? state : undefined;
  return output.token === null ? undefined : reveal(state, first, output.token);
}

function describeLockState({ holds, token }: LockState): string {
  if (holds.length === 0) return `free, last token ${token}`;
  return `held by ${holds.map((hold) => `${hold.client} with token ${hold.exact ? '' : '≥ '}${hold.token}`).join(', ')}`;
}

function describeLockOperation(input: LockInput, output: LockOutput | undefined): string {
  const mode = input.op === 'acquire' && input.mode !== undefined ? ` ${input.mode}` : '';
  const who = 'client' in input ? ` by ${input.client}` : '';
  const request = 'request' in input ? ` request ${input.request}` : '';
  const token = 'token' in input ? ` token ${input.token}` : '';
  const answer = output === undefined ? '?' : describeLockOutput(output);
  return `${input.op} ${input.lock}${mode}${who}${request}${token} → ${answer}`;
}

function describeLockOutput(output: LockOutput): string {
  switch (output.op) {
    case 'acquire':
      return output.granted ? `token ${output.token}` : 'refused';
    case 'release':
      if (!output.released) return 'not held';
      return output.remaining === undefined ? 'released' : `released, ${output.remaining} remain`;
    case 'expire':
      return output.released === false ? 'nothing held' : 'done';
    case 'check':
      return output.valid ? 'valid' : 'not valid';
    default:
      return output.client === null ? 'nobody' : `${output.client} with token ${output.token}`;
  }
}
