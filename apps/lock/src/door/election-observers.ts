import { decodeLockReply, lockQueries } from '../machine/lock-commands.ts';
import type { ElectionEvent } from '../machine/lock-event.ts';
import type { Call } from './call.ts';
import { doorError } from './door-error.ts';
import type { LockApi } from './lock-api.ts';

/** A sign of life for clients and the proxies between. */
const commentMs = 5000;
/** An observer that is this far behind is cut off: the leader is told to it anew when it comes back. */
const backlogBytes = 262_144;

/** Who leads an election. */
export interface Leader {
  readonly session: number;
  readonly token: number;
  readonly value: Uint8Array;
}

/** Streams of server-sent events, one per client and election: first the leader as it is, then every change. */
export class ElectionObservers {
  /** Streams that are open or about to be. */
  taken = 0;
  private readonly api: LockApi;
  private readonly streams = new Map<string, Set<Call>>();
  private comments: { cancel(): void } | undefined;

  constructor(api: LockApi) {
    this.api = api;
  }

  observe(call: Call): void {
    if (this.taken >= this.api.options.maxObservers) {
      call.fail(
        doorError(429, 'E_OVERLOADED', 'there are too many observers at this member. Ask another one, or try again later.'),
      );
      return;
    }
    this.taken += 1;
    const lock = call.text('name');
    call.onClosed = () => this.left(call, lock);
    this.api.query(call, lockQueries.leader(lock), (_call, reply) => {
      if (call.over || reply.kind !== 'leader') return;
      // The answer is of one place in the log, and events go on from there: nothing is missed, nothing is told twice.
      const observers = this.streams.get(lock) ?? new Set();
      this.streams.set(lock, observers.add(call));
      call.stream('text/event-stream');
      call.response.write(leaderEvent(reply));
      if (this.api.stopping) call.response.end();
      else this.commentLater();
    });
  }

  changed(event: ElectionEvent): void {
    const observers = this.streams.get(event.lock);
    if (observers === undefined) return;
    const text = leaderEvent(event);
    for (const { response } of observers) {
      if (response.writableLength > backlogBytes) response.destroy();
      // One that was cut off or sent away a moment ago is still in the list.
      else if (!response.destroyed && !response.writableEnded) response.write(text);
    }
  }

  /** A snapshot took the place of the state: changes in it were never told. */
  askAgain(): void {
    const { replica } = this.api.options;
    for (const lock of this.streams.keys()) {
      replica.query(lockQueries.leader(lock), 'local', this.api.deadlineMs, (_error, bytes) => {
        const reply = bytes === undefined ? undefined : decodeLockReply(bytes);
        if (reply?.kind === 'leader') this.changed({ type: 'election', lock, ...withoutKind(reply) });
      });
    }
  }

  close(): void {
    this.comments?.cancel();
    for (const observers of this.streams.values()) for (const { response } of observers) response.end();
  }

  private left(call: Call, lock: string): void {
    this.taken -= 1;
    const observers = this.streams.get(lock);
    observers?.delete(call);
    if (observers?.size === 0) this.streams.delete(lock);
  }

  private commentLater(): void {
    const { host } = this.api.options;
    this.comments ??= host.at(host.monotonicMs() + commentMs, () => {
      this.comments = undefined;
      for (const observers of this.streams.values()) for (const { response } of observers) response.write(':\n\n');
      if (this.streams.size > 0) this.commentLater();
    });
  }
}

function withoutKind({ session, token, value }: Leader): Leader {
  return { session, token, value };
}

const utf8 = new TextDecoder();

/** The leader as clients see it; null: nobody leads. */
export function leaderJson({ session, token, value }: Leader): object {
  return { leader: session === 0 ? null : { session, token, value: utf8.decode(value) } };
}

function leaderEvent(leader: Leader): string {
  return `event: leader\ndata: ${JSON.stringify(leaderJson(leader))}\n\n`;
}
