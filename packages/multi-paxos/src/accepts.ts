import { at, invariant, lastOf, payloadBytes } from '@quorate/interface';
import type { EntryBatch, Index } from '@quorate/interface';
import { collectVotes } from './log.ts';
import type { ChosenRun } from './messages.ts';
import { addInflight, windowRoom } from './progress.ts';
import type { Peer } from './progress.ts';
import { dropUpTo, endOfRange, endOfSegment } from './slot-ranges.ts';
import { noEntries, queueSend } from './state.ts';
import type { MultiPaxosState, PendingSend } from './state.ts';

/** What the messages of one turn may share. */
interface Turn {
  readonly notices: readonly ChosenRun[];
  shared: PendingSend | undefined;
  from: Index;
  room: number;
  bytes: number;
  to: Index;
  /** Acceptors that get no accept in this turn. */
  silent: number[];
}

/** At the end of a leader's turn: accepts to acceptors and chosen values to learners, from cursors. Those at the same place share a message. */
export function sendAccepts(state: MultiPaxosState): void {
  const { notices, peers } = state;
  if (notices.length === 0 && !hasMore(state)) return;
  const turn: Turn = { notices, shared: undefined, from: 0, room: 0, bytes: 0, to: 0, silent: none };
  for (const peer of peers) {
    if (peer.link === 0) continue;
    if (!peer.isVoter) sendChosenValues(state, peer);
    else if (!sendToAcceptor(state, peer, turn) && notices.length > 0) {
      if (turn.silent === none) turn.silent = [peer.link];
      else turn.silent.push(peer.link);
    }
  }
  if (notices.length === 0) return;
  if (state.options.commitNotice === 'eager') {
    if (turn.silent.length > 0)
      queueSend(state.out, {
        links: turn.silent,
        lane: 'log',
        gate: 0,
        message: { kind: 'chosen', runs: notices },
        entries: noEntries,
      });
    state.notices = noNotices;
  } else if (turn.shared !== undefined) state.notices = noNotices;
}

function hasMore({ peers, nextSlot, commitIndex }: MultiPaxosState): boolean {
  for (const peer of peers)
    if (peer.next < nextSlot || peer.resend.count > 0 || peer.probeOwed || (!peer.isVoter && peer.next <= commitIndex))
      return true;
  return false;
}

/** True where an accept left. */
function sendToAcceptor(state: MultiPaxosState, peer: Peer, turn: Turn): boolean {
  if (peer.mode === 'probe') return sendProbe(state, peer, turn);
  const resent = peer.resend.count > 0 && sendAgain(state, peer, turn);
  let next = Math.max(peer.next, state.firstSlot);
  // What was chosen and has left the memory meanwhile is learned, not proposed.
  if (next < state.log.cachedFrom) next = Math.max(state.commitIndex + 1, state.firstSlot);
  const acked = endOfRange(peer.acked, next);
  peer.next = acked === 0 ? next : acked + 1;
  if (peer.next >= state.nextSlot) return resent;
  const room = Math.min(windowRoom(peer, state.limits.windowBytes), Math.max(1, state.limits.messageBytes));
  if (room === 0) return resent;
  sendNew(state, peer, turn, room);
  return true;
}

function sendNew(state: MultiPaxosState, peer: Peer, turn: Turn, room: number): void {
  const complete = turn.to === state.nextSlot - 1;
  if (turn.shared !== undefined && turn.from === peer.next && (turn.room === room || (complete && turn.bytes <= room)))
    turn.shared.links.push(peer.link);
  else {
    const entries = collectVotes(state.log, peer.next, state.nextSlot - 1, room);
    turn.shared = pushAccept(state, peer, entries, turn.notices);
    turn.from = peer.next;
    turn.room = room;
    turn.bytes = 0;
    for (const batch of entries) turn.bytes += payloadBytes(batch);
    turn.to = lastOf(at(entries, entries.length - 1));
  }
  addInflight(peer.inflight, turn, state.heartbeat.count);
  peer.next = turn.to + 1;
  if (peer.next < state.nextSlot && windowRoom(peer, state.limits.windowBytes) > 0) state.out.moreToSend = true;
}

/** Slots whose accept was lost and that are still open, one message per turn. */
function sendAgain(state: MultiPaxosState, peer: Peer, turn: Turn): boolean {
  const { resend } = peer;
  dropUpTo(resend, state.commitIndex);
  while (resend.count > 0) {
    const from = at(resend.froms, 0);
    const acked = endOfRange(peer.acked, from);
    if (acked !== 0) {
      dropUpTo(resend, acked);
      continue;
    }
    const room = Math.min(windowRoom(peer, state.limits.windowBytes), Math.max(1, state.limits.messageBytes));
    if (room === 0) return false;
    const entries = collectVotes(state.log, from, Math.min(at(resend.tos, 0), endOfSegment(peer.acked, from)), room);
    const to = lastOf(at(entries, entries.length - 1));
    dropUpTo(resend, to);
    pushAccept(state, peer, entries, turn.notices);
    let bytes = 0;
    for (const batch of entries) bytes += payloadBytes(batch);
    addInflight(peer.inflight, { from, to, bytes }, state.heartbeat.count);
    if (resend.count > 0) state.out.moreToSend = true;
    return true;
  }
  return false;
}

function sendProbe(state: MultiPaxosState, peer: Peer, turn: Turn): boolean {
  if (!peer.probeOwed) return false;
  let from = Math.max(state.commitIndex + 1, state.firstSlot);
  const acked = endOfRange(peer.acked, from);
  if (acked !== 0) from = acked + 1;
  // Nothing is open: it learns what it lacks, and the next proposal begins anew.
  if (from >= state.nextSlot) return false;
  peer.probeOwed = false;
  const to = Math.min(state.nextSlot - 1, endOfSegment(peer.acked, from));
  pushAccept(state, peer, collectVotes(state.log, from, to, Math.max(1, state.limits.messageBytes)), turn.notices);
  return true;
}

function pushAccept(
  state: MultiPaxosState,
  peer: Peer,
  entries: readonly EntryBatch[],
  chosen: readonly ChosenRun[],
): PendingSend {
  invariant(entries.length > 0, 'there is something to propose');
  const message = { kind: 'accept', ballot: state.ballot, chosen } as const;
  // A leader sends while its own write is under way; it counts itself only when that is durable.
  const pending: PendingSend = { links: [peer.link], lane: 'log', gate: 0, message, entries };
  queueSend(state.out, pending);
  return pending;
}

/** Learners get what is chosen, by value and in order, and no proposals (protocol facts O22). */
function sendChosenValues(state: MultiPaxosState, peer: Peer): void {
  const { log, commitIndex, limits } = state;
  // What it has is not known yet, or has left the memory: it asks.
  if (peer.learnedUpTo < 0 || peer.next > commitIndex || peer.next < log.cachedFrom) return;
  const room = Math.min(windowRoom(peer, limits.windowBytes), Math.max(1, limits.messageBytes));
  if (room === 0) return;
  const entries = collectVotes(log, peer.next, commitIndex, room);
  const to = lastOf(at(entries, entries.length - 1));
  let bytes = 0;
  for (const batch of entries) bytes += payloadBytes(batch);
  queueSend(state.out, { links: [peer.link], lane: 'log', gate: 0, message: { kind: 'chosen', runs: noChosen }, entries });
  addInflight(peer.inflight, { from: peer.next, to, bytes }, state.heartbeat.count);
  peer.next = to + 1;
  if (peer.next <= commitIndex && windowRoom(peer, limits.windowBytes) > 0) state.out.moreToSend = true;
}

const noNotices: ChosenRun[] = [];
const noChosen: readonly ChosenRun[] = [];
const none: number[] = [];
