import type { LeaderInfo, ListLocks, LockInfo, LockList, SessionInfo } from '@quorate/codec-protobuf/lock';
import { lockLimits } from '../lock-limits.ts';
import type { Session } from '../sessions/session.ts';
import { byUnits } from './lock-desk.ts';
import type { LockTable } from './lock-table.ts';
import { isExclusive, LockUse, type Hold, type Lock } from './lock.ts';
import { LockMode } from '@quorate/codec-protobuf/lock';

const noBytes = new Uint8Array(0);

/** How many of each an answer lists. */
interface Extent {
  readonly holders: number;
  readonly waiters: number;
}

/** One lock; an empty answer where nobody uses the name. */
export function describeLock(name: string, lock: Lock | undefined, extent: Extent): LockInfo {
  const { holds = [], waits = [], permits = 0 } = lock ?? {};
  const living = holds.filter(({ dead }) => !dead);
  return {
    kind: 'lock',
    name,
    permits,
    holders: living.slice(0, extent.holders).map((hold) => describeHold(hold, lock?.use ?? LockUse.lock)),
    waiters: waits.slice(0, extent.waiters).map(({ session, request, mode, sinceMs, metadata }) => ({
      session,
      request,
      mode,
      sinceMs,
      metadata,
    })),
    delays: holds
      .filter(({ dead }) => dead)
      .slice(0, extent.holders)
      .map(({ session, token, delayMs }) => ({ session, token, delayMs })),
    holding: living.length,
    waiting: waits.length,
  };
}

function describeHold(hold: Hold, use: number): LockInfo['holders'][number] {
  const { session, token, shares, delayMs, sinceMs, metadata } = hold;
  return { session, token, mode: modeOf(hold, use), count: shares.length, delayMs, sinceMs, metadata };
}

function modeOf(hold: Hold, use: number): number {
  if (use === LockUse.semaphore) return LockMode.PERMIT;
  if (use === LockUse.election) return LockMode.CAMPAIGN;
  return isExclusive(hold, use) ? LockMode.EXCLUSIVE : LockMode.SHARED;
}

/** A page of locks, by name, without waiters. */
export function listLocks(table: LockTable, { prefix, after, limit }: ListLocks): LockList {
  const names: string[] = [];
  for (const { name } of table.all()) if (name.startsWith(prefix) && name > after) names.push(name);
  names.sort(byUnits);
  const most = pageOf(limit);
  return {
    kind: 'list',
    locks: names
      .slice(0, most)
      .map((name) => describeLock(name, table.get(name), { holders: lockLimits.listedHolders, waiters: 0 })),
    more: names.length > most,
  };
}

/** A session with the names of its locks, each list in order. */
export function describeSession(session: Session, table: LockTable): SessionInfo {
  const { id, ttlMs, name, metadata } = session;
  const locks = [...(table.party(id)?.locks ?? [])].sort((a, b) => byUnits(a.name, b.name));
  const holds = locks.filter((lock) => lock.holdOf(id) !== undefined).map((lock) => lock.name);
  const waits = locks.filter((lock) => lock.waits.some((wait) => wait.session === id)).map((lock) => lock.name);
  return { kind: 'session', session: id, ttlMs, name, metadata, holds, waits };
}

/** Who leads an election; session 0 where nobody does, or the name is no election. */
export function describeLeader(lock: Lock | undefined): LeaderInfo {
  const leader = lock?.use === LockUse.election ? lock.leader() : undefined;
  return { kind: 'leader', session: leader?.session ?? 0, token: leader?.token ?? 0, value: leader?.metadata ?? noBytes };
}

/** A limit as it counts: 0 and more than the most are the most. */
export function pageOf(limit: number): number {
  return limit === 0 ? lockLimits.listed : Math.min(limit, lockLimits.listed);
}
