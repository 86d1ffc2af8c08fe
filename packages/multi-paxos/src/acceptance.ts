import { at, compareEpochs, lastOf, noops, sameEpoch, sliceEntries } from '@quorate/interface';
import type { EntryBatch, Index, MemberId } from '@quorate/interface';
import type { Ballot } from './ballot.ts';
import { nextRunFrom, runAt } from './ballot-runs.ts';
import { agrees, learnRuns } from './choice.ts';
import { storeVotes } from './durability.ts';
import { followLeader, noteBallot } from './election.ts';
import { bytesBetween } from './log.ts';
import type { Accept, Accepted, HeartbeatResponse } from './messages.ts';
import { becomeProbe, becomeStream, releaseInflight, takeLost } from './progress.ts';
import type { Peer } from './progress.ts';
import { proposeOwn } from './proposing.ts';
import { addRange, clearRanges, endOfRange, endOfSegment, listRanges } from './slot-ranges.ts';
import { noteBeyondOffer, offerSnapshot } from './snapshot.ts';
import { raisePromise, send } from './state.ts';
import type { MultiPaxosState } from './state.ts';

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
    if (isFull(state)) return true;
    storeVotes(state, batch);
    owe(state, from, batch, lastOf(batch));
    return true;
  }
  return acceptPieces(state, from, batch);
}

/**
 * Whoever waits for what was chosen before keeps all votes above that in memory: more than the limit are not cast, as if their accepts were lost.
 * Open slots up to the last vote still are, so that whoever needs this vote gets it.
 */
function isFull({ log, commitIndex, catchUp, limits }: MultiPaxosState): boolean {
  return catchUp.known > commitIndex && bytesBetween(log, commitIndex + 1, log.last) > limits.uncommittedBytes;
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
    if (slot > log.last && isFull(state)) return true;
    const held = runAt(log.runs, slot);
    const known = slot <= state.commitIndex ? state.commitIndex : endOfRange(chosen, slot);
    const end = Math.min(
      lastOf(batch),
      known === 0 ? endOfSegment(chosen, slot) : known,
      held === undefined ? nextRunFrom(log.runs, slot) - 1 : held.to,
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
    if (to >= state.nextSlot) return 'it accepts what was never proposed';
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
  noteBeyondOffer(peer, message.chosenUpTo);
  if (!peer.isVoter) noteLearned(peer, message.chosenUpTo);
  else if (message.lastSlot >= state.nextSlot) closeGap(state, message.lastSlot);
  if (!peer.checkDue || !peer.isVoter) return undefined;
  peer.checkDue = false;
  if (peer.mode === 'probe') peer.probeOwed = true;
  else if (peer.inflight.count > 0 && !peer.progressed) {
    if (at(peer.inflight.beats, peer.inflight.head) < state.heartbeat.count - 1) becomeProbe(peer);
  } else takeLost(peer.inflight, state.heartbeat.count - 1, peer.resend);
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

/** The ballot of an accept is that of all its proposals. */
export function isProposedUnder(ballot: Ballot, entries: readonly EntryBatch[]): boolean {
  for (const { epoch } of entries) if (!sameEpoch(epoch, ballot)) return false;
  return true;
}
