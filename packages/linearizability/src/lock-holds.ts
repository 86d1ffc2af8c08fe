/** One request that a grant serves. */
export interface LockShare {
  /** 0: it has no number. */
  readonly request: number;
  readonly exclusive: boolean;
}

/** A grant: of one client, under one token, shared by the requests that entered it again. */
export interface LockHold {
  readonly client: string;
  readonly shares: readonly LockShare[];
  /** Its token; where that was never answered, the lowest that it can be. */
  readonly token: number;
  readonly exact: boolean;
  /** While the token is not exact: it is below this one, which was granted later. */
  readonly below: number;
  /** While the token is not exact: those that it was said not to be, rising. */
  readonly excluded: readonly number[];
}

/** The state of one lock, semaphore or election. */
export interface LockState {
  /** In the order of their grants. Without one it is free. */
  readonly holds: readonly LockHold[];
  /** The token of the last grant, or the lowest that it can be; 0 before the first. Never falls. */
  readonly token: number;
}

/** Nobody had it yet. */
export const freshLock: LockState = { holds: [], token: 0 };

/** A grant to somebody who holds nothing of it, with a token above all before; `undefined`: a token that nobody was told. */
export function grant(state: LockState, client: string, share: LockShare, token: number | undefined): LockState | undefined {
  const known = token ?? state.token + 1;
  if (!Number.isSafeInteger(known) || known <= state.token) return undefined;
  const exact = token !== undefined;
  const hold: LockHold = { client, shares: [share], token: known, exact, below: Infinity, excluded: [] };
  return { holds: [...before(state.holds, exact ? known : Infinity), hold], token: known };
}

/** Another request shares a grant. */
export function join(state: LockState, hold: LockHold, share: LockShare): LockState {
  return put(state, hold, { ...hold, shares: [...hold.shares, share] });
}

/** A grant serves fewer requests, or none. */
export function keep(state: LockState, hold: LockHold, shares: readonly LockShare[]): LockState {
  if (shares.length > 0) return put(state, hold, { ...hold, shares });
  return { holds: state.holds.filter((one) => one !== hold), token: Math.max(state.token, lowestToken(hold)) };
}

/** Whether a grant keeps everybody else out. */
export function isExclusive({ shares }: LockHold): boolean {
  return shares.some(({ exclusive }) => exclusive);
}

/** Whether the token of a grant can be this one. */
export function canBe({ exact, token, below, excluded }: LockHold, wanted: number): boolean {
  if (exact) return wanted === token;
  return Number.isSafeInteger(wanted) && wanted >= token && wanted < below && !excluded.includes(wanted);
}

/** The state, now that the token of a grant is known to be this one; `undefined` where it cannot be. */
export function reveal(state: LockState, hold: LockHold, token: number): LockState | undefined {
  if (!canBe(hold, token)) return undefined;
  if (hold.exact) return state;
  const place = state.holds.indexOf(hold);
  let lowest = token;
  const later = state.holds.slice(place + 1).map((one) => {
    lowest = Math.max(lowest + 1, one.token);
    return one.exact ? one : { ...one, token: lowest };
  });
  const known: LockHold = { ...hold, token, exact: true, below: Infinity, excluded: [] };
  return { holds: [...before(state.holds.slice(0, place), token), known, ...later], token: Math.max(state.token, lowest) };
}

/** The state, now that the token of a grant is known to be another one; `undefined` where it cannot be. */
export function exclude(state: LockState, hold: LockHold, token: number): LockState | undefined {
  if (hold.exact) return token === hold.token ? undefined : state;
  if (!canBe(hold, token)) return state;
  return put(state, hold, { ...hold, excluded: [...hold.excluded, token].sort((a, b) => a - b) });
}

/** Grants whose token is not known have one below a later one that is. */
function before(holds: readonly LockHold[], token: number): readonly LockHold[] {
  return holds.map((one) => (one.exact || one.below <= token ? one : { ...one, below: token }));
}

function put({ holds, token }: LockState, hold: LockHold, changed: LockHold): LockState {
  return { holds: holds.map((one) => (one === hold ? changed : one)), token };
}

function lowestToken({ token, excluded }: LockHold): number {
  let lowest = token;
  while (excluded.includes(lowest)) lowest++;
  return lowest;
}
