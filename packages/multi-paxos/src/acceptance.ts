import { at, compareEpochs, invariant, lastOf, noops, payloadBytes, sameEpoch, sliceEntries } from '@quorate/interface';
import type { EntryBatch, Index, MemberId } from '@quorate/interface';
import type { Ballot } from './ballot.ts';
import { agrees, learnRuns } from './choice.ts';
import { storeVotes } from './durability.ts';
import { followLeader, noteBallot } from './election.ts';
import { collectVotes, nextRunFrom, runAt } from './log.ts';
import type { Accept, Accepted, ChosenRun, HeartbeatResponse } from './messages.ts';
import { addInflight, becomeProbe, becomeStream, releaseInflight, takeLost, windowRoom } from './progress.ts';
import type { Peer } from './progress.ts';
import { proposeOwn } from './proposing.ts';
import { addRange, clearRanges, dropUpTo, endOfRange, endOfSegment, listRanges } from './slot-ranges.ts';
import { offerSnapshot } from './snapshot.ts';
import { noEntries, queueSend, raisePromise, send } from './state.ts';
import type { MultiPaxosState, PendingSend } from './state.ts';

/** P5, the acceptor's side of phase 2. Nothing is asked about other slots. */
export function onAccept(state: MultiPaxosState, from: MemberId, message: Accept, entries: readonly EntryBatch[]): void {
  const { ballot } = message;
  if (compareEpochs(ballot, state.promised) < 0)
    return send(state, from, 'control', { kind: 'nack', ballot, promised: state.promised }, false);
  noteBallot(state, ballot);
  if (compareEpochs(ballot, state.promised) > 0) raisePromise(state, ballot);
  followLeader(state, from, ballot, true);
  for (const batch of entries) if (!acceptBatch(state, from, batch)) return;
  learnRuns(state, from, message.chosen);
}

function acceptBatch(state: MultiPaxosState, from: MemberId, batch: EntryBatch): boolean {
  if (batch.first > state.log.last && batch.first > state.commitIndex) {
    storeVotes(state, batch);
    owe(state, from, batch, lastOf(batch));
    return true;
  }
  return acceptPieces(state, from, batch);
}

// Some slots were voted on before, or are chosen. A slot that is known chosen keeps its record: the value is the same (P2b), and said so.
function acceptPieces(state: MultiPaxosState, from: MemberId, batch: EntryBatch): boolean {
  const { log, chosen } = state;
  let slot = batch.first;
  while (slot <= lastOf(batch)) {
    if (slot <= log.base) {
      // M-9: whoever trimmed a slot says that it was chosen, and never that it accepted.
      const peer = state.peerById.get(from);
      if (peer !== undefined) offerSnapshot(state, peer);
      slot = log.base + 1;
      continue;
    }
    const held = runAt(log, slot);
    const known = slot <= state.commitIndex ? state.commitIndex : endOfRange(chosen, slot);
    const end = Math.min(
      lastOf(batch),
      known === 0 ? endOfSegment(chosen, slot) : known,
      held === undefined ? nextRunFrom(log, slot) - 1 : held.to,
    );
    // In one ballot a slot has one value, so that a repeated accept changes nothing.
    if (known !== 0 || (held !== undefined && sameEpoch(held.ballot, batch.epoch))) {
      if (!agrees(state, batch, slot, end)) return false;
    } else storeVotes(state, sliceEntries(batch, slot, end));
    owe(state, from, { epoch: batch.epoch, first: slot }, end);
    slot = end + 1;
  }
  return true;
}

function owe(state: MultiPaxosState, to: MemberId, { epoch, first }: Pick<EntryBatch, 'epoch' | 'first'>, last: Index): void {
  const { owed } = state;
  if (owed.slots.count > 0 && !sameEpoch(owed.ballot, epoch)) sendAccepted(state);
  owed.to = to;
  owed.ballot = epoch;
  addRange(owed.slots, first, last);
}

/** Once per turn, for all accepts of the turn; it waits until the votes are durable (protocol facts §2.5). */
export function sendAccepted(state: MultiPaxosState): void {
  const { to, ballot, slots } = state.owed;
  if (slots.count === 0) return;
  send(state, to, 'log', { kind: 'accepted', ballot, runs: listRanges(slots) }, true);
  clearRanges(slots);
}

/** P6, the leader's side: slots count one by one. Returns what is wrong with an answer that no correct member gives. */
export function onAccepted(state: MultiPaxosState, peer: Peer, { ballot, runs }: Accepted): string | undefined {
  if (state.phase !== 'steady' || !sameEpoch(ballot, state.ballot)) return undefined;
  for (const { from, to } of runs) {
    if (to >= state.nextSlot || from < state.firstSlot) return 'it accepts what was never proposed';
    releaseInflight(peer.inflight, from, to);
    if (to <= state.commitIndex) continue;
    addRange(peer.acked, Math.max(from, state.commitIndex + 1), to);
    state.choiceChecked = false;
  }
  peer.progressed = true;
  if (peer.mode === 'probe') becomeStream(peer, Math.max(state.commitIndex + 1, state.firstSlot));
  return undefined;
}

/** The acceptor is there. Once per regular heartbeat it is also the time to find out what was lost. */
export function onHeartbeatResponse(state: MultiPaxosState, peer: Peer, message: HeartbeatResponse): string | undefined {
  if (state.phase !== 'steady' || !sameEpoch(message.ballot, state.ballot)) return undefined;
  if (message.readRound > state.reads.round) return 'it confirms a round of reads that never began';
  if (message.readRound > peer.readAck) peer.readAck = message.readRound;
  if (!peer.isVoter) noteLearned(peer, message.chosenUpTo);
  else if (message.lastSlot >= state.nextSlot) closeGap(state, message.lastSlot);
  if (!peer.checkDue || !peer.isVoter) return undefined;
  peer.checkDue = false;
  if (peer.mode === 'probe') peer.probeOwed = true;
  else if (peer.inflight.count > 0 && !peer.progressed) {
    if (at(peer.inflight.beats, peer.inflight.head) < state.beat - 1) becomeProbe(peer);
  } else takeLost(peer.inflight, state.beat - 1, peer.resend);
  peer.progressed = false;
  return undefined;
}

/** A learner has room for more. */
export function noteLearned(peer: Peer, chosenUpTo: Index): void {
  if (chosenUpTo < peer.learnedUpTo) return;
  peer.learnedUpTo = chosenUpTo;
  if (peer.next <= chosenUpTo) peer.next = chosenUpTo + 1;
  releaseInflight(peer.inflight, 0, chosenUpTo);
}

const mostFilled = 65_536;

/**
 * Somebody holds a vote beyond everything that was proposed here: whoever wants to know whether it is chosen (a quorum read) would wait for
 * ever on an idle leader. It was in nobody's promise, so the slots are free, and no-ops close them (P10).
 */
function closeGap(state: MultiPaxosState, lastSlot: Index): void {
  const { nextSlot, commitIndex, ballot } = state;
  if (commitIndex < nextSlot - 1) return;
  const count = Math.min(lastSlot - nextSlot + 1, mostFilled);
  state.counters.holesFilled += count;
  if (state.tracing) state.out.trace.push({ event: 'holeFilled', slot: nextSlot, count });
  proposeOwn(state, noops(nextSlot, count, ballot));
}

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
    if (peer.next < nextSlot || peer.resend.count > 0 || peer.probeOwed || (!peer.isVoter && peer.next <= commitIndex)) return true;
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
  addInflight(peer.inflight, turn, state.beat);
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
    addInflight(peer.inflight, { from, to, bytes }, state.beat);
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
  addInflight(peer.inflight, { from: peer.next, to, bytes }, state.beat);
  peer.next = to + 1;
  if (peer.next <= commitIndex && windowRoom(peer, limits.windowBytes) > 0) state.out.moreToSend = true;
}

const noNotices: ChosenRun[] = [];
const noChosen: readonly ChosenRun[] = [];
const none: number[] = [];

/** The ballot of an accept is that of all its proposals. */
export function isProposedUnder(ballot: Ballot, entries: readonly EntryBatch[]): boolean {
  return entries.every(({ epoch }) => sameEpoch(epoch, ballot));
}
