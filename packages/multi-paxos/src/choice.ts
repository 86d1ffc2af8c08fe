import { at, compareEpochs, lastOf } from '@quorate/interface';
import type { EntryBatch, Index, MemberId } from '@quorate/interface';
import { isQuorum } from '@quorate/quorum';
import type { Ballot } from './ballot.ts';
import { nextRunFrom, runAt } from './ballot-runs.ts';
import { noteKnown } from './catch-up.ts';
import { resetElectionTimer } from './election.ts';
import { bytesBetween, cachedBatch } from './log.ts';
import { adoptConfigs } from './membership.ts';
import type { ChosenRun } from './messages.ts';
import { addRange, createRanges, dropUpTo, endOfRange, endOfSegment } from './slot-ranges.ts';
import { halt } from './state.ts';
import type { MultiPaxosState } from './state.ts';

/** P6: looks once per turn which slots a phase-2 quorum has accepted under our ballot, each for itself, in any order. */
export function maybeChoose(state: MultiPaxosState): void {
  if (state.choiceChecked) return;
  state.choiceChecked = true;
  const { nextSlot, ballot, chosen } = state;
  let slot = Math.max(state.commitIndex + 1, state.firstSlot);
  while (slot < nextSlot) {
    const known = endOfRange(chosen, slot);
    let end = known;
    if (known === 0) {
      end = segmentEnd(state, slot);
      if (isAccepted(state, slot)) {
        const run = markChosen(state, slot, end, ballot);
        if (run !== undefined) noteNotice(state, run);
      }
    }
    slot = end + 1;
  }
}

// Up to here every acceptor has accepted all of the slots or none.
function segmentEnd(state: MultiPaxosState, slot: Index): Index {
  let end = Math.min(state.nextSlot - 1, endOfSegment(state.chosen, slot), endOfSegment(state.ownAcked, slot));
  for (const { acked } of state.peers) end = Math.min(end, endOfSegment(acked, slot));
  return end;
}

function isAccepted(state: MultiPaxosState, slot: Index): boolean {
  return isQuorum(state.q2, (voter) => endOfRange(ackedBy(state, voter), slot) !== 0);
}

function ackedBy(state: MultiPaxosState, voter: MemberId): MultiPaxosState['ownAcked'] {
  return voter === state.self ? state.ownAcked : (state.peerById.get(voter)?.acked ?? nobody);
}

const nobody = createRanges();
const mostNotices = 64;

// Notices that wait for an accept to ride on grow together; beyond the bound a heartbeat tells the same.
function noteNotice(state: MultiPaxosState, run: ChosenRun): void {
  const { notices } = state;
  if (notices.length === 0) {
    state.notices = [run];
    return;
  }
  const newest = at(notices, notices.length - 1);
  if (newest.to === run.from - 1 && newest.ballot === run.ballot) notices[notices.length - 1] = { ...run, from: newest.from };
  else if (notices.length < mostNotices) notices.push(run);
}

/** P7: [from, to] is chosen, and the values are held here. Only the contiguous part may be applied. Undefined: that was known. */
export function markChosen(state: MultiPaxosState, from: Index, to: Index, ballot: Ballot): ChosenRun | undefined {
  const first = Math.max(from, state.commitIndex + 1);
  if (first > to || endOfRange(state.chosen, first) >= to) return undefined;
  const run = { from: first, to, ballot };
  if (state.out.chosen.length === 0) state.out.chosen = [run];
  else state.out.chosen.push(run);
  if (state.tracing && first > state.commitIndex + 1) state.out.trace.push({ event: 'chosenOutOfOrder', from: first, to });
  // Nearly always in order, and nothing waits above.
  if (first === state.commitIndex + 1 && state.chosen.count === 0) commitTo(state, to);
  else {
    addRange(state.chosen, first, to);
    advanceCommit(state);
  }
  return run;
}

/** What is chosen without a gap is committed. */
export function advanceCommit(state: MultiPaxosState): void {
  const end = endOfRange(state.chosen, state.commitIndex + 1);
  if (end !== 0) commitTo(state, end);
}

/** Moves the commit index up; it never falls. */
export function commitTo(state: MultiPaxosState, slot: Index): void {
  const { log, commitIndex: before } = state;
  if (state.phase === 'steady') {
    if (slot >= state.firstSlot) state.openBytes -= bytesBetween(log, Math.max(before + 1, state.firstSlot), slot);
    dropUpTo(state.ownAcked, slot);
    for (const { acked } of state.peers) dropUpTo(acked, slot);
  }
  state.commitIndex = slot;
  // Whoever is taught, however little at a time, has time for the rest.
  if (state.phase === 'steady') resetElectionTimer(state);
  state.catchUp.gapSince = Number.POSITIVE_INFINITY;
  dropUpTo(state.chosen, slot);
  adoptConfigs(state);
}

/** P8: runs that somebody knows to be chosen. A vote of that ballot or a higher one is for the chosen value (P2); others must be learned (M-3). */
export function learnRuns(state: MultiPaxosState, from: MemberId, runs: readonly ChosenRun[]): void {
  for (const run of runs) {
    let slot = Math.max(run.from, state.commitIndex + 1);
    while (slot <= run.to) {
      const held = runAt(state.log.runs, slot);
      const end = Math.min(run.to, held === undefined ? nextRunFrom(state.log.runs, slot) - 1 : held.to);
      if (held !== undefined && compareEpochs(held.ballot, run.ballot) >= 0) markChosen(state, slot, end, run.ballot);
      slot = end + 1;
    }
    noteKnown(state, run.to, from);
  }
}

/** Whether [from, to] of a batch, where both are in memory, is what was voted for here. False: this member halts, with the evidence. */
export function agrees(state: MultiPaxosState, batch: EntryBatch, from: Index, to: Index): boolean {
  let slot = from;
  while (slot <= to) {
    const held = cachedBatch(state.log, slot);
    if (held === undefined) {
      slot++;
      continue;
    }
    const end = Math.min(to, lastOf(held));
    for (; slot <= end; slot++) if (!sameValue(held, batch, slot)) return diverge(state, slot, held.epoch, batch.epoch);
  }
  return true;
}

function sameValue(a: EntryBatch, b: EntryBatch, slot: Index): boolean {
  return (
    a.kind === b.kind &&
    at(a.checksums, slot - a.first) === at(b.checksums, slot - b.first) &&
    lengthOf(a, slot - a.first) === lengthOf(b, slot - b.first)
  );
}

function lengthOf({ ends }: EntryBatch, place: number): number {
  return at(ends, place) - (place === 0 ? 0 : at(ends, place - 1));
}

function diverge(state: MultiPaxosState, slot: Index, here: Ballot, there: Ballot): false {
  halt(
    state,
    `E_DIVERGED: slot ${slot} has a value here (ballot ${here.round}.${here.owner}) that it cannot lose, ` +
      `and another one under ballot ${there.round}.${there.owner} (Paxos Made Simple §2.2, P2).`,
  );
  return false;
}
