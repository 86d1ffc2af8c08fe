import { at, lastOf, noEpoch, noops, placeEntries, sliceEntries } from '@quorate/interface';
import type { EntryBatch, Index } from '@quorate/interface';
import { askAtOnce } from './catch-up.ts';
import { resetElectionTimer } from './election.ts';
import type { Answer } from './election.ts';
import { collectVotes, createLog, putHigherVotes } from './log.ts';
import type { SlotLog } from './log.ts';
import { resetPeer } from './progress.ts';
import { proposeOwn } from './proposing.ts';
import { clearRanges } from './slot-ranges.ts';
import type { MultiPaxosState } from './state.ts';

/**
 * P3: a phase-1 quorum has promised. Up to `u`, the highest of its contiguous chosen slots, nothing is proposed: what is missing here is learned.
 * Above, the vote of the highest ballot is proposed again under our ballot (P2c), and free slots below the highest vote become no-ops (M-2).
 */
export function becomeLeader(state: MultiPaxosState, answers: readonly Answer[]): void {
  let u = state.commitIndex;
  for (const { chosenUpTo } of answers) if (chosenUpTo > u) u = chosenUpTo;
  const votes = gatherVotes(state, answers, u);
  state.phase = 'steady';
  state.phase1 = undefined;
  state.leader = state.self;
  state.firstSlot = u + 1;
  state.nextSlot = u + 1;
  state.settledSlot = Math.max(u, votes.last);
  state.openBytes = 0;
  state.genesisSlot = 0;
  state.choiceChecked = false;
  state.transfer.target = 0;
  state.notices = [];
  clearRanges(state.ownAcked);
  state.electedAt = state.now;
  resetElectionTimer(state);
  state.heartbeat.deadline = state.now; // At once: the others stop waiting for a leader.
  for (const peer of state.peers) {
    resetPeer(peer, state.firstSlot);
    peer.heardAt = state.now;
  }
  proposeAgain(state, votes);
  if (state.commitIndex < u) askAtOnce(state);
  if (state.tracing) state.out.trace.push({ event: 'leader', ballot: state.ballot, firstSlot: u + 1, nextSlot: state.nextSlot });
}

function gatherVotes(state: MultiPaxosState, answers: readonly Answer[], u: Index): SlotLog {
  const gathered = createLog(u, noEpoch);
  const everything = Number.POSITIVE_INFINITY;
  const own = state.log.last > u ? collectVotes(state.log, u + 1, state.log.last, everything) : [];
  for (const votes of [own, ...answers.map((answer) => answer.votes)])
    for (const batch of votes) {
      if (lastOf(batch) <= u) continue;
      putHigherVotes(gathered, batch.first > u ? batch : sliceEntries(batch, u + 1, lastOf(batch)));
    }
  return gathered;
}

function proposeAgain(state: MultiPaxosState, { batches, head }: SlotLog): void {
  for (let place = head; place < batches.length; place++) {
    const batch = at(batches, place);
    if (batch.first > state.nextSlot) fillHole(state, batch.first - state.nextSlot);
    state.counters.reproposed += batch.count;
    if (state.tracing) traceReproposed(state, batch);
    proposeOwn(state, placeEntries(batch, batch.first, state.ballot, batch.kind));
  }
}

function fillHole(state: MultiPaxosState, count: number): void {
  state.counters.holesFilled += count;
  if (state.tracing) state.out.trace.push({ event: 'holeFilled', slot: state.nextSlot, count });
  proposeOwn(state, noops(state.nextSlot, count, state.ballot));
}

function traceReproposed(state: MultiPaxosState, batch: EntryBatch): void {
  for (let slot = batch.first; slot <= lastOf(batch); slot++)
    state.out.trace.push({ event: 'reproposed', slot, oldBallot: batch.epoch, newBallot: state.ballot });
}
