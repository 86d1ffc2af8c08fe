import { ClientSession } from './client-session.ts';
import type { EndpointCaller } from './endpoint-caller.ts';
import { LockClientError } from './lock-client-error.ts';
import type { ResolvedOptions } from './options.ts';
import { monotonicMs, unlessAborted } from './pause.ts';
import type { TaskSet } from './task-set.ts';

const openMs = 10_000;
const goodbyeMs = 1000;

/** Opens a session when one is needed and there is none, and keeps it alive. */
export class SessionKeeper {
  private readonly options: ResolvedOptions;
  private readonly caller: EndpointCaller;
  private readonly tasks: TaskSet;
  private readonly closing = new AbortController();
  private session: ClientSession | undefined;
  private opening: Promise<ClientSession> | undefined;

  constructor(options: ResolvedOptions, caller: EndpointCaller, tasks: TaskSet) {
    this.options = options;
    this.caller = caller;
    this.tasks = tasks;
  }

  /** Fires when the client is closed. */
  get signal(): AbortSignal {
    return this.closing.signal;
  }

  /** Rejects with a `LockClientError`, or the reason of the signal. */
  get(signal: AbortSignal): Promise<ClientSession> {
    const { session } = this;
    if (session?.check() === true) return Promise.resolve(session);
    return unlessAborted((this.opening ??= this.open()), signal);
  }

  /** Ends the session. Where no member hears it, others wait until its time is over. */
  async close(): Promise<void> {
    const reason = new LockClientError('E_CLOSED', 'the client was closed. Make another one.', 'unknown');
    this.closing.abort(reason);
    const { session } = this;
    if (session?.check() === true) await this.goodbye(session, reason);
  }

  private async goodbye(session: ClientSession, reason: LockClientError): Promise<void> {
    session.end(reason);
    const untilMs = monotonicMs() + goodbyeMs;
    const plan = {
      method: 'DELETE',
      path: `/v1/sessions/${session.id}`,
      signal: AbortSignal.timeout(goodbyeMs),
      attemptMs: goodbyeMs,
      untilMs: () => untilMs,
    } as const;
    await this.caller.call(plan).catch(() => undefined);
  }

  private open(): Promise<ClientSession> {
    const opening = this.openOne();
    this.tasks.run(this.forget(opening));
    return opening;
  }

  /** Once it is open, or cannot be opened: whoever asked may have stopped waiting. */
  private async forget(opening: Promise<ClientSession>): Promise<void> {
    await opening.catch(() => undefined);
    this.opening = undefined;
  }

  private async openOne(): Promise<ClientSession> {
    const { ttlMs, name, onEvent } = this.options;
    for (;;) {
      const answer = await this.caller.call({
        method: 'POST',
        path: '/v1/sessions',
        body: { ttlMs, name },
        signal: this.signal,
        attemptMs: Math.min(ttlMs, openMs),
        untilMs: () => Infinity,
      });
      const session = new ClientSession({
        caller: this.caller,
        id: Number(answer.body['session']),
        ttlMs,
        sentMs: answer.sentMs,
        onEvent,
      });
      if (this.signal.aborted) {
        // Closed between the answer and here: nobody else would end it.
        await this.goodbye(session, this.signal.reason as LockClientError);
        this.signal.throwIfAborted();
      }
      if (!session.check()) continue;
      this.session = session;
      this.tasks.run(session.keepAlive());
      return session;
    }
  }
}
