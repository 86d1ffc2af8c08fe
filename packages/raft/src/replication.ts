import { at, invariant, lastOf, payloadBytes, placeEntries } from '@quorate/interface';
import type { EntryBatch, Index, MemberId, ProposalRun } from '@quorate/interface';
import { quorumIndex } from '@quorate/quorum';
import { appendEntries } from './durability.ts';
import { cachedBatch, collectEntries, firstCached, newestWithTermAtMost, offsetAfter, termAt } from './log.ts';
import type { AppendEntriesResponse, HeartbeatResponse, InstallSnapshotResponse } from './messages.ts';
import { addInflight, becomeProbe, becomeReplicate, releaseInflight, windowRoom } from './progress.ts';
import type { Peer } from './progress.ts';
import { offerAgain, offerSnapshot } from './snapshot.ts';
import { advanceCommit, noEntries, queueSend } from './state.ts';
import type { PendingSend, RaftState } from './state.ts';

/** R8: appends a run behind the leader's log, or refuses it as a whole. The cost does not depend on the number of commands. */
export function onPropose(state: RaftState, run: ProposalRun): void {
  if (run.count === 0) return;
  const { firstId: first, count } = run;
  const { log, out } = state;
  const uncommitted = log.endOffset - state.commitOffset;
  if (state.role !== 'leader') out.rejected.push({ first, count, reason: 'not-leader' });
  else if (state.transferTarget !== 0) out.rejected.push({ first, count, reason: 'transferring' });
  // A run alone may exceed the limit, or it could never be proposed.
  else if (uncommitted > 0 && uncommitted + payloadBytes(run) > state.limits.uncommittedBytes)
    out.rejected.push({ first, count, reason: 'overloaded' });
  else {
    const epoch = log.lastTerm === state.currentTerm ? lastEpoch(state) : { round: state.currentTerm, owner: 0 };
    const batch = placeEntries(run, log.lastIndex + 1, epoch, 'command');
    const told = { first, count, index: batch.first, epoch };
    if (out.appended.length === 0) out.appended = [told];
    else out.appended.push(told);
    appendEntries(state, batch);
  }
}

function lastEpoch(state: RaftState): EntryBatch['epoch'] {
  const { batches } = state.log;
  return batches.length > state.log.head ? at(batches, batches.length - 1).epoch : { round: state.currentTerm, owner: 0 };
}

/**
 * R11: the largest index that a quorum holds durably, and only if its entry is of the current term (Raft §5.4.2). Computed once per turn.
 */
export function maybeCommit(state: RaftState): void {
  if (state.commitChecked) return;
  state.commitChecked = true;
  const { self, peerById, durableIndex } = state;
  const index = quorumIndex(state.quorum, (id) => (id === self ? durableIndex : (peerById.get(id)?.match ?? 0)));
  if (index <= state.commitIndex || termAt(state.log, index) !== state.currentTerm) return;
  advanceCommit(state, index, offsetAfter(state.log, index));
}

/** R10 and R12. Returns what is wrong with an answer that no correct member gives. */
export function onAppendResponse(state: RaftState, peer: Peer, message: AppendEntriesResponse): string | undefined {
  if (message.matchIndex > state.log.lastIndex) return 'it acknowledges what was never sent';
  if (message.success) onAppendSuccess(state, peer, message.matchIndex);
  else onAppendRefusal(state, peer, message);
  return undefined;
}

/** The peer's log equals ours up to `match`, durably. */
function onAppendSuccess(state: RaftState, peer: Peer, match: Index): void {
  if (match < peer.match) return; // An answer from before.
  if (match > peer.match) {
    peer.match = match;
    state.commitChecked = false;
  }
  if (peer.damagedAt !== 0 && peer.damagedAt <= match) peer.damagedAt = 0;
  if (peer.mode === 'replicate') {
    releaseInflight(peer.inflight, match);
    if (peer.next <= match) peer.next = match + 1;
  } else if (peer.match >= state.log.baseIndex) becomeReplicate(peer);
}

function onAppendRefusal(state: RaftState, peer: Peer, message: AppendEntriesResponse): void {
  const { rejectedIndex, hintIndex, hintTerm } = message;
  // a refusal counts only for the append that is being answered, and never below what is known to match.
  const stale = peer.mode === 'probe' ? rejectedIndex !== peer.next - 1 : rejectedIndex <= peer.match;
  if (stale || peer.mode === 'snapshot' || rejectedIndex <= peer.match) return;
  const agreed = newestWithTermAtMost(state.log, Math.min(hintIndex, rejectedIndex), hintTerm, peer.match);
  const next = Math.max(peer.match + 1, Math.min(rejectedIndex, agreed + 1));
  becomeProbe(peer, next);
}

/** The follower is there, in our term. Once per regular heartbeat it is also the time to find out what was lost. */
export function onHeartbeatResponse(state: RaftState, peer: Peer, message: HeartbeatResponse): string | undefined {
  if (message.readContext > state.reads.round) return 'it confirms a round of reads that never began';
  if (message.readContext > peer.readAck) peer.readAck = message.readContext;
  if (!peer.checkDue) return undefined;
  peer.checkDue = false;
  // A disk that failed a read may read again; without another try a follower would wait for as long as this leader is in office.
  if (peer.damagedAt !== 0 && state.now >= peer.damagedSince + state.options.electionTimeoutMs) peer.damagedAt = 0;
  if (peer.mode === 'probe') peer.probeSent = false;
  else if (peer.mode === 'snapshot') {
    if (state.now - peer.offeredAt >= state.options.electionTimeoutMs) offerAgain(state, peer);
  } else {
    peer.nudge = peer.inflight.count > 0 && peer.match === peer.matchAtCheck;
    peer.matchAtCheck = peer.match;
  }
  return undefined;
}

/** R15, the leader's side. */
export function onInstallResponse(state: RaftState, peer: Peer, message: InstallSnapshotResponse): string | undefined {
  const { offeredIndex, acceptedUpTo } = message;
  if (acceptedUpTo > state.log.lastIndex) return 'it accepts what was never offered';
  const waiting = peer.mode === 'snapshot' && peer.offered?.index === offeredIndex;
  onAppendSuccess(state, peer, acceptedUpTo);
  if (waiting && peer.mode === 'snapshot') {
    // Not taken: offered again after the next heartbeat, so that a failing pull does not spin.
    becomeProbe(peer, peer.match + 1);
    peer.probeSent = true;
  }
  return undefined;
}

/** Entries that were asked of the journal for a peer. */
export function onFetched(
  state: RaftState,
  fetch: number,
  entries: readonly EntryBatch[],
  lost: 'compacted' | 'damaged' | undefined,
): void {
  const peer = state.peers.find((candidate) => candidate.fetch === fetch);
  if (peer === undefined) return; // The leader or the link changed meanwhile.
  peer.fetch = 0;
  // Overtaken: the peer acknowledged more than we thought it had, or the place was compacted and a snapshot will be offered.
  if (peer.fetchFrom !== peer.next || peer.next <= state.log.baseIndex) return;
  if (lost === 'compacted' && (state.snapshot?.index ?? 0) >= peer.next) return offerSnapshot(state, peer);
  const usable = lost === undefined && fitsLog(state, entries, peer.next);
  if (usable) peer.fetched = [...entries];
  else {
    // Not served, and not passed over in silence: a snapshot above it is the way round.
    state.counters.damagedReads++;
    peer.damagedAt = peer.next;
    peer.damagedSince = state.now;
  }
}

// What the journal returned is what the log says is there; anything else is damage, and must not reach a follower (openraft#1795).
function fitsLog(state: RaftState, entries: readonly EntryBatch[], from: Index): boolean {
  let next = from;
  for (const batch of entries) {
    if (batch.count === 0 || batch.first !== next) return false;
    next = lastOf(batch) + 1;
    for (const index of [batch.first, next - 1]) if (termAt(state.log, index) !== batch.epoch.round) return false;
  }
  return next > from;
}

/** At the end of a leader's turn: one log message per peer, from its cursor. Peers at the same place share it. */
export function sendAppends(state: RaftState): void {
  const turn: Turn = { shared: undefined, from: 0, room: 0, bytes: 0, complete: false };
  for (const peer of state.peers) if (peer.link !== 0) sendLog(state, peer, turn);
}

/** The last message built in this turn, to be shared. */
interface Turn {
  shared: PendingSend | undefined;
  from: Index;
  room: number;
  bytes: number;
  complete: boolean;
}

function sendLog(state: RaftState, peer: Peer, turn: Turn): void {
  const { log, limits } = state;
  if (peer.damagedAt !== 0 && !passDamage(state, peer)) return;
  if (peer.mode === 'snapshot' || (peer.mode === 'probe' && peer.probeSent)) return;
  // R14: the entry before the next one is no longer known.
  if (peer.next - 1 < log.baseIndex) return offerSnapshot(state, peer);
  const room = Math.min(windowRoom(peer, limits.windowBytes), Math.max(1, limits.messageBytes));
  if (room > 0 && peer.next <= log.lastIndex) {
    // What came back may have been acknowledged meanwhile.
    if (peer.fetched.length > 0 && at(peer.fetched, 0).first !== peer.next) peer.fetched = [];
    if (peer.fetched.length > 0) return sendFetched(state, peer);
    if (peer.next >= firstCached(log)) return sendEntries(state, peer, turn, room);
    if (peer.mode === 'replicate') askJournal(state, peer);
  }
  if (peer.mode === 'probe') sendEmpty(state, peer, turn, false);
  else if (peer.nudge) {
    peer.nudge = false;
    sendEmpty(state, peer, turn, false);
  } else if (state.options.commitNotice === 'eager' && Math.min(state.commitIndex, peer.next - 1) > peer.commitSent)
    sendEmpty(state, peer, turn, true);
}

function sendEntries(state: RaftState, peer: Peer, turn: Turn, room: number): void {
  const { shared } = turn;
  const reusable = shared !== undefined && shared.entries.length > 0 && turn.from === peer.next;
  if (reusable && (turn.room === room || (turn.complete && turn.bytes <= room))) shared.links.push(peer.link);
  else {
    const entries = collectEntries(state.log, peer.next, room);
    turn.shared = pushAppend(state, peer, entries, false);
    turn.from = peer.next;
    turn.room = room;
    turn.bytes = 0;
    for (const batch of entries) turn.bytes += payloadBytes(batch);
    turn.complete = lastOf(at(entries, entries.length - 1)) === state.log.lastIndex;
  }
  const sent = turn.shared?.entries;
  invariant(sent !== undefined && sent.length > 0, 'a message with entries was built');
  noteSent(state, peer, lastOf(at(sent, sent.length - 1)), turn.bytes);
}

function sendFetched(state: RaftState, peer: Peer): void {
  const entries = peer.fetched;
  peer.fetched = [];
  let bytes = 0;
  for (const batch of entries) bytes += payloadBytes(batch);
  pushAppend(state, peer, entries, false);
  noteSent(state, peer, lastOf(at(entries, entries.length - 1)), bytes);
  if (peer.mode === 'replicate' && peer.next < firstCached(state.log) && windowRoom(peer, state.limits.windowBytes) > 0)
    askJournal(state, peer);
}

function noteSent(state: RaftState, peer: Peer, last: Index, bytes: number): void {
  peer.commitSent = Math.max(peer.commitSent, Math.min(state.commitIndex, last));
  peer.nudge = false;
  if (peer.mode === 'probe') {
    peer.probeSent = true;
    return;
  }
  peer.next = last + 1;
  addInflight(peer.inflight, last, bytes);
  const more = peer.next <= state.log.lastIndex && peer.next >= firstCached(state.log);
  if (more && windowRoom(peer, state.limits.windowBytes) > 0) state.out.moreToSend = true;
}

function sendEmpty(state: RaftState, peer: Peer, turn: Turn, notice: boolean): void {
  const { shared } = turn;
  const message = shared?.message;
  const same =
    shared !== undefined &&
    message?.kind === 'append' &&
    shared.entries.length === 0 &&
    message.prevLogIndex === peer.next - 1 &&
    message.notice === notice;
  if (same) shared.links.push(peer.link);
  else turn.shared = pushAppend(state, peer, noEntries, notice);
  peer.commitSent = Math.max(peer.commitSent, Math.min(state.commitIndex, peer.next - 1));
  if (peer.mode === 'probe') peer.probeSent = true;
}

function pushAppend(state: RaftState, peer: Peer, entries: readonly EntryBatch[], notice: boolean): PendingSend {
  const prevLogIndex = peer.next - 1;
  const prevLogTerm = termAt(state.log, prevLogIndex);
  invariant(prevLogTerm !== undefined, 'the entry before the next one is known');
  const message = {
    kind: 'append',
    term: state.currentTerm,
    leader: state.self,
    prevLogIndex,
    prevLogTerm,
    leaderCommit: state.commitIndex,
    notice,
  } as const;
  // Thesis §10.2.1: a leader sends while its own write is under way; it counts itself only when that is durable.
  const pending: PendingSend = { links: [peer.link], lane: 'log', gate: 0, message, entries };
  queueSend(state.out, pending);
  return pending;
}

function askJournal(state: RaftState, peer: Peer): void {
  if (peer.fetch !== 0) return;
  const { log, limits, out } = state;
  invariant(peer.next < firstCached(log), 'what is in memory is not fetched');
  peer.fetch = ++state.lastFetch;
  peer.fetchFrom = peer.next;
  const range = { from: peer.next, to: firstCached(log) - 1 };
  out.fetches.push({ fetch: peer.fetch, range, maxBytes: limits.messageBytes });
}

// A damaged place is passed by a snapshot that covers it, or when the entries are in memory again.
function passDamage(state: RaftState, peer: Peer): boolean {
  const covered = state.snapshot !== undefined && state.snapshot.index >= peer.damagedAt;
  const cached = cachedBatch(state.log, peer.next) !== undefined;
  if (!covered && !cached) return false;
  peer.damagedAt = 0;
  if (!cached) offerSnapshot(state, peer);
  return cached;
}

/** Heartbeats to all: regular ones at their deadline, and at once where a round of reads begins. Equal ones share a message. */
export function sendHeartbeats(state: RaftState, roundBegan: boolean): void {
  const regular = state.now >= state.heartbeatDeadline;
  if (!regular && !roundBegan) return;
  if (regular) {
    state.heartbeatDeadline = state.now + state.options.heartbeatMs;
    state.timeoutNowSent = false;
  }
  let shared: PendingSend | undefined;
  for (const peer of state.peers) {
    if (peer.link === 0) continue;
    if (regular) peer.checkDue = true;
    // never beyond what this peer has acknowledged.
    const commit = Math.min(state.commitIndex, peer.match);
    if (commit > peer.commitSent) peer.commitSent = commit;
    if (shared?.message.kind === 'heartbeat' && shared.message.commit === commit) shared.links.push(peer.link);
    else shared = pushHeartbeat(state, peer, commit);
  }
}

function pushHeartbeat(state: RaftState, peer: Peer, commit: Index): PendingSend {
  const { currentTerm: term, self: leader, reads } = state;
  const message = { kind: 'heartbeat', term, leader, commit, readContext: reads.round } as const;
  const pending: PendingSend = { links: [peer.link], lane: 'control', gate: 0, message, entries: noEntries };
  queueSend(state.out, pending);
  return pending;
}

/** The other end of a link went away: what was under way is lost, so the place is looked for again. */
export function onPeerLink(state: RaftState, member: MemberId, link: number): void {
  const peer = state.peerById.get(member);
  if (peer === undefined) return;
  peer.link = link;
  peer.damagedAt = 0; // Worth another try.
  becomeProbe(peer, peer.match > 0 ? peer.match + 1 : state.log.lastIndex + 1);
  peer.voteOwed =
    state.role !== 'leader' && state.tally !== undefined && !state.tally.yes.has(member) && !state.tally.no.has(member);
}
