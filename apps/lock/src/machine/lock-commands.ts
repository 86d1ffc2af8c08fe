import { lockCommandCodec, lockQueryCodec, lockReplyCodec, LockMode, type LockReply } from '@quorate/codec-protobuf/lock';

const noBytes = new Uint8Array(0);

/** How a lock is asked for. `exclusive` and `shared` may meet on one name; a semaphore has permits; an election elects one. */
export type AcquireMode = 'exclusive' | 'shared' | 'permit' | 'campaign';

const modes = {
  exclusive: LockMode.EXCLUSIVE,
  shared: LockMode.SHARED,
  permit: LockMode.PERMIT,
  campaign: LockMode.CAMPAIGN,
} as const satisfies Record<AcquireMode, number>;

/** The word for a mode in an answer. */
export function acquireModeOf(mode: number): AcquireMode {
  return mode === modes.shared ? 'shared' : mode === modes.permit ? 'permit' : mode === modes.campaign ? 'campaign' : 'exclusive';
}

/** What an acquire says. */
export interface AcquireFields {
  readonly session: number;
  readonly lock: string;
  /** Chosen by the client: 1 … 2⁵³−1, a higher one for each acquisition of its session. A retry repeats it and gets the same grant. */
  readonly request: number;
  /** Default `exclusive`. */
  readonly mode?: AcquireMode;
  /** False: refused with `E_LOCK_HELD` where it would have to wait. Default true. */
  readonly wait?: boolean;
  /** How many permits the semaphore has, in all; only with `permit`. */
  readonly permits?: number;
  /** How long the lock stays taken after the death of this holder. Default 0. */
  readonly delayMs?: number;
  /** Shown with the holder or waiter; the value of a candidate. Default: none. */
  readonly metadata?: Uint8Array;
}

/**
 * The bytes of each command, for `Replica.execute`. What each is answered with is in its line; any of them may be `refused`.
 */
export const lockCommands = {
  /** Answered with `session-opened`. */
  openSession: (ttlMs: number, name = '', metadata: Uint8Array = noBytes): Uint8Array =>
    lockCommandCodec.encode({ kind: 'open-session', ttlMs, name, metadata }),
  /** Renews many sessions at once. Answered with `kept-alive`, which names those that are gone. */
  keepAlive: (sessions: readonly number[]): Uint8Array => lockCommandCodec.encode({ kind: 'keep-alive', sessions }),
  /** Answered with `done`. */
  closeSession: (session: number): Uint8Array => lockCommandCodec.encode({ kind: 'close-session', session }),
  /** Answered with `granted`, or `queued`: then the event `granted` or `wait-ended` with this session and request follows. */
  acquire: (fields: AcquireFields): Uint8Array =>
    lockCommandCodec.encode({
      kind: 'acquire',
      session: fields.session,
      lock: fields.lock,
      request: fields.request,
      mode: modes[fields.mode ?? 'exclusive'],
      wait: fields.wait ?? true,
      permits: fields.permits ?? 0,
      delayMs: fields.delayMs ?? 0,
      metadata: fields.metadata ?? noBytes,
    }),
  /** Ends a wait. Answered with `done`, or with `granted` where the grant came first. */
  cancel: (session: number, lock: string, request: number): Uint8Array =>
    lockCommandCodec.encode({ kind: 'cancel', session, lock, request }),
  /** Releases one request, or without one all that the session has under the token. Answered with `released`. */
  release: (fields: {
    readonly session: number;
    readonly lock: string;
    readonly token: number;
    readonly request?: number;
  }): Uint8Array => lockCommandCodec.encode({ kind: 'release', ...fields, request: fields.request ?? 0 }),
  /** For administrators: takes a lock from the holder with this token, or from all. Answered with `done`. */
  forceRelease: (fields: {
    readonly lock: string;
    /** Default: all holders, and delays. */
    readonly token?: number;
    /** True: the holder is known to be dead, and its delay is left out. */
    readonly noDelay?: boolean;
    readonly by: string;
    readonly reason: string;
  }): Uint8Array =>
    lockCommandCodec.encode({
      kind: 'force-release',
      ...fields,
      token: fields.token ?? 0,
      noDelay: fields.noDelay ?? false,
    }),
  /** Replaces the value of the leader of an election. Answered with `done`. */
  proclaim: (fields: {
    readonly session: number;
    readonly lock: string;
    readonly token: number;
    readonly value: Uint8Array;
  }): Uint8Array => lockCommandCodec.encode({ kind: 'proclaim', ...fields }),
  /** Answered with `checked`, at its place in the log: after every grant in front of it. */
  check: (lock: string, token: number): Uint8Array => lockCommandCodec.encode({ kind: 'check', lock, token }),
} as const;

/** The bytes of each query, for `Replica.read`. */
export const lockQueries = {
  /** Answered with `checked`. */
  check: (lock: string, token: number): Uint8Array => lockQueryCodec.encode({ kind: 'check', lock, token }),
  /** Answered with `lock`: nothing in it where nobody uses the name. At most `limit` holders and waiters are listed (default and most: 1 000). */
  lock: (lock: string, limit = 0): Uint8Array => lockQueryCodec.encode({ kind: 'lock', lock, limit }),
  /** Answered with `session`. */
  session: (session: number): Uint8Array => lockQueryCodec.encode({ kind: 'session', session }),
  /** Answered with `list`, in the order of the names' UTF-16 units, with 8 holders each at most and without waiters. `after`: the last name of the page before. */
  list: (prefix = '', after = '', limit = 0): Uint8Array => lockQueryCodec.encode({ kind: 'list', prefix, after, limit }),
  /** Answered with `leader`. */
  leader: (lock: string): Uint8Array => lockQueryCodec.encode({ kind: 'leader', lock }),
  /** Answered with `wait-graph`: who waits for whom, and circles among them: a hint, sessions may do other things than wait. */
  waitGraph: (limit = 0): Uint8Array => lockQueryCodec.encode({ kind: 'wait-graph', limit }),
  /** Answered with `totals`. */
  totals: (): Uint8Array => lockQueryCodec.encode({ kind: 'totals' }),
} as const;

/** The answer to a command or query; throws where the bytes are none, or of a newer version. */
export function decodeLockReply(bytes: Uint8Array): LockReply {
  const reply = lockReplyCodec.decode(bytes);
  if (reply === undefined) throw new Error('E_REPLY: these bytes are no answer of a lock service. Use programs of one version.');
  return reply;
}
