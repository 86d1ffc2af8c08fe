/** What a client is made with. */
export interface LockClientOptions {
  /** The members' API URLs, such as `http://127.0.0.1:2281`. One is used until it fails, then the next. */
  readonly endpoints: readonly string[];
  /**
   * How long the session lives without a renewal, in milliseconds: 100 … 3 600 000, default 10 000. Shorter: others get the locks of a
   * dead holder sooner. Longer: a slow network or a change of leader does not cost the locks. Renewals are sent every third of it.
   */
  readonly ttlMs?: number;
  /** Shown to operators. */
  readonly name?: string;
  /** Told when the session is in danger, safe again, or lost. What it throws is thrown by itself, as uncaught. */
  readonly onEvent?: (event: LockClientEvent) => void;
  /** Default: the platform's. */
  readonly fetch?: typeof fetch;
}

/** News of the session that all locks of a client live in. */
export interface LockClientEvent {
  /**
   * `jeopardy`: no renewal was answered for half of the session's time; begin nothing new. `safe`: one was, and nothing is lost.
   * `expired`: the session is over and all its locks are lost; the next acquire opens another one.
   */
  readonly type: 'jeopardy' | 'safe' | 'expired';
  readonly session: number;
}

/** How a lock is asked for. */
export interface AcquireOptions {
  /** `exclusive` and `shared` may meet on one name; `permit` is one of a semaphore's. Default `exclusive`. */
  readonly mode?: 'exclusive' | 'shared' | 'permit';
  /** How many permits the semaphore has in all, the same for everybody; with `permit` only. */
  readonly permits?: number;
  /** Rejects with `E_TIMEOUT` after so long. Default: waits without an end. */
  readonly timeoutMs?: number;
  /** True: rejects with `E_LOCK_HELD` at once where it would have to wait. */
  readonly tryOnly?: boolean;
  /** For how long nobody gets the lock after this holder's death: for resources that cannot check tokens. At most 60 000, default 0. */
  readonly lockDelayMs?: number;
  /** Shown to operators and others that ask for the lock. */
  readonly metadata?: string;
  /** Stops waiting: rejects with `E_ABORTED`. A lock that is held already is not affected. */
  readonly signal?: AbortSignal;
}

/** How a candidate stands. */
export interface CampaignOptions extends Pick<AcquireOptions, 'timeoutMs' | 'lockDelayMs' | 'signal'> {
  /** What observers are told once this candidate leads: its address, for example. */
  readonly value?: string;
}

/** How long to observe. */
export interface ObserveOptions {
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
}

/** Options with their defaults. */
export interface ResolvedOptions {
  readonly endpoints: readonly string[];
  readonly ttlMs: number;
  readonly name: string;
  readonly onEvent: (event: LockClientEvent) => void;
  readonly fetch: typeof fetch;
}

/** Checks the options; throws a `RangeError` that lists everything wrong with them. */
export function resolveOptions(options: LockClientOptions): ResolvedOptions {
  const { ttlMs = 10_000, name = '' } = options;
  const problems: string[] = [];
  if (options.endpoints.length === 0) problems.push('endpoints is empty, allowed: one URL or more');
  for (const url of options.endpoints) {
    if (!/^https?:\/\/[^/]+/u.test(url)) problems.push(`endpoints has ${JSON.stringify(url)}, allowed: http://HOST:PORT`);
  }
  if (!Number.isInteger(ttlMs) || ttlMs < 100 || ttlMs > 3_600_000) {
    problems.push(`ttlMs is ${ttlMs}, allowed: an integer from 100 to 3600000`);
  }
  if (problems.length > 0) throw new RangeError(`E_OPTIONS: ${problems.join('; ')}. Correct the options.`);
  const endpoints = options.endpoints.map((url) => url.replace(/\/+$/u, ''));
  // Called as a function of its own: browsers' fetch refuses another "this".
  const send = options.fetch ?? ((input, init) => fetch(input, init));
  const onEvent = (event: LockClientEvent): void => {
    try {
      options.onEvent?.(event);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };
  return { endpoints, ttlMs, name, onEvent, fetch: send };
}
