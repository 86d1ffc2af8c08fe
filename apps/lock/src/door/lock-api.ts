import type { ConsensusError, Consistency, Host } from '@quorate/interface';
import type { LockReply } from '@quorate/codec-protobuf/lock';
import type { Replica } from '@quorate/replica';
import type { Health, Logger } from '@quorate/server';
import { decodeLockReply } from '../machine/lock-commands.ts';
import type { LockEvent } from '../machine/lock-event.ts';
import type { Call } from './call.ts';
import { consensusError, doorError, refusalError } from './door-error.ts';
import { ElectionObservers } from './election-observers.ts';
import { KeepAlives } from './keep-alives.ts';
import { WaitDesk } from './wait-desk.ts';

/** The part of a replica that the door uses. A test may stand in for it. */
export type LockReplica = Pick<Replica, 'submit' | 'query' | 'subscribe'>;

/** What the door's routes are served with. */
export interface LockApiOptions {
  readonly replica: LockReplica;
  readonly host: Pick<Host, 'monotonicMs' | 'endOfTurn' | 'at'>;
  readonly logger: Pick<Logger, 'warn'>;
  /** When a command or read is given up. Waiting for a lock is no part of it. */
  readonly requestTimeoutMs: number;
  /** Requests that wait for locks here at a time; more are refused with 429. */
  readonly maxWaits: number;
  /** Observers of elections at a time; likewise. */
  readonly maxObservers: number;
  readonly version: string;
  /** The member's own opinion, without asking others. */
  readonly health: () => Health;
  /** The text of `/metrics`. */
  readonly metrics: () => string;
  /** The text of `/openapi.json`. */
  readonly openApi: string;
}

/** Takes the answer of the state machine, which is no refusal. */
export type UseReply = (call: Call, reply: LockReply) => void;

/** What all routes share: the way to the replica, and those who wait for its events. */
export class LockApi {
  readonly options: LockApiOptions;
  readonly waits: WaitDesk;
  readonly observers: ElectionObservers;
  readonly keepAlives: KeepAlives;
  /** True while the member stops. */
  stopping = false;
  private readonly unsubscribe: () => void;

  constructor(options: LockApiOptions) {
    this.options = options;
    this.waits = new WaitDesk(this);
    this.observers = new ElectionObservers(this);
    this.keepAlives = new KeepAlives(this);
    this.unsubscribe = options.replica.subscribe((events) => this.told(events as readonly LockEvent[]));
  }

  get deadlineMs(): number {
    return this.options.host.monotonicMs() + this.options.requestTimeoutMs;
  }

  /** Replicates a command and hands its answer on; refusals and errors are the client's answer. */
  submit(call: Call, command: Uint8Array, use: UseReply): void {
    this.options.replica.submit(command, this.deadlineMs, (error, bytes) => settle(call, { error, bytes, use }));
  }

  /** Asks the state machine; likewise. */
  query(call: Call, request: Uint8Array, use: UseReply): void {
    const consistency: Consistency = call.text('consistency') === 'serializable' ? 'local' : 'linearizable';
    this.options.replica.query(request, consistency, this.deadlineMs, (error, bytes) => settle(call, { error, bytes, use }));
  }

  /** The state was replaced as a whole, and no events told how: whoever waits for some is looked after. */
  restored(): void {
    // Later, because this is said in the midst of the replica's own work.
    this.options.host.endOfTurn(() => {
      this.waits.askAgain();
      this.observers.askAgain();
    });
  }

  /** Everybody who waits is answered, and told to go to another member. */
  stop(): void {
    this.stopping = true;
    this.waits.close();
    this.observers.close();
  }

  /** After this nothing more is told. */
  close(): void {
    this.unsubscribe();
  }

  // In log order, each before the reply of its own command: a request that was answered with "queued" is at the desk by then.
  private told(events: readonly LockEvent[]): void {
    for (const event of events) {
      if (event.type === 'granted') {
        if (event.waited) this.waits.granted(event);
      } else if (event.type === 'wait-ended') this.waits.ended(event);
      else if (event.type === 'election') this.observers.changed(event);
      else if (event.type === 'force-released') {
        const { lock, by, reason, holders } = event;
        const tokens = holders.map(({ token }) => token).join(',');
        this.options.logger.warn('a lock was taken from its holders by force', { lock, by, reason, tokens });
      }
    }
  }
}

interface Settlement {
  readonly error: ConsensusError | undefined;
  readonly bytes: Uint8Array | undefined;
  readonly use: UseReply;
}

function settle(call: Call, { error, bytes, use }: Settlement): void {
  if (error !== undefined || bytes === undefined) {
    call.fail(
      error === undefined ? doorError(500, 'E_INTERNAL', 'there is no answer. Tell the developers.') : consensusError(error),
    );
    return;
  }
  const reply = decodeLockReply(bytes);
  if (reply.kind === 'refused') call.fail(refusalError(reply.code));
  else use(call, reply);
}
