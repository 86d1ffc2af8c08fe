import { compareEpochs } from '@quorate/interface';
import type { MemberId } from '@quorate/interface';
import { isQuorum } from '@quorate/quorum';
import { noteKnown } from './catch-up.ts';
import { learnRuns } from './choice.ts';
import { followLeader, noteBallot } from './election.ts';
import type { Heartbeat } from './messages.ts';
import { noteBeyondOffer } from './snapshot.ts';
import { noEntries, queueSend, send } from './state.ts';
import type { MultiPaxosState } from './state.ts';

/** Heartbeats to all: regular ones at their deadline, and at once where a round of reads begins. */
export function sendHeartbeats(state: MultiPaxosState, roundBegan: boolean): void {
  const regular = state.now >= state.heartbeat.deadline;
  if (!regular && !roundBegan) return;
  if (regular) {
    state.heartbeat.deadline = state.now + state.options.heartbeatMs;
    state.heartbeat.count++;
    state.transfer.asked = false;
  }
  const links: number[] = [];
  for (const peer of state.peers) {
    if (peer.link === 0) continue;
    if (regular) peer.checkDue = true;
    links.push(peer.link);
  }
  if (links.length === 0) return;
  const { ballot, firstSlot: chosenFrom, commitIndex: chosenUpTo, reads } = state;
  const message = {
    kind: 'heartbeat',
    ballot,
    chosenFrom,
    chosenUpTo,
    readRound: reads.round,
    inContact: isInContact(state),
  } as const;
  queueSend(state.out, { links, lane: 'control', gate: 0, message, entries: noEntries });
}

/**
 * Whether this leader is of any use: it heard from a phase-2 quorum within an election timeout, and its disk does not hang. If not, it says so,
 * and the others need not spare it (M-7); it may stay leader in name (O17).
 */
export function isInContact(state: MultiPaxosState): boolean {
  const { self, peerById, peers, options, now } = state;
  const oldest = state.writesUnderWay[0];
  if (peers.length > 0 && oldest !== undefined && now - oldest.since >= hungDiskTimeouts * options.electionTimeoutMs)
    return false;
  const since = now - options.electionTimeoutMs;
  return isQuorum(state.q2, (id) => id === self || (peerById.get(id)?.heardAt ?? Number.NEGATIVE_INFINITY) >= since);
}

/** A write that takes this many election timeouts counts as hanging: far above what a slow disk needs. */
const hungDiskTimeouts = 5;

/** P11: a heartbeat grants nothing. What it says of chosen slots has their ballot with it (P8). */
export function onHeartbeat(state: MultiPaxosState, from: MemberId, message: Heartbeat): void {
  const { ballot, chosenFrom, chosenUpTo, readRound, inContact } = message;
  if (compareEpochs(ballot, state.promised) < 0)
    return send(state, from, 'control', { kind: 'nack', ballot, promised: state.promised }, false);
  noteBallot(state, ballot);
  followLeader(state, from, ballot, inContact);
  if (chosenFrom <= chosenUpTo) learnRuns(state, from, [{ from: chosenFrom, to: chosenUpTo, ballot }]);
  noteKnown(state, chosenUpTo, from);
  const peer = state.peerById.get(from);
  if (peer !== undefined) noteBeyondOffer(peer, chosenUpTo);
  const { commitIndex, log } = state;
  send(
    state,
    from,
    'control',
    { kind: 'heartbeat-response', ballot, readRound, chosenUpTo: commitIndex, lastSlot: log.last },
    false,
  );
}
