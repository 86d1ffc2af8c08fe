import { lockCommandCodec } from '@quorate/codec-protobuf/lock';
import type { Acquire, Cancel, LockCommand, Release } from '@quorate/codec-protobuf/lock';
import type { Index, Stamp } from '@quorate/interface';
import { FinishedRequests } from './finished-requests.ts';
import { admits, holdOf, isAlone, isExclusive, useOf } from './replayed-lock.ts';
import type { ReplayedHold, ReplayedLock } from './replayed-lock.ts';

/** What a command about a request is to be answered. `count`: of requests that share the grant, then or still. */
export interface ReplayedAnswer {
  readonly reply: 'granted' | 'queued' | 'held' | 'refused' | 'cancelled' | 'released';
  /** Of a grant; else 0. */
  readonly token: number;
  readonly count: number;
}

/** What the replay tells as it goes. */
export interface ReplayListener {
  sessionOpened(session: number, ttlMs: number): void;
  renewed(session: number): void;
  sessionEnded(session: number, cause: 'closed' | 'expired'): void;
  died(lock: string, token: number, delayMs: number): void;
  delayEnded(lock: string, token: number): void;
  /** `beside`: how many others hold it as well. */
  granted(how: { readonly waited: boolean; readonly use: ReplayedLock['use']; readonly beside: number }): void;
  /** Another request of a holder shares its grant; `upgraded`: as the writer, where it was a reader. */
  entered(upgraded: boolean): void;
  /** A request came again, and was known. */
  repeated(): void;
  cancelled(): void;
  forced(): void;
}

interface ReplayedSession {
  /** The ordinal of its last renewal. */
  renewal: number;
  readonly finished: FinishedRequests;
}

const refused: ReplayedAnswer = { reply: 'refused', token: 0, count: 0 };

/**
 * The lock service once more, from its description: what the delivered commands mean for locks, semaphores and elections, in the order of
 * the log. Shares no code with the state machine under test; what clients were told is compared with it.
 */
export class LockReplay {
  readonly problems: string[] = [];
  private readonly locks = new Map<string, ReplayedLock>();
  private readonly sessions = new Map<number, ReplayedSession>();
  private readonly answers = new Map<string, ReplayedAnswer[]>();
  private readonly tokens = new Map<string, number>();
  private readonly listener: ReplayListener;
  private token = 0;
  private ordinal = 0;
  private applied: Index = 0;

  constructor(listener: ReplayListener) {
    this.listener = listener;
  }

  /** The first time that any member delivers an entry. Later deliveries of it are nothing new. */
  delivered(bytes: Uint8Array, { index, ordinal }: Stamp): void {
    if (index <= this.applied) return;
    this.applied = index;
    this.ordinal = ordinal;
    const command = lockCommandCodec.decode(bytes);
    if (command === undefined) this.problems.push(`entry ${index} is no command of a lock service`);
    else this.run(command);
  }

  /** Living holders, the oldest grant first. */
  holdersOf(lock: string): readonly ReplayedHold[] {
    return this.locks.get(lock)?.holds.filter(({ dead }) => !dead) ?? [];
  }

  /** Sessions, and delays after the death of a holder, that are not over: each of them ends if nobody renews anything. */
  get lasting(): number {
    let delays = 0;
    for (const { holds } of this.locks.values()) for (const { dead } of holds) delays += dead ? 1 : 0;
    return this.sessions.size + delays;
  }

  /** What the commands about a request are answered, in the order of the log. */
  answersTo(session: number, request: number): readonly ReplayedAnswer[] {
    return this.answers.get(claimOf(session, request)) ?? [];
  }

  /** The token under which a request was granted; 0: it was not. */
  tokenOf(session: number, request: number): number {
    return this.tokens.get(claimOf(session, request)) ?? 0;
  }

  private run(command: LockCommand): void {
    switch (command.kind) {
      case 'open-session':
        this.sessions.set(this.ordinal, { renewal: this.ordinal, finished: new FinishedRequests() });
        return this.listener.sessionOpened(this.ordinal, command.ttlMs);
      case 'keep-alive':
        for (const session of command.sessions) this.renew(session);
        return;
      case 'close-session':
        return this.end(command.session, 'closed');
      case 'expire-session':
        if (this.sessions.get(command.session)?.renewal === command.renewal) this.end(command.session, 'expired');
        return;
      case 'acquire':
        return this.answer(command.session, command.request, this.acquire(command));
      case 'cancel':
        return this.answer(command.session, command.request, this.cancel(command));
      case 'release':
        return this.answer(command.session, command.request, this.release(command));
      case 'force-release':
        return this.force(command.lock);
      case 'end-delay':
        return this.endDelay(command.lock, command.token);
      default:
        return;
    }
  }

  private answer(session: number, request: number, answer: ReplayedAnswer): void {
    const claim = claimOf(session, request);
    const known = this.answers.get(claim);
    if (known === undefined) this.answers.set(claim, [answer]);
    else known.push(answer);
  }

  private renew(session: number): void {
    const known = this.sessions.get(session);
    if (known === undefined) return;
    known.renewal = this.ordinal;
    this.listener.renewed(session);
  }

  private acquire(command: Acquire): ReplayedAnswer {
    const { session, request, lock: name, permits } = command;
    const owner = this.sessions.get(session);
    let lock = this.locks.get(name);
    if (owner === undefined || (lock !== undefined && (lock.use !== useOf(command) || lock.permits !== permits))) return refused;
    const known = lock === undefined ? undefined : holdOf(lock, session, request);
    const waits = lock?.waits.some((wait) => wait.session === session && wait.request === request) === true;
    if (known !== undefined || waits) this.listener.repeated();
    if (known !== undefined) return granted(known);
    if (waits) return { reply: 'queued', token: 0, count: 0 };
    if (owner.finished.isOver(request)) return refused;
    if (lock !== undefined && lock.use !== 'semaphore') {
      const mine = holdOf(lock, session);
      if (mine !== undefined) return this.enterAgain(lock, mine, command);
      if (lock.waits.some((wait) => wait.session === session)) return refused;
    }
    const free = lock === undefined || (lock.waits.length === 0 && admits(lock, command));
    if (!free && !command.wait) return { reply: 'held', token: 0, count: 0 };
    if (lock === undefined) this.locks.set(name, (lock = { name, use: useOf(command), permits, holds: [], waits: [] }));
    if (free) return granted(this.grant(lock, command, false));
    lock.waits = [...lock.waits, command];
    return { reply: 'queued', token: 0, count: 0 };
  }

  private enterAgain(lock: ReplayedLock, hold: ReplayedHold, command: Acquire): ReplayedAnswer {
    const { session, request, delayMs } = command;
    const exclusive = isAlone(command);
    const upgraded = exclusive && !isExclusive(hold);
    if (upgraded && lock.holds.length > 1) return refused;
    const token = upgraded ? this.mint() : hold.token;
    const shares = [...hold.shares, { request, token, exclusive }];
    const entered = { ...hold, token, shares, delayMs: Math.max(hold.delayMs, delayMs) };
    this.put(lock, hold, entered);
    this.tokens.set(claimOf(session, request), token);
    this.listener.entered(upgraded);
    return granted(entered);
  }

  private grant(lock: ReplayedLock, command: Acquire, waited: boolean): ReplayedHold {
    const { session, request, delayMs } = command;
    const token = this.mint();
    const shares = [{ request, token, exclusive: isAlone(command) }];
    const hold = { session, token, shares, delayMs, dead: false };
    lock.holds = [...lock.holds, hold];
    this.tokens.set(claimOf(session, request), token);
    this.listener.granted({ waited, use: lock.use, beside: lock.holds.length - 1 });
    return hold;
  }

  // A fencing token: above all tokens before, and at least the ordinal of the entry that grants.
  private mint(): number {
    this.token = Math.max(this.token + 1, this.ordinal);
    return this.token;
  }

  private cancel({ session, lock: name, request }: Cancel): ReplayedAnswer {
    const owner = this.sessions.get(session);
    if (owner === undefined) return refused;
    const lock = this.locks.get(name);
    const hold = lock === undefined ? undefined : holdOf(lock, session, request);
    if (hold !== undefined) return granted(hold);
    if (!owner.finished.isOver(request)) owner.finished.finish([request], false);
    if (lock !== undefined) {
      const left = lock.waits.filter((wait) => wait.session !== session || wait.request !== request);
      if (left.length < lock.waits.length) this.listener.cancelled();
      lock.waits = left;
      this.settle(lock);
    }
    return { reply: 'cancelled', token: 0, count: 0 };
  }

  private release({ session, lock: name, token, request }: Release): ReplayedAnswer {
    const owner = this.sessions.get(session);
    if (owner === undefined) return refused;
    const lock = this.locks.get(name);
    const meant = lock?.holds.find((hold) => hold.session === session && !hold.dead && isMeant(hold, token, request));
    if (lock === undefined || meant === undefined) {
      const count = lock === undefined ? 0 : (holdOf(lock, session)?.shares.length ?? 0);
      return request > 0 && owner.finished.wasReleased(request) ? { reply: 'released', token: 0, count } : refused;
    }
    const left = meant.shares.filter((share) => request !== 0 && share.request !== request);
    const gone = meant.shares.filter((share) => !left.includes(share));
    owner.finished.finish(
      gone.map((share) => share.request),
      true,
    );
    this.put(lock, meant, left.length === 0 ? undefined : { ...meant, shares: left });
    this.settle(lock);
    return { reply: 'released', token: 0, count: left.length };
  }

  private end(session: number, cause: 'closed' | 'expired'): void {
    if (!this.sessions.delete(session)) return;
    this.listener.sessionEnded(session, cause);
    // By name: the tokens of those who are woken depend on it.
    for (const name of [...this.locks.keys()].sort()) {
      const lock = this.locks.get(name);
      if (lock === undefined) continue;
      lock.waits = lock.waits.filter((wait) => wait.session !== session);
      for (const hold of lock.holds) {
        if (hold.session !== session || hold.dead) continue;
        const stays = cause === 'expired' && hold.delayMs > 0;
        this.put(lock, hold, stays ? { ...hold, dead: true } : undefined);
        if (stays) this.listener.died(name, hold.token, hold.delayMs);
      }
      this.settle(lock);
    }
  }

  /** Of everybody, the dead too: administrators of this workload leave no delays. */
  private force(name: string): void {
    const lock = this.locks.get(name);
    if (lock === undefined || lock.holds.length === 0) return;
    this.listener.forced();
    for (const { dead, session, shares } of lock.holds) {
      if (dead) continue;
      this.sessions.get(session)?.finished.finish(
        shares.map(({ request }) => request),
        false,
      );
    }
    lock.holds = [];
    this.settle(lock);
  }

  private endDelay(name: string, token: number): void {
    const lock = this.locks.get(name);
    const hold = lock?.holds.find((one) => one.dead && one.token === token);
    if (lock === undefined || hold === undefined) return;
    this.listener.delayEnded(name, token);
    this.put(lock, hold, undefined);
    this.settle(lock);
  }

  private put(lock: ReplayedLock, hold: ReplayedHold, changed: ReplayedHold | undefined): void {
    lock.holds = lock.holds.flatMap((one) => (one !== hold ? [one] : changed === undefined ? [] : [changed]));
  }

  /** First come, first served; and what nobody uses has no use. */
  private settle(lock: ReplayedLock): void {
    for (let [first] = lock.waits; first !== undefined && admits(lock, first); [first] = lock.waits) {
      lock.waits = lock.waits.slice(1);
      this.grant(lock, first, true);
    }
    if (lock.holds.length + lock.waits.length === 0) this.locks.delete(lock.name);
  }
}

function granted({ token, shares }: ReplayedHold): ReplayedAnswer {
  return { reply: 'granted', token, count: shares.length };
}

function isMeant(hold: ReplayedHold, token: number, request: number): boolean {
  if (request === 0) return hold.token === token;
  return hold.shares.some((share) => share.request === request && (share.token === token || hold.token === token));
}

function claimOf(session: number, request: number): string {
  return `${session}/${request}`;
}
