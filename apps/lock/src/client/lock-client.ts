import { acquireLock, type Wish } from './acquisition.ts';
import { answerMs, pathOf } from './door-path.ts';
import { observeLeaders, type Leader } from './election-stream.ts';
import { EndpointCaller } from './endpoint-caller.ts';
import type { ClientLock, HeldLock } from './held-lock.ts';
import { NameGates } from './name-gates.ts';
import {
  resolveOptions,
  type AcquireOptions,
  type CampaignOptions,
  type LockClientOptions,
  type ObserveOptions,
  type ResolvedOptions,
} from './options.ts';
import { linked, monotonicMs } from './pause.ts';
import { SessionKeeper } from './session-keeper.ts';
import { TaskSet } from './task-set.ts';

/** The leadership of an election: a lock whose holder has a value. */
export interface Leadership extends Omit<HeldLock, 'release'> {
  /** Replaces the value that observers see. Rejects with `E_NOT_HELD` where the leadership was lost. */
  proclaim(value: string): Promise<void>;
  /** Ends it; like `release` of a lock. */
  resign(): Promise<boolean>;
}

/** Whether a token holds. */
export interface TokenCheck {
  readonly valid: boolean;
  /** The newest token of those that hold; 0: none. */
  readonly newest: number;
}

/** A client of the lock service: one session, opened by the first acquire, for as many locks as are wanted. */
export interface LockClient {
  /**
   * Waits for a lock and resolves once it is held, in another session where one ends meanwhile. Rejects with a `LockClientError`.
   * Within one client, callers of the same name wait for each other, in order.
   */
  acquire(name: string, options?: AcquireOptions): Promise<HeldLock>;
  /** Stands for an election and resolves once elected. */
  campaign(name: string, options?: CampaignOptions): Promise<Leadership>;
  /** The leader as it is, then every change; undefined: nobody leads. After a lost connection it goes on with the leader as it is. */
  observe(name: string, options?: ObserveOptions): AsyncIterable<Leader | undefined>;
  /** Whether a token is that of a grant that holds now. Linearizable. */
  check(name: string, token: number): Promise<TokenCheck>;
  /** Ends the session, and with it everything the client holds and waits for. Idempotent; nothing of the client runs afterwards. */
  close(): Promise<void>;
  /** `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Makes a client; nothing is sent before the first call. Throws a `RangeError` where the options are wrong. */
export function lockClient(options: LockClientOptions): LockClient {
  return new FetchLockClient(resolveOptions(options));
}

class FetchLockClient implements LockClient {
  private readonly options: ResolvedOptions;
  private readonly caller: EndpointCaller;
  private readonly tasks = new TaskSet();
  private readonly sessions: SessionKeeper;
  private readonly gates = new NameGates();
  private closed: Promise<void> | undefined;

  constructor(options: ResolvedOptions) {
    this.options = options;
    this.caller = new EndpointCaller(options.endpoints, options.fetch);
    this.sessions = new SessionKeeper(options, this.caller, this.tasks);
  }

  acquire(name: string, options: AcquireOptions = {}): Promise<HeldLock> {
    const { mode = 'exclusive', permits, lockDelayMs = 0, metadata = '', tryOnly = false } = options;
    const body = { mode, ...(permits === undefined ? {} : { permits }), wait: !tryOnly, delayMs: lockDelayMs, metadata };
    return this.hold({
      ...waitOf(options),
      kind: 'locks',
      name,
      shared: mode === 'shared',
      gated: mode !== 'permit',
      tryOnly,
      body,
    });
  }

  async campaign(name: string, options: CampaignOptions = {}): Promise<Leadership> {
    const body = { value: options.value ?? '', delayMs: options.lockDelayMs ?? 0 };
    const lock = await this.hold({
      ...waitOf(options),
      kind: 'elections',
      name,
      shared: false,
      gated: true,
      tryOnly: false,
      body,
    });
    return {
      name,
      token: lock.token,
      signal: lock.signal,
      remainingMs: () => lock.remainingMs(),
      proclaim: (value) => lock.call('proclaim', { value }),
      resign: () => lock.release(),
      [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose](),
    };
  }

  async *observe(name: string, options: ObserveOptions = {}): AsyncGenerator<Leader | undefined> {
    pathOf('elections', name, 'observe');
    const scope = linked([options.signal, this.sessions.signal]);
    try {
      yield* observeLeaders({ caller: this.caller, send: this.options.fetch, name, signal: scope.signal });
    } finally {
      scope.unlink();
    }
  }

  async check(name: string, token: number): Promise<TokenCheck> {
    const untilMs = monotonicMs() + answerMs;
    const { body } = await this.caller.call({
      method: 'GET',
      path: `${pathOf('locks', name, 'check')}?token=${token}`,
      signal: this.sessions.signal,
      attemptMs: answerMs,
      untilMs: () => untilMs,
    });
    return { valid: body['valid'] === true, newest: Number(body['newest']) };
  }

  close(): Promise<void> {
    this.closed ??= this.sessions.close().then(() => this.tasks.settled());
    return this.closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private hold(wish: Wish): Promise<ClientLock> {
    return acquireLock({ caller: this.caller, sessions: this.sessions, gates: this.gates, tasks: this.tasks }, wish);
  }
}

function waitOf({
  timeoutMs = Infinity,
  signal,
}: Pick<AcquireOptions, 'timeoutMs' | 'signal'>): Pick<Wish, 'timeoutMs' | 'signal'> {
  return { timeoutMs, signal };
}
