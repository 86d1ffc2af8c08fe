import {
  LockMode,
  type Acquire,
  type Cancel,
  type Checked,
  type CheckToken,
  type EndDelay,
  type ForceRelease,
  type Granted,
  type LockReply,
  type Proclaim,
  type Release,
  type WaitRecord,
} from '@quorate/codec-protobuf/lock';
import type { ApplySink, Stamp } from '@quorate/interface';
import type { ForceReleasedEvent } from '../lock-event.ts';
import { lockLimits } from '../lock-limits.ts';
import type { RefusalCode } from '../refusal.ts';
import type { SessionBook, SessionEnd, SessionOwner } from '../sessions/session-book.ts';
import type { LockTable } from './lock-table.ts';
import { isExclusive, LockUse, useOf, type Hold, type Lock } from './lock.ts';

/** The answer to a command, or why nothing was changed. */
export type Outcome = LockReply | RefusalCode;

const done: LockReply = { kind: 'done' };

/** The commands about locks, each of them whole: it is refused before it changes anything, or it settles what it changed. */
export class LockDesk implements SessionOwner {
  readonly table: LockTable;
  private readonly sessions: SessionBook;
  /** Of the command that is applied. */
  private stamp: Stamp = { clusterMs: 0, wallMs: 0, ordinal: 0, index: 0 };

  constructor(table: LockTable, sessions: SessionBook) {
    this.table = table;
    this.sessions = sessions;
    sessions.addOwner(this);
  }

  /** Before each command. */
  begin(stamp: Stamp): void {
    this.stamp = stamp;
  }

  acquire(command: Acquire, out: ApplySink): Outcome {
    const problem = this.problemOf(command);
    if (problem !== undefined) return problem;
    const { table, stamp } = this;
    const { session, request, mode } = command;
    const lock = table.get(command.lock);
    const party = table.party(session);
    if (lock !== undefined && party?.locks.has(lock) === true) {
      const known = this.known(lock, session, request);
      if (known !== undefined) return known;
    }
    if (party?.isOver(request) === true) return 'E_REQUEST_OVER';
    if (table.claims >= lockLimits.claims) return 'E_TOO_MANY_CLAIMS';
    if (lock !== undefined && lock.use !== LockUse.semaphore && party?.locks.has(lock) === true) {
      const hold = lock.holdOf(session);
      return hold === undefined ? 'E_ALREADY_WAITING' : this.enterAgain(lock, hold, command, out);
    }
    if (lock === undefined && table.size >= lockLimits.locks) return 'E_TOO_MANY_LOCKS';
    const free = lock === undefined || (lock.waits.length === 0 && lock.admits(mode));
    if (!free && !command.wait) return 'E_LOCK_HELD';
    if (!free && lock.waits.length >= lockLimits.waiters) return 'E_TOO_MANY_WAITERS';
    const changed = table.changeOrAdd(command.lock, useOf(mode) ?? LockUse.lock, command.permits);
    const { delayMs } = command;
    // The command's bytes are shared, and only its own.
    const wait: WaitRecord = {
      session,
      request,
      mode,
      delayMs,
      sinceMs: stamp.clusterMs,
      metadata: command.metadata.slice(),
    };
    if (!free) {
      table.enqueue(changed, wait);
      return { kind: 'queued', ahead: changed.waits.length - 1 };
    }
    const hold = table.grant(changed, wait, { waited: false, stamp }, out);
    table.settle(changed, stamp, out);
    return granted(hold);
  }

  /** What is wrong with an acquire, whoever holds the lock. */
  private problemOf({ session, lock: name, request, mode, permits, delayMs, metadata }: Acquire): RefusalCode | undefined {
    const use = useOf(mode);
    if (use === undefined) return 'E_MALFORMED';
    if (request < 1) return 'E_REQUEST';
    if (name.length === 0 || name.length > lockLimits.nameLength) return 'E_NAME';
    if (metadata.length > lockLimits.metadataBytes) return 'E_METADATA';
    if (delayMs > lockLimits.maxDelayMs) return 'E_DELAY';
    if (use === LockUse.semaphore ? permits < 1 || permits > lockLimits.holders : permits !== 0) return 'E_PERMITS';
    if (this.sessions.get(session) === undefined) return 'E_NO_SESSION';
    const lock = this.table.get(name);
    if (lock === undefined) return undefined;
    if (lock.use !== use) return 'E_LOCK_USE';
    return lock.permits === permits ? undefined : 'E_PERMITS_DIFFER';
  }

  /** The state of a request that was seen before. */
  private known(lock: Lock, session: number, request: number): LockReply | undefined {
    const hold = lock.holdOfRequest(session, request);
    if (hold !== undefined) return granted(hold);
    const ahead = lock.placeOf(session, request);
    return ahead < 0 ? undefined : { kind: 'queued', ahead };
  }

  /** A session that holds the lock asks again: never a wait, for it would wait for itself. */
  private enterAgain(lock: Lock, hold: Hold, command: Acquire, out: ApplySink): Outcome {
    if (hold.shares.length >= lockLimits.shares) return 'E_TOO_MANY_SHARES';
    const upgrade = command.mode === LockMode.EXCLUSIVE && !isExclusive(hold, lock.use);
    // Two readers that waited for each other to leave would wait for ever.
    if (upgrade && lock.holds.length > 1) return 'E_UPGRADE';
    this.table.change(lock.name);
    this.table.share(lock, hold, command, upgrade ? this.stamp : undefined, out);
    return granted(hold);
  }

  cancel({ session, lock: name, request }: Cancel, out: ApplySink): Outcome {
    if (this.sessions.get(session) === undefined) return 'E_NO_SESSION';
    if (request < 1) return 'E_REQUEST';
    const { table } = this;
    const hold = table.get(name)?.holdOfRequest(session, request);
    if (hold !== undefined) return granted(hold);
    // Also where it was never seen: what was given up must not begin when it arrives late.
    if (table.party(session)?.isOver(request) !== true) table.finish(session, [request], false);
    const lock = table.change(name);
    const place = lock?.placeOf(session, request) ?? -1;
    if (lock === undefined || place < 0) return done;
    table.endWait(lock, place, 'cancelled', out);
    table.settle(lock, this.stamp, out);
    return done;
  }

  release({ session, lock: name, token, request }: Release, out: ApplySink): Outcome {
    if (this.sessions.get(session) === undefined) return 'E_NO_SESSION';
    const { table } = this;
    const found = table.get(name)?.holds.find((one) => !one.dead && one.session === session && releases(one, token, request));
    if (found === undefined) {
      // A retry of what was done.
      const again = request > 0 && table.party(session)?.endOf(request)?.released === true;
      if (!again) return 'E_NOT_HELD';
      return { kind: 'released', remaining: table.get(name)?.holdOf(session)?.shares.length ?? 0 };
    }
    const lock = table.change(name) as Lock;
    const gone = found.shares.filter((share) => request === 0 || share.request === request);
    table.finish(
      session,
      gone.map((share) => share.request),
      true,
    );
    const left = found.shares.filter((share) => !gone.includes(share));
    if (left.length > 0) table.keepShares(found, left);
    else table.endHold(lock, found, { cause: 'released', delayed: false }, out);
    table.settle(lock, this.stamp, out);
    return { kind: 'released', remaining: left.length };
  }

  forceRelease({ lock: name, token, noDelay, by, reason }: ForceRelease, out: ApplySink): Outcome {
    const { table } = this;
    if (by.length > lockLimits.nameLength || reason.length > lockLimits.metadataBytes) return 'E_NAME';
    const meant = (hold: Hold): boolean => (token === 0 || hold.token === token) && (!hold.dead || noDelay);
    const targets = table.get(name)?.holds.filter(meant) ?? [];
    if (targets.length === 0) return 'E_NOT_HELD';
    const lock = table.change(name) as Lock;
    const holders = targets.map((hold) => ({ session: hold.session, token: hold.token }));
    out.emit({ type: 'force-released', lock: name, holders, by, reason } satisfies ForceReleasedEvent);
    for (const hold of targets) {
      if (hold.dead) {
        table.endDelay(lock, hold, out);
        continue;
      }
      table.finish(
        hold.session,
        hold.shares.map(({ request }) => request),
        false,
      );
      table.endHold(lock, hold, { cause: 'forced', delayed: !noDelay }, out);
    }
    table.settle(lock, this.stamp, out);
    return done;
  }

  endDelay({ lock: name, token }: EndDelay, out: ApplySink): Outcome {
    const { table } = this;
    const hold = table.get(name)?.holds.find((one) => one.dead && one.token === token);
    if (hold === undefined) return 'E_NOT_HELD';
    const lock = table.change(name) as Lock;
    table.endDelay(lock, hold, out);
    table.settle(lock, this.stamp, out);
    return done;
  }

  proclaim({ session, lock: name, token, value }: Proclaim, out: ApplySink): Outcome {
    if (this.sessions.get(session) === undefined) return 'E_NO_SESSION';
    if (value.length > lockLimits.metadataBytes) return 'E_METADATA';
    const { table } = this;
    const known = table.get(name);
    if (known !== undefined && known.use !== LockUse.election) return 'E_LOCK_USE';
    const leader = known?.leader();
    if (known === undefined || leader?.session !== session || leader.token !== token) return 'E_NOT_HELD';
    table.change(name);
    leader.metadata = value.slice();
    table.tellLeader(known, out);
    return done;
  }

  check({ lock, token }: CheckToken): Checked {
    const live = this.table.get(lock)?.holds.filter(({ dead }) => !dead) ?? [];
    const hold = live.find((one) => one.token === token);
    const newest = live.reduce((highest, one) => Math.max(highest, one.token), 0);
    return { kind: 'checked', valid: hold !== undefined, session: hold?.session ?? 0, newest };
  }

  sessionEnded(session: number, cause: SessionEnd, out: ApplySink): void {
    const { table, stamp } = this;
    const names = [...(table.party(session)?.locks ?? [])].map(({ name }) => name);
    table.dropParty(session);
    // By name, not in the order of an index that a restored member may have built otherwise.
    for (const name of names.sort(byUnits)) {
      const lock = table.change(name) as Lock;
      const waits = lock.waits.filter((wait) => wait.session === session);
      for (const wait of waits) table.endWait(lock, lock.waits.indexOf(wait), cause, out);
      const holds = lock.holds.filter((hold) => hold.session === session && !hold.dead);
      for (const hold of holds) table.endHold(lock, hold, { cause, delayed: cause === 'expired' }, out);
      table.settle(lock, stamp, out);
    }
  }
}

function granted({ token, shares }: Hold): Granted {
  return { kind: 'granted', token, count: shares.length };
}

/** Whether a release means this grant: by its newest token, or by a request with the token that it was given. */
function releases(hold: Hold, token: number, request: number): boolean {
  if (request === 0) return hold.token === token;
  return hold.shares.some((share) => share.request === request && (share.token === token || hold.token === token));
}

/** The order of UTF-16 units: the same everywhere. */
export function byUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
