import { at, invariant, lastOf, payloadBytes, placeEntries } from '@quorate/interface';
import type { EntryBatch, Index, ProposalRun } from '@quorate/interface';
import { quorumIndex } from '@quorate/quorum';
import { appendEntries } from './durability.ts';
import { collectEntries, epochAt, firstCached, firstIndexOf, offsetAfter, zxidAt } from './log.ts';
import type { Ack } from './messages.ts';
import { addInflight, isStreaming, releaseInflight, windowRoom } from './progress.ts';
import type { Peer } from './progress.ts';
import { endLink } from './relations.ts';
import { advanceCommit, noEntries, queueSend } from './state.ts';
import type { PendingSend, ZabState } from './state.ts';
import { sendNewLeader, sendUpToDate } from './synchronization.ts';

/** Z9: gives a run of commands the next zxids, or refuses it as a whole. The cost does not depend on the number of commands. */
export function onPropose(state: ZabState, run: ProposalRun): void {
  if (run.count === 0) return;
  const { firstId: first, count } = run;
  const { log, out, options } = state;
  const uncommitted = log.endOffset - state.commitOffset;
  const counter = log.lastEpoch === state.currentEpoch ? log.lastIndex - firstOfEpoch(state) + 1 : 0;
  if (state.role !== 'leading') out.rejected.push({ first, count, reason: 'not-leader' });
  // Z7, the barrier: no client txn before a quorum has acknowledged NEWLEADER.
  else if (state.phase !== 'broadcast') out.rejected.push({ first, count, reason: 'not-ready' });
  else if (state.transferTarget !== 0) out.rejected.push({ first, count, reason: 'transferring' });
  // Z15: never a wrapped counter. The next leader begins a new epoch.
  else if (counter + count > options.counterLimit) {
    state.rollsOver = counter > 0;
    out.rejected.push({ first, count, reason: 'not-ready' });
  }
  // A run alone may exceed the limit, or it could never be proposed.
  else if (uncommitted > 0 && uncommitted + payloadBytes(run) > state.limits.uncommittedBytes)
    out.rejected.push({ first, count, reason: 'overloaded' });
  else {
    const epoch = counter > 0 ? lastEpoch(state) : { round: state.currentEpoch, owner: 0 };
    const batch = placeEntries(run, log.lastIndex + 1, epoch, 'command');
    const told = { first, count, index: batch.first, epoch };
    if (out.appended.length === 0) out.appended = [told];
    else out.appended.push(told);
    appendEntries(state, batch);
  }
}

function lastEpoch(state: ZabState): EntryBatch['epoch'] {
  const { batches } = state.log;
  return batches.length > state.log.head ? at(batches, batches.length - 1).epoch : { round: state.currentEpoch, owner: 0 };
}

/** Where our own epoch begins in the history; the next index where it has no txn yet. */
function firstOfEpoch({ log, currentEpoch }: ZabState): Index {
  return firstIndexOf(log, currentEpoch) ?? log.lastIndex + 1;
}

/** Z11: everything up to the largest index that a quorum holds durably. Histories are prefixes of ours, so that counting is enough. */
export function maybeCommit(state: ZabState): void {
  if (state.commitChecked || state.phase !== 'broadcast') return;
  state.commitChecked = true;
  const { self, peerById, durableIndex } = state;
  const index = quorumIndex(state.quorum, (id) => (id === self ? durableIndex : (peerById.get(id)?.acked ?? 0)));
  if (index > state.commitIndex) advanceCommit(state, index, offsetAfter(state.log, index));
}

/** Z11: acknowledgements of one follower are consecutive within its link, and name only what it was sent. */
export function onAck(state: ZabState, peer: Peer, { epoch, from, to }: Ack): string | undefined {
  if (peer.stage !== 'synced' || !peer.isVoter || epoch !== state.currentEpoch) return 'ACK outside of broadcast';
  const first = firstOfEpoch(state);
  if (first + from - 1 !== peer.acked + 1) return 'ACKs with a gap';
  const last = first + to - 1;
  if (last >= peer.next) return 'an ACK of what was not proposed to it';
  peer.acked = last;
  state.commitChecked = false;
  releaseInflight(peer.inflight, last);
  return undefined;
}

/**
 * At the end of a leader's turn: txns from the cursors, then NEWLEADER and UPTODATE, then COMMITs. In this order for all, since learners
 * share messages: one that was queued for another learner must not be in front of what this one is sent before it.
 */
export function sendStreams(state: ZabState): void {
  const turn: Turn = { shared: undefined, from: 0, to: 0, room: 0, bytes: 0, commit: undefined };
  const { peers } = state;
  for (const peer of peers) {
    if (peer.link === 0 || !isStreaming(peer)) continue;
    // It was too slow for the tail that is kept: what it needs next is only in a snapshot now.
    if (peer.next - 1 < state.log.baseIndex) endLink(state, peer.id, 'its place in the log was compacted');
    else sendTxns(state, peer, turn);
  }
  for (const peer of peers) {
    if (peer.stage === 'stream' && peer.next > peer.registeredTo) {
      sendNewLeader(state, peer);
      if (peer.next <= limitOf(state, peer)) state.out.moreToSend = true;
    } else if (peer.stage === 'synced' && !peer.upToDateSent && state.phase === 'broadcast') sendUpToDate(state, peer);
  }
  if (state.phase !== 'broadcast') return;
  for (const peer of peers)
    if (peer.isVoter && (peer.stage === 'synced' || peer.stage === 'new-leader')) sendCommit(state, peer, turn);
}

/** The last messages built in this turn, to be shared by learners at the same place. */
interface Turn {
  shared: PendingSend | undefined;
  from: Index;
  to: Index;
  room: number;
  bytes: number;
  commit: PendingSend | undefined;
}

/** How far a learner may see: to the end of its history before NEWLEADER; behind it, observers up to what is committed. */
function limitOf(state: ZabState, peer: Peer): Index {
  if (peer.stage === 'stream') return peer.registeredTo;
  return peer.isVoter ? state.log.lastIndex : state.commitIndex;
}

function sendTxns(state: ZabState, peer: Peer, turn: Turn): void {
  const { log, limits } = state;
  const to = limitOf(state, peer);
  if (peer.next > to) return;
  const room = Math.min(windowRoom(peer, limits.windowBytes), Math.max(1, limits.messageBytes));
  if (room === 0) return;
  if (peer.fetched.length > 0) return sendFetched(state, peer, to);
  if (peer.next < firstCached(log)) return askJournal(state, peer, to);
  const isInform = peer.stage !== 'stream' && !peer.isVoter;
  const { shared } = turn;
  const fits = shared !== undefined && turn.from === peer.next && turn.to === to && turn.room === room;
  if (fits && (shared.message.kind === 'inform') === isInform) shared.links.push(peer.link);
  else {
    const entries = collectEntries(log, peer.next, to, room);
    turn.shared = pushTxns(state, peer, entries, isInform);
    turn.from = peer.next;
    turn.to = to;
    turn.room = room;
    turn.bytes = bytesOf(entries);
  }
  const sent = turn.shared?.entries;
  invariant(sent !== undefined && sent.length > 0, 'a message with txns was built');
  noteSent(state, peer, lastOf(at(sent, sent.length - 1)), turn.bytes);
}

function bytesOf(entries: readonly EntryBatch[]): number {
  let bytes = 0;
  for (const batch of entries) bytes += payloadBytes(batch);
  return bytes;
}

function pushTxns(state: ZabState, peer: Peer, entries: readonly EntryBatch[], isInform: boolean): PendingSend {
  const { epoch: zxidEpoch, counter: zxidCounter } = zxidAt(state.log, peer.next);
  const { currentEpoch: epoch } = state;
  const message = { kind: isInform ? 'inform' : 'propose', epoch, zxidEpoch, zxidCounter } as const;
  // Sent while our own write is under way: this leader counts itself only when that is durable. NEWLEADER's gate is in front of it.
  const pending: PendingSend = { links: [peer.link], lane: 'log', gate: 0, message, entries };
  queueSend(state.out, pending);
  return pending;
}

function noteSent(state: ZabState, peer: Peer, last: Index, bytes: number): void {
  peer.next = last + 1;
  if (peer.stage === 'stream') peer.syncBytes += bytes;
  addInflight(peer.inflight, last, bytes);
  const to = peer.stage === 'stream' || peer.isVoter ? state.log.lastIndex : state.commitIndex;
  if (peer.next <= to && peer.next >= firstCached(state.log) && windowRoom(peer, state.limits.windowBytes) > 0)
    state.out.moreToSend = true;
}

function sendFetched(state: ZabState, peer: Peer, to: Index): void {
  const entries = peer.fetched;
  peer.fetched = [];
  if (state.tracing && peer.stage === 'stream') state.out.trace.push({ event: 'disk-sync', to: peer.id });
  const last = lastOf(at(entries, entries.length - 1));
  invariant(at(entries, 0).first === peer.next && last <= to, 'what was fetched is what comes next');
  pushTxns(state, peer, entries, peer.stage !== 'stream' && !peer.isVoter);
  noteSent(state, peer, last, bytesOf(entries));
}

function askJournal(state: ZabState, peer: Peer, to: Index): void {
  if (peer.fetch !== 0 || peer.damagedAt !== 0) return;
  const { log, limits, out } = state;
  peer.fetch = ++state.lastFetch;
  peer.fetchFrom = peer.next;
  const range = { from: peer.next, to: Math.min(to, firstCached(log) - 1) };
  out.fetches.push({ fetch: peer.fetch, range, maxBytes: limits.messageBytes });
}

/** Txns that were asked of the journal for a learner: DIFF from disk. */
export function onFetched(
  state: ZabState,
  fetch: number,
  entries: readonly EntryBatch[],
  lost: 'compacted' | 'damaged' | undefined,
): void {
  const peer = state.peers.find((candidate) => candidate.fetch === fetch);
  if (peer === undefined) return; // The link or the leader changed meanwhile.
  peer.fetch = 0;
  if (lost === undefined && fitsLog(state, entries, peer.next)) {
    peer.fetched = [...entries];
    return;
  }
  if (lost === 'compacted' || peer.next <= state.log.baseIndex)
    return endLink(state, peer.id, 'its place in the log was compacted');
  // Not served, and not passed over in silence: a snapshot that covers the place is the way round.
  state.counters.damagedReads++;
  peer.damagedAt = peer.next;
  peer.damagedSince = state.now;
  state.damagedTo = Math.max(state.damagedTo, peer.next);
}

/** With the regular pings: a read error may pass, and is tried again; a snapshot may cover the place by now. */
export function retryDamaged(state: ZabState): void {
  for (const peer of state.peers) {
    if (peer.damagedAt === 0) continue;
    if ((state.snapshot?.index ?? 0) >= peer.damagedAt) endLink(state, peer.id, 'the journal cannot read what it needs');
    else if (state.now >= peer.damagedSince + state.options.electionTimeoutMs) peer.damagedAt = 0;
  }
}

// What the journal returned is what the log says is there; anything else is damage, and must not reach a follower (Z-4: a hole spreads).
function fitsLog(state: ZabState, entries: readonly EntryBatch[], from: Index): boolean {
  let next = from;
  for (const batch of entries) {
    if (batch.count === 0 || batch.first !== next) return false;
    next = lastOf(batch) + 1;
    for (const index of [batch.first, next - 1]) if (epochAt(state.log, index) !== batch.epoch.round) return false;
  }
  return next > from;
}

// COMMIT names a run of zxids of our own epoch: everything before it was committed with NEWLEADER or UPTODATE.
function sendCommit(state: ZabState, peer: Peer, turn: Turn): void {
  const to = Math.min(state.commitIndex, peer.next - 1);
  if (to <= peer.commitSent || (peer.stage === 'synced' && !peer.upToDateSent)) return;
  const first = firstOfEpoch(state);
  const from = peer.commitSent + 2 - first;
  const { commit } = turn;
  const message = commit?.message;
  if (commit !== undefined && message?.kind === 'commit' && message.from === from && message.to === to - first + 1)
    commit.links.push(peer.link);
  else {
    const run = { kind: 'commit', epoch: state.currentEpoch, from, to: to - first + 1 } as const;
    turn.commit = { links: [peer.link], lane: 'log', gate: 0, message: run, entries: noEntries };
    queueSend(state.out, turn.commit);
  }
  peer.commitSent = to;
}
