import { acquireModeOf, decodeLockReply, lockCommands, lockQueries, refusalOf } from '@quorate/lock/state-machine';
import type { LockReply } from '@quorate/codec-protobuf/lock';
import type { Client } from '@quorate/client';
import type { ConsensusError, Host } from '@quorate/interface';
import type { LockInput, LockOutput } from '@quorate/linearizability';
import type { UnknownCall } from '../services.ts';
import type { FencedResource } from './fenced-resource.ts';
import { SessionTrail } from './lock-history.ts';
import type { LockHistory } from './lock-history.ts';

/** What a lane is made of; the workload has one for each. */
export interface LaneSetup {
  readonly name: string;
  readonly client: Client;
  readonly host: Host;
  /** Uniform in [0, 1), of this lane alone. */
  readonly random: () => number;
  readonly locks: readonly string[];
  /** Locks that stay taken for a while after a holder's death. They have no history: the model knows no delays. */
  readonly isDelayed: (lock: string) => boolean;
  readonly meanThinkMs: number;
  readonly history: LockHistory;
  readonly resource: (lock: string) => FencedResource;
  /** Whether the session holds the lock now, by the checker's own reckoning. */
  readonly holds: (lock: string, session: number, token: number) => boolean;
  /** Whether the request was ever granted, by the same reckoning. */
  readonly wasGranted: (session: number, request: number) => boolean;
  /** Runs at the resource, after a delay in the world. */
  readonly deliver: (delayMs: number, run: () => void) => void;
  readonly book: LaneBook;
}

/** What all lanes write down. */
export interface LaneBook {
  pending: number;
  readonly successes: number[];
  readonly unknown: UnknownCall[];
  readonly trails: Map<number, SessionTrail>;
  /** What the members told of acquires, to be compared with the replay. */
  readonly told: ToldAcquire[];
  readonly nowMs: () => number;
}

/** How an acquire was answered. `held`: refused without waiting. */
export interface ToldAcquire {
  readonly session: number;
  readonly request: number;
  readonly outcome: 'granted' | 'held';
  /** 0 where it was refused. */
  readonly token: number;
}

interface Section {
  readonly lock: string;
  readonly session: number;
  readonly request: number;
  readonly token: number;
}

const callMs = 3000;

/** One logical client: a session of its own, one lock at a time, and writes to what the lock guards. */
export class LockLane {
  private readonly setup: LaneSetup;
  private session = 0;
  private ttlMs = 0;
  private requests = 0;
  private renewing = false;
  private resting = false;
  private tokens: { readonly lock: string; readonly token: number }[] = [];

  constructor(setup: LaneSetup) {
    this.setup = setup;
  }

  begin(): void {
    this.think();
  }

  rest(): void {
    this.resting = true;
  }

  private think(factor = 1): void {
    const { random, meanThinkMs } = this.setup;
    this.later(random() * 2 * meanThinkMs * factor, () => this.act());
  }

  private later(delayMs: number, run: () => void): void {
    const { host } = this.setup;
    host.at(host.monotonicMs() + delayMs, () => {
      if (!this.resting) run();
    });
  }

  private act(): void {
    if (this.session === 0) return this.open();
    const draw = this.setup.random();
    if (draw < 0.12) return this.look();
    if (draw < 0.16) return this.check();
    if (draw < 0.18) return this.force();
    this.acquire();
  }

  private open(): void {
    this.ttlMs = Math.round(400 + this.setup.random() * 2600);
    this.submit(lockCommands.openSession(this.ttlMs, this.setup.name), (reply) => {
      if (reply?.kind === 'session-opened') {
        this.session = reply.session;
        this.setup.book.trails.set(reply.session, new SessionTrail(this.setup.history, clientOf(reply.session)));
        this.later(this.ttlMs / 3, () => this.renew(reply.session));
      }
      this.think();
    });
  }

  private renew(session: number): void {
    if (session !== this.session) return;
    this.later(this.ttlMs / 3, () => this.renew(session));
    if (this.renewing) return;
    this.renewing = true;
    const trail = this.setup.book.trails.get(session);
    trail?.renewing();
    this.submit(lockCommands.keepAlive([session]), (reply) => {
      this.renewing = false;
      if (reply?.kind !== 'kept-alive') trail?.doubted();
      else if (reply.gone.includes(session)) this.lose(session);
      else trail?.renewed();
    });
  }

  // What it had is lost, or will be: nobody renews it any more.
  private lose(session: number): void {
    if (session === this.session) this.session = 0;
  }

  private acquire(): void {
    const { locks, random, book, isDelayed } = this.setup;
    const lock = pick(locks, random());
    const wait = random() < 0.6;
    const { session } = this;
    const request = ++this.requests;
    const trail = book.trails.get(session);
    if (!isDelayed(lock)) trail?.begin(lock);
    const process = this.record({ op: 'acquire', lock, client: clientOf(session) });
    const delayMs = isDelayed(lock) ? Math.round(100 + random() * 900) : 0;
    this.submit(lockCommands.acquire({ session, lock, request, wait, delayMs, mode: acquireModeOf(0) }), (reply, error) => {
      if (reply?.kind === 'granted') return this.granted(process, { lock, session, request, token: reply.token });
      if (reply?.kind === 'queued') return this.wait(process, { lock, session, request, token: 0 }, 0.3 + random() * 3);
      const held = reply?.kind === 'refused' && refusalOf(reply.code) === 'E_LOCK_HELD';
      if (held) book.told.push({ session, request, outcome: 'held', token: 0 });
      if (held) this.returned(process, { op: 'acquire', granted: false });
      else this.ended(process, error);
      if (error?.outcome === 'unknown' || this.isOver(reply)) this.lose(session);
      else trail?.finish();
      this.think();
    });
  }

  /** Looks every now and then whether it is its turn; gives up after a while. */
  private wait(process: number | undefined, section: Section, patience: number): void {
    const { lock, session, request } = section;
    this.later(20 + this.setup.random() * 60, () => {
      if (patience <= 0 || session !== this.session) return this.cancel(process, section);
      this.query(lockQueries.lock(lock, 1), (reply) => {
        const holder = reply?.kind === 'lock' ? reply.holders.find((one) => one.session === session) : undefined;
        if (holder === undefined) return this.wait(process, section, patience - 0.05);
        this.granted(process, { lock, session, request, token: holder.token });
      });
    });
  }

  private cancel(process: number | undefined, section: Section): void {
    const { lock, session, request } = section;
    this.submit(lockCommands.cancel(session, lock, request), (reply) => {
      if (reply?.kind === 'granted') return this.granted(process, { ...section, token: reply.token });
      const input: LockInput = { op: 'acquire', lock, client: clientOf(session) };
      if (reply?.kind === 'done') {
        // It may have had the lock in between, and an administrator took it.
        if (this.setup.wasGranted(session, request)) this.lost(process, input);
        else this.failed(process);
        this.setup.book.trails.get(session)?.finish();
      } else {
        this.lost(process, input);
        this.lose(session);
      }
      this.think();
    });
  }

  private granted(process: number | undefined, section: Section): void {
    const { session, request, token, lock } = section;
    this.setup.book.told.push({ session, request, outcome: 'granted', token });
    this.returned(process, { op: 'acquire', granted: true, token });
    this.tokens = [...this.tokens.slice(-9), { lock, token }];
    this.use(section, 1 + Math.floor(this.setup.random() * 4));
  }

  /** Writes to what the lock guards. It believes to hold the lock, and may be wrong: that is what tokens are for. */
  private use(section: Section, writes: number): void {
    const { random, resource, deliver, holds } = this.setup;
    const { lock, session, token } = section;
    if (writes === 0) return this.release(section);
    const slow = random() < 0.1 ? 3000 : 100;
    deliver(random() * slow, () => resource(lock).write(clientOf(session), token, holds(lock, session, token)));
    this.later(random() * (random() < 0.1 ? 800 : 40), () => this.use(section, writes - 1));
  }

  private release(section: Section): void {
    const { lock, session, token } = section;
    const closes = this.setup.random() < 0.05;
    const client = clientOf(session);
    const process = this.record({ op: 'release', lock, client, token });
    const command = closes ? lockCommands.closeSession(session) : lockCommands.release({ session, lock, token });
    this.submit(command, (reply, error) => {
      const released = reply?.kind === 'released' || reply?.kind === 'done';
      // A session may be closed without holding anything any more, after an administrator took the lock: that answer says nothing of it.
      if (closes && released) this.lost(process, { op: 'release', lock, client, token });
      else if (reply !== undefined) this.returned(process, { op: 'release', released });
      else this.ended(process, error);
      if (error?.outcome === 'unknown' || closes || this.isOver(reply)) this.lose(session);
      else if (reply !== undefined) this.setup.book.trails.get(session)?.finish();
      else return this.later(50, () => this.release(section));
      this.think();
    });
  }

  private look(): void {
    const lock = pick(this.setup.locks, this.setup.random());
    const process = this.record({ op: 'holder', lock });
    this.query(lockQueries.lock(lock, 1), (reply, error) => {
      if (reply?.kind === 'lock') {
        const holder = reply.holders[0];
        const client = holder === undefined ? null : clientOf(holder.session);
        this.returned(process, { op: 'holder', client, token: holder?.token ?? null });
      } else this.ended(process, error);
      this.think();
    });
  }

  private check(): void {
    const seen = this.tokens.at(-1);
    if (seen === undefined) return this.think();
    const { lock, token } = seen;
    const process = this.record({ op: 'check', lock, token });
    const done = (reply: LockReply | undefined, error: ConsensusError | undefined): void => {
      if (reply?.kind === 'checked') this.returned(process, { op: 'check', valid: reply.valid });
      else this.ended(process, error);
      this.think();
    };
    if (this.setup.random() < 0.5) this.query(lockQueries.check(lock, token), done);
    else this.submit(lockCommands.check(lock, token), done);
  }

  private force(): void {
    const lock = pick(this.setup.locks, this.setup.random());
    const process = this.record({ op: 'expire', lock });
    this.submit(lockCommands.forceRelease({ lock, noDelay: true, by: this.setup.name, reason: 'a drill' }), (reply, error) => {
      if (reply?.kind === 'done') this.returned(process, { op: 'expire', released: true });
      else if (reply !== undefined) this.returned(process, { op: 'expire', released: false });
      else this.ended(process, error);
      this.think();
    });
  }

  private isOver(reply: LockReply | undefined): boolean {
    return reply?.kind === 'refused' && refusalOf(reply.code) === 'E_NO_SESSION';
  }

  private record(input: LockInput): number | undefined {
    const { history, isDelayed, name, book } = this.setup;
    return isDelayed(input.lock) ? undefined : history.call(input, `${name}, ${Math.round(book.nowMs())} ms`);
  }

  private returned(process: number | undefined, output: LockOutput): void {
    if (process !== undefined) this.setup.history.recorder.returned(process, output);
  }

  private failed(process: number | undefined): void {
    if (process !== undefined) this.setup.history.recorder.failed(process);
  }

  private lost(process: number | undefined, input: LockInput): void {
    if (process === undefined) return;
    this.setup.history.recorder.lost(process);
    const { book } = this.setup;
    book.unknown.push({ process, text: describeInput(input), calledMs: book.nowMs() });
  }

  /** A refusal changed nothing; what ended otherwise may have, or may still. */
  private ended(process: number | undefined, error: ConsensusError | undefined): void {
    if (process === undefined) return;
    if (error?.outcome === 'unknown') this.setup.history.recorder.lost(process);
    else this.failed(process);
  }

  private submit(command: Uint8Array, done: Told): void {
    const { client, host } = this.setup;
    client.submit(command, host.monotonicMs() + callMs, this.answered(done));
  }

  private query(query: Uint8Array, done: Told): void {
    const { client, host } = this.setup;
    client.query(query, { consistency: 'linearizable', deadlineMs: host.monotonicMs() + callMs }, this.answered(done));
  }

  private answered(done: Told): (error: ConsensusError | undefined, bytes: Uint8Array | undefined) => void {
    const { book } = this.setup;
    const calledMs = book.nowMs();
    book.pending += 1;
    return (error, bytes) => {
      book.pending -= 1;
      if (bytes !== undefined) book.successes.push(calledMs);
      done(bytes === undefined ? undefined : decodeLockReply(bytes), error);
    };
  }
}

type Told = (reply: LockReply | undefined, error: ConsensusError | undefined) => void;

/** Who holds a lock, in the words of the history. */
export function clientOf(session: number): string {
  return `s${session}`;
}

function pick<T>(list: readonly T[], draw: number): T {
  return list[Math.floor(draw * list.length)] as T;
}

function describeInput(input: LockInput): string {
  return `${input.op} ${input.lock}${'client' in input ? ` by ${input.client}` : ''}`;
}
