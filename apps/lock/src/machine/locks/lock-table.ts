import {
  LockMode,
  type Acquire,
  type FinishedRecord,
  type NameRecord,
  type ShareRecord,
  type WaitRecord,
} from '@quorate/codec-protobuf/lock';
import { at, type ApplySink, type Stamp } from '@quorate/interface';
import type { DelayEndedEvent, ElectionEvent, GrantedEvent, LockEndCause, ReleasedEvent, WaitEndedEvent } from '../lock-event.ts';
import type { Moments } from '../moments.ts';
import { Lock, LockUse, type Hold } from './lock.ts';
import { Party } from './party.ts';

const noBytes = new Uint8Array(0);

/** Where the leader's clock is told of delays, while this member has a tenure. */
export interface DelayClock {
  /** The lock stays taken after the death of the holder with this token. */
  delayBegan(lock: string, token: number, delayMs: number): void;
  delayEnded(token: number): void;
}

/**
 * All names in use, and the fencing token. What may happen to a lock in one place: begin (which touches it), changes, and `settle`
 * at last, which gives it to whoever may have it now and forgets it where nobody wants it.
 */
export class LockTable {
  clock: DelayClock | undefined;
  /** Of the newest grant; it never falls, whatever becomes of locks and logs. */
  token = 0;
  /** Requests that hold, those of the dead too, or wait. */
  claims = 0;
  private readonly locks = new Map<string, Lock>();
  private readonly parties = new Map<number, Party>();
  private readonly moments: Moments;

  constructor(moments: Moments) {
    this.moments = moments;
  }

  get size(): number {
    return this.locks.size;
  }

  get(name: string): Lock | undefined {
    return this.locks.get(name);
  }

  /** In the order in which they came into use. */
  all(): Iterable<Lock> {
    return this.locks.values();
  }

  party(session: number): Party | undefined {
    return this.parties.get(session);
  }

  /** The lock of a name, to be changed, if it is in use. */
  change(name: string): Lock | undefined {
    const lock = this.locks.get(name);
    if (lock !== undefined) this.moments.touch(lock);
    return lock;
  }

  /** The lock of a name, to be changed; a new one where it is not in use. */
  changeOrAdd(name: string, use: number, permits: number): Lock {
    const known = this.change(name);
    if (known !== undefined) return known;
    const lock = new Lock(this.moments.begun, { name, use, permits });
    this.locks.set(name, lock);
    return lock;
  }

  private partyOf(session: number): Party {
    let party = this.parties.get(session);
    if (party === undefined) {
      party = new Party(this.moments.begun, session);
      this.parties.set(session, party);
    }
    return party;
  }

  /** Notes that requests are over, so that late copies of them do not begin again. */
  finish(session: number, requests: readonly number[], released: boolean): void {
    const party = this.partyOf(session);
    this.moments.touch(party);
    party.finish(requests, released);
  }

  /** A new fencing token: above all before it, also where one command grants many times. */
  private mint(stamp: Stamp): number {
    this.token = Math.max(this.token + 1, stamp.ordinal);
    return this.token;
  }

  /** Gives the lock to a request, under a token of its own. */
  grant(lock: Lock, wait: WaitRecord, how: { readonly waited: boolean; readonly stamp: Stamp }, out: ApplySink): Hold {
    const { session, request, mode, delayMs, metadata } = wait;
    const token = this.mint(how.stamp);
    const hold: Hold = {
      session,
      token,
      shares: [{ request, token, mode }],
      dead: false,
      delayMs,
      sinceMs: how.stamp.clusterMs,
      metadata,
    };
    lock.holds.push(hold);
    this.claims += 1;
    this.partyOf(session).locks.add(lock);
    out.emit({ type: 'granted', lock: lock.name, session, request, token, waited: how.waited } satisfies GrantedEvent);
    return hold;
  }

  /** Another request of the same session joins a grant; `upgrade`: as a writer where it was a reader, which is a grant of its own. */
  share(lock: Lock, hold: Hold, command: Acquire, upgrade: Stamp | undefined, out: ApplySink): void {
    const { request, mode, delayMs } = command;
    if (upgrade !== undefined) hold.token = this.mint(upgrade);
    hold.shares = [...hold.shares, { request, token: hold.token, mode }];
    this.claims += 1;
    hold.delayMs = Math.max(hold.delayMs, delayMs);
    if (upgrade === undefined) return;
    const { session, token } = hold;
    out.emit({ type: 'granted', lock: lock.name, session, request, token, waited: false } satisfies GrantedEvent);
  }

  /** The session goes on to hold the lock, with fewer requests. */
  keepShares(hold: Hold, left: readonly ShareRecord[]): void {
    this.claims -= hold.shares.length - left.length;
    hold.shares = left;
  }

  /** Puts a request at the end of the queue. */
  enqueue(lock: Lock, wait: WaitRecord): void {
    lock.waits.push(wait);
    this.claims += 1;
    this.partyOf(wait.session).locks.add(lock);
  }

  /** Takes the request at a place out of the queue, without a grant. */
  endWait(lock: Lock, place: number, cause: WaitEndedEvent['cause'], out: ApplySink): void {
    const { session, request } = at(lock.waits, place);
    lock.waits.splice(place, 1);
    this.claims -= 1;
    this.unlink(lock, session);
    out.emit({ type: 'wait-ended', lock: lock.name, session, request, cause } satisfies WaitEndedEvent);
  }

  /** Ends a grant; `delayed`: the lock stays taken for its delay. */
  endHold(
    lock: Lock,
    hold: Hold,
    how: { readonly cause: Exclude<LockEndCause, 'cancelled'>; readonly delayed: boolean },
    out: ApplySink,
  ): void {
    const { session, token } = hold;
    const delayMs = how.delayed ? hold.delayMs : 0;
    if (delayMs > 0) {
      hold.dead = true;
      hold.metadata = noBytes;
      this.clock?.delayBegan(lock.name, token, delayMs);
    } else this.remove(lock, hold);
    this.unlink(lock, session);
    out.emit({ type: 'released', lock: lock.name, session, token, cause: how.cause, delayMs } satisfies ReleasedEvent);
  }

  /** The delay of a dead holder is over. */
  endDelay(lock: Lock, hold: Hold, out: ApplySink): void {
    this.remove(lock, hold);
    this.clock?.delayEnded(hold.token);
    out.emit({ type: 'delay-ended', lock: lock.name, token: hold.token } satisfies DelayEndedEvent);
  }

  private remove(lock: Lock, hold: Hold): void {
    lock.holds.splice(lock.holds.indexOf(hold), 1);
    this.claims -= hold.shares.length;
  }

  private unlink(lock: Lock, session: number): void {
    if (!lock.hasClaimOf(session)) this.parties.get(session)?.locks.delete(lock);
  }

  /** Ends every change of a lock: grants in the order of the queue, tells of a new leader, forgets what nobody uses. */
  settle(lock: Lock, stamp: Stamp, out: ApplySink): void {
    let granted = 0;
    for (let wait = lock.waits[0]; wait !== undefined && lock.admits(wait.mode); wait = lock.waits[granted]) {
      this.grant(lock, wait, { waited: true, stamp }, out);
      granted += 1;
    }
    if (granted > 0) {
      lock.waits.splice(0, granted);
      this.claims -= granted;
    }
    if (lock.use === LockUse.election) this.announce(lock, out);
    if (lock.idle) this.locks.delete(lock.name);
  }

  private announce(lock: Lock, out: ApplySink): void {
    const leader = lock.leader();
    const token = leader?.token ?? 0;
    if (token === lock.announced) return;
    lock.announced = token;
    this.tellLeader(lock, out);
  }

  /** Tells who leads an election, with which value. */
  tellLeader(lock: Lock, out: ApplySink): void {
    const { session = 0, token = 0, metadata = noBytes } = lock.leader() ?? {};
    out.emit({ type: 'election', lock: lock.name, session, token, value: metadata.slice() } satisfies ElectionEvent);
  }

  /** Everything of a session is over: it is forgotten once its locks are settled. */
  dropParty(session: number): void {
    const party = this.parties.get(session);
    if (party === undefined) return;
    this.moments.touch(party);
    this.parties.delete(session);
  }

  /** A lock of a snapshot. False: it cannot be. */
  restoreLock(record: NameRecord): boolean {
    const { name, use, permits } = record;
    if (this.locks.has(name) || record.holds.length + record.waits.length === 0) return false;
    const lock = new Lock(this.moments.begun, { name, use, permits });
    this.locks.set(name, lock);
    for (const hold of record.holds) {
      if (hold.token < 1 || hold.token > this.token || hold.shares.length === 0) return false;
      lock.holds.push({ ...hold, metadata: hold.metadata.slice() });
      this.claims += hold.shares.length;
      if (!hold.dead) this.partyOf(hold.session).locks.add(lock);
    }
    for (const wait of record.waits) {
      lock.waits.push({ ...wait, metadata: wait.metadata.slice() });
      this.partyOf(wait.session).locks.add(lock);
    }
    this.claims += lock.waits.length;
    if (use === LockUse.election) lock.announced = lock.leader()?.token ?? 0;
    return use <= LockUse.election && canStand(lock);
  }

  /** What a snapshot knows of a session's finished requests. False: it cannot be. */
  restoreFinished({ session, requests, forgotten }: FinishedRecord): boolean {
    const party = this.partyOf(session);
    if (party.remembers) return false;
    party.restore(requests, forgotten);
    return party.remembers;
  }

  /** The sessions that own something. */
  owners(): Iterable<number> {
    return this.parties.keys();
  }
}

/** Whether holders of a restored lock may hold it together. */
function canStand(lock: Lock): boolean {
  if (lock.holds.length < 2) return true;
  if (lock.use === LockUse.semaphore) return lock.holds.length <= lock.permits;
  const shared = ({ mode }: ShareRecord): boolean => mode === LockMode.SHARED;
  return lock.use === LockUse.lock && lock.holds.every(({ shares }) => shares.every(shared));
}
