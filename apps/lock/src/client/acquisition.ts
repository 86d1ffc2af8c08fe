import type { ClientSession } from './client-session.ts';
import type { EndpointCaller } from './endpoint-caller.ts';
import { ClientLock } from './held-lock.ts';
import { LockClientError } from './lock-client-error.ts';
import type { GatePlace, NameGates } from './name-gates.ts';
import { answerMs, pathOf, type DoorPart } from './door-path.ts';
import { linked, longestTimerMs } from './pause.ts';
import type { SessionKeeper } from './session-keeper.ts';
import type { TaskSet } from './task-set.ts';

/** The parts of a client that acquisitions use. */
export interface AcquisitionParts {
  readonly caller: EndpointCaller;
  readonly sessions: SessionKeeper;
  readonly gates: NameGates;
  readonly tasks: TaskSet;
}

/** What is asked for. */
export interface Wish {
  readonly kind: DoorPart;
  readonly name: string;
  readonly shared: boolean;
  /** Callers of one client wait for each other; those of a semaphore need not, its permits are apart even in one session. */
  readonly gated: boolean;
  readonly tryOnly: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Of the request, beside session, number and time. */
  readonly body: object;
}

/** How long one request is held open at a member. */
const pollMs = 10_000;

/** Acquires; rejects with a `LockClientError`. */
export async function acquireLock(parts: AcquisitionParts, wish: Wish): Promise<ClientLock> {
  pathOf(wish.kind, wish.name, '');
  const scope = linked([wish.signal, parts.sessions.signal]);
  const late = (): void => scope.abort(new LockClientError('E_TIMEOUT', 'the lock was not free in time. Try again.', 'unknown'));
  const timer = wish.timeoutMs === Infinity ? undefined : setTimeout(late, Math.min(wish.timeoutMs, longestTimerMs));
  try {
    scope.signal.throwIfAborted();
    return await enter(parts, wish, scope.signal);
  } catch (error) {
    if (error instanceof LockClientError) throw error;
    throw new LockClientError('E_ABORTED', 'the signal was aborted while this waited.', 'unknown', { cause: error });
  } finally {
    clearTimeout(timer);
    scope.unlink();
  }
}

async function enter(parts: AcquisitionParts, wish: Wish, signal: AbortSignal): Promise<ClientLock> {
  const { gates, sessions } = parts;
  const place = wish.gated ? await gates.enter(wish.name, { shared: wish.shared, tryOnly: wish.tryOnly, signal }) : undefined;
  for (;;) {
    let session: ClientSession;
    try {
      session = await sessions.get(signal);
    } catch (error) {
      place?.leave();
      throw error;
    }
    const lock = await ask(parts, wish, { session, place, signal });
    if (lock !== undefined) return lock;
  }
}

interface Asking {
  readonly session: ClientSession;
  readonly place: GatePlace | undefined;
  readonly signal: AbortSignal;
}

/** Undefined: the session ended before it had the lock, or the number did not count any more. Another one has to ask. */
async function ask(parts: AcquisitionParts, wish: Wish, { session, place, signal }: Asking): Promise<ClientLock | undefined> {
  const request = session.nextRequest();
  const both = linked([signal, session.signal]);
  try {
    const token = await poll(parts.caller, { wish, session, request, signal: both.signal });
    place?.granted();
    return new ClientLock({ ...parts, kind: wish.kind, name: wish.name, session, request, token, place });
  } catch (error) {
    if (sessionEnded(session, error) && !signal.aborted) return undefined;
    // Many others of this session began and ended before this one reached a member.
    if (error instanceof LockClientError && error.code === 'E_REQUEST_OVER') return undefined;
    const refused = error instanceof LockClientError && error.outcome === 'not-applied';
    if (refused) place?.leave();
    // The place in this client's own queue is kept until the members have forgotten the request.
    else parts.tasks.run(giveUp(parts.caller, { wish, session, request }).finally(() => place?.leave()));
    throw error;
  } finally {
    both.unlink();
  }
}

/** Also where the members say so first. */
function sessionEnded(session: ClientSession, error: unknown): boolean {
  return (
    session.signal.aborted ||
    (error instanceof LockClientError && error.code === 'E_NO_SESSION' && session.expire('the members ended it'))
  );
}

interface Asked {
  readonly wish: Wish;
  readonly session: ClientSession;
  readonly request: number;
}

async function poll(
  caller: EndpointCaller,
  { wish, session, request, signal }: Asked & { readonly signal: AbortSignal },
): Promise<number> {
  const path = pathOf(wish.kind, wish.name, wish.kind === 'locks' ? 'acquire' : 'campaign');
  const body = { session: session.id, request, waitMs: pollMs, ...wish.body };
  for (;;) {
    const untilMs = (): number => session.deadlineMs;
    const answer = await caller.call({ method: 'POST', path, body, signal, attemptMs: pollMs + answerMs, untilMs });
    // This process may have been stopped since the answer was on its way: the clock is believed first.
    if (!session.check()) throw session.signal.reason;
    if (answer.body['status'] === 'granted') return Number(answer.body['token']);
  }
}

/** Takes the request back, also where it was granted meanwhile. The session's end does the same. Never rejects. */
async function giveUp(caller: EndpointCaller, { wish, session, request }: Asked): Promise<void> {
  const plan = {
    method: 'POST',
    signal: session.signal,
    attemptMs: answerMs,
    untilMs: (): number => session.deadlineMs,
  } as const;
  try {
    const cancel = { path: pathOf(wish.kind, wish.name, 'cancel'), body: { session: session.id, request } };
    const { body } = await caller.call({ ...plan, ...cancel });
    if (body['status'] !== 'granted') return;
    const release = pathOf(wish.kind, wish.name, wish.kind === 'locks' ? 'release' : 'resign');
    await caller.call({ ...plan, path: release, body: { session: session.id, request, token: body['token'] } });
  } catch {
    // The session is over, or no member was heard until its end: nothing is left to take back.
  }
}
