import type { LockReply } from '@quorate/codec-protobuf/lock';
import { decodeLockReply, lockCommands } from '../machine/lock-commands.ts';
import type { GrantedEvent, WaitEndedEvent } from '../machine/lock-event.ts';
import type { Call } from './call.ts';
import { doorError, refusalError } from './door-error.ts';
import type { LockApi } from './lock-api.ts';

/** One request that waits here for its lock. */
interface Wait {
  readonly call: Call;
  readonly session: number;
  readonly lock: string;
  readonly request: number;
  /** The acquire itself, to ask again. */
  readonly command: Uint8Array;
  readonly ahead: number;
  timer: { cancel(): void } | undefined;
}

/** What an acquire wants of the desk. */
export interface WaitRequest {
  readonly session: number;
  readonly lock: string;
  readonly request: number;
  readonly command: Uint8Array;
  /** 0: answered at once. */
  readonly waitMs: number;
  /** The request is cancelled where the client leaves. */
  readonly cancelWhenGone: boolean;
}

const overSession = doorError(410, 'E_NO_SESSION', 'the session ended while this waited. Open a new one.');
const cancelled = doorError(409, 'E_REQUEST_OVER', 'the request was cancelled while this waited. Choose a higher number.');

/**
 * Long polls. The reply "queued" and the event "granted" come from one stream in log order, and a request is at the desk before the
 * callback of its reply returns: no grant can slip in between. Whoever lost a connection repeats the request, at any member.
 */
export class WaitDesk {
  /** Places that are taken, also by acquires that have no answer yet. */
  taken = 0;
  private readonly api: LockApi;
  private readonly waits = new Map<string, Wait>();

  constructor(api: LockApi) {
    this.api = api;
  }

  /** Replicates an acquire, and answers when it is granted, or has waited for as long as it may. */
  acquire(call: Call, request: WaitRequest): void {
    const { options } = this.api;
    if (this.taken >= options.maxWaits) {
      call.fail(doorError(429, 'E_OVERLOADED', 'too many wait for locks at this member. Ask another one, or try again later.'));
      return;
    }
    this.taken += 1;
    const untilMs = options.host.monotonicMs() + request.waitMs;
    call.onClosed = () => {
      this.taken -= 1;
      this.leave(call, request);
    };
    this.api.submit(call, request.command, (_call, reply) => this.place(call, { ...request, untilMs, reply }));
  }

  granted({ session, lock, request, token }: GrantedEvent): void {
    const wait = this.waits.get(keyOf(session, lock, request));
    if (wait !== undefined) wait.call.json(200, { status: 'granted', token });
  }

  ended({ session, lock, request, cause }: WaitEndedEvent): void {
    const wait = this.waits.get(keyOf(session, lock, request));
    if (wait !== undefined) wait.call.fail(cause === 'cancelled' ? cancelled : overSession);
  }

  /** A snapshot took the place of the state: grants in it were never told. An acquire with the same number finds its grant. */
  askAgain(): void {
    const { replica } = this.api.options;
    for (const wait of this.waits.values()) {
      replica.submit(wait.command, this.api.deadlineMs, (_error, bytes) => {
        // Where this fails the poll runs out, and its client asks again.
        const reply = bytes === undefined ? undefined : decodeLockReply(bytes);
        if (reply?.kind === 'granted') wait.call.json(200, { status: 'granted', token: reply.token });
        else if (reply?.kind === 'refused') wait.call.fail(refusalError(reply.code));
      });
    }
  }

  close(): void {
    for (const wait of this.waits.values()) answerWaiting(wait);
  }

  private place(call: Call, request: WaitRequest & { readonly untilMs: number; readonly reply: LockReply }): void {
    const { reply, session, lock, untilMs } = request;
    if (reply.kind === 'granted') return call.json(200, { status: 'granted', token: reply.token });
    const ahead = reply.kind === 'queued' ? reply.ahead : 0;
    if (call.over) return this.leave(call, request);
    const { host } = this.api.options;
    const wait: Wait = { call, session, lock, request: request.request, command: request.command, ahead, timer: undefined };
    if (request.waitMs === 0 || host.monotonicMs() >= untilMs || this.api.stopping) return answerWaiting(wait);
    const key = keyOf(session, lock, request.request);
    // A second poll for the same request: the client of the first one is most probably gone.
    const earlier = this.waits.get(key);
    if (earlier !== undefined) answerWaiting(earlier);
    this.waits.set(key, wait);
    wait.timer = host.at(untilMs, () => answerWaiting(wait));
    return undefined;
  }

  /** The answer is complete, or the client is gone. */
  private leave(call: Call, { session, lock, request, cancelWhenGone }: WaitRequest): void {
    const key = keyOf(session, lock, request);
    const wait = this.waits.get(key);
    if (wait?.call === call) {
      this.waits.delete(key);
      wait.timer?.cancel();
    }
    if (!cancelWhenGone || call.response.writableFinished) return;
    // Where this fails the request waits on, until its session ends.
    this.api.options.replica.submit(lockCommands.cancel(session, lock, request), this.api.deadlineMs, () => undefined);
  }
}

/** The answer to a poll that ran out: the request keeps its place. */
function answerWaiting({ call, ahead, timer }: Wait): void {
  timer?.cancel();
  call.json(202, { status: 'waiting', ahead, next: 'Ask again with the same session and request, here or at another member.' });
}

function keyOf(session: number, lock: string, request: number): string {
  return `${session} ${request} ${lock}`;
}
