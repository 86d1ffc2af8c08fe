import { at, compareEpochs, lastOf, sliceEntries } from '@quorate/interface';
import type { EntryBatch, Index, MemberId } from '@quorate/interface';
import { nextRunFrom, runAt } from './ballot-runs.ts';
import { agrees, markChosen } from './choice.ts';
import { storeVotes } from './durability.ts';
import { noteBallot } from './election.ts';
import type { LearnReply } from './messages.ts';
import type { Peer } from './progress.ts';
import { endOfRange, endOfSegment } from './slot-ranges.ts';
import { isPulling } from './snapshot.ts';
import { raisePromise, send } from './state.ts';
import type { MultiPaxosState } from './state.ts';

/** What this member knows to be chosen somewhere and does not hold. All volatile. */
export interface CatchUp {
  /** The highest slot known to be chosen without a gap before it or told in a notice, and who knows it. */
  known: Index;
  source: MemberId;
  /** Since when nothing moved although something is missing; Infinity: nothing is, or it moved. */
  gapSince: number;
  /** When somebody was asked who has not answered; Infinity: nobody was. */
  askedAt: number;
  tries: number;
  /** The highest snapshot whose pull was given up. */
  failedPullIndex: Index;
}

const never = Number.POSITIVE_INFINITY;

export function createCatchUp(known: Index): CatchUp {
  return { known, source: 0, gapSince: never, askedAt: never, tries: 0, failedPullIndex: 0 };
}

/** Somebody knows `slot` to be chosen. */
export function noteKnown(state: MultiPaxosState, slot: Index, source: MemberId): void {
  const { catchUp } = state;
  if (slot <= catchUp.known) return;
  // Nothing was missing until now: whatever was asked before has come.
  if (catchUp.known <= state.commitIndex) {
    catchUp.gapSince = never;
    catchUp.askedAt = never;
    catchUp.tries = 0;
  }
  catchUp.known = slot;
  catchUp.source = source;
}

/** What is missing is missing for good, and `source` has it: no reason to wait. */
export function askAtOnce(state: MultiPaxosState): void {
  const { catchUp } = state;
  catchUp.gapSince = state.now - gapMs(state);
  catchUp.askedAt = never;
  catchUp.tries = 1;
}

/** P10: at the end of a turn in which something is missing, asks any member for what has been missing for a while. */
export function maybeLearn(state: MultiPaxosState): void {
  const { catchUp } = state;
  if (catchUp.gapSince === never) catchUp.gapSince = state.now;
  if (state.now < learnDeadline(state)) return;
  const teacher = nextTeacher(state);
  catchUp.askedAt = state.now;
  catchUp.tries++;
  send(state, teacher, 'control', { kind: 'learn-request', fromSlot: state.commitIndex + 1 }, false);
}

/** When {@link maybeLearn} has something to do; Infinity: not before something happens. */
export function learnDeadline(state: MultiPaxosState): number {
  const { catchUp } = state;
  if (state.commitIndex >= catchUp.known || !state.peers.some(isThere) || isPulling(state)) return never;
  return catchUp.askedAt === never ? catchUp.gapSince + gapMs(state) : catchUp.askedAt + 2 * gapMs(state);
}

function gapMs(state: MultiPaxosState): number {
  return state.options.heartbeatMs;
}

// Anybody may know what was chosen: whoever said so is asked every other time. The leader has enough to do, and is asked when others could not help.
function nextTeacher(state: MultiPaxosState): MemberId {
  const { catchUp, peers, links } = state;
  // Whoever offered a snapshot, and is silent since.
  const silent = state.receiving?.peer;
  if (catchUp.tries % 2 === 1 && links.has(catchUp.source) && catchUp.source !== silent) return catchUp.source;
  const others = peers.filter((peer) => isThere(peer) && peer.id !== silent && (peer.id !== state.leader || catchUp.tries > 2));
  const there = others.length > 0 ? others : peers.filter(isThere);
  return at(there, Math.floor(state.random() * there.length)).id;
}

function isThere({ link }: Peer): boolean {
  return link !== 0;
}

/** Chosen values, asked for or not. */
export function onLearnReply(state: MultiPaxosState, from: MemberId, message: LearnReply, entries: readonly EntryBatch[]): void {
  const { catchUp } = state;
  noteKnown(state, message.chosenUpTo, from);
  const before = state.commitIndex;
  learnValues(state, from, entries);
  if (catchUp.askedAt === never) return;
  catchUp.askedAt = never;
  // Whoever helped is asked for more at once; whoever could not gives the next one a turn.
  if (state.commitIndex > before) {
    catchUp.gapSince = state.now - gapMs(state);
    catchUp.source = from;
    catchUp.tries = 1;
  } else catchUp.gapSince = state.now;
}

/** Takes chosen values: each is kept as a vote of the ballot it came with. Who never got the accept votes now, so the promise is raised to it. */
export function learnValues(state: MultiPaxosState, from: MemberId, entries: readonly EntryBatch[]): void {
  for (const batch of entries) if (!learnBatch(state, batch)) return;
  const last = entries.at(-1);
  if (last === undefined || !state.tracing) return;
  state.out.trace.push({ event: 'learned', from, leader: from === state.leader, to: lastOf(last) });
}

function learnBatch(state: MultiPaxosState, batch: EntryBatch): boolean {
  let slot = Math.max(batch.first, state.log.base + 1);
  while (slot <= lastOf(batch)) {
    const known = slot <= state.commitIndex ? state.commitIndex : endOfRange(state.chosen, slot);
    if (known !== 0) {
      const end = Math.min(lastOf(batch), known);
      if (!agrees(state, batch, slot, end)) return false;
      slot = end + 1;
      continue;
    }
    const held = runAt(state.log.runs, slot);
    const end = Math.min(
      lastOf(batch),
      endOfSegment(state.chosen, slot),
      held === undefined ? nextRunFrom(state.log.runs, slot) - 1 : held.to,
    );
    // A vote of a ballot at or above the one it was chosen in is for the same value (P2).
    if (held !== undefined && compareEpochs(held.ballot, batch.epoch) >= 0) {
      if (!agrees(state, batch, slot, end)) return false;
    } else storeLearned(state, sliceEntries(batch, slot, end));
    markChosen(state, slot, end, batch.epoch);
    slot = end + 1;
  }
  return true;
}

function storeLearned(state: MultiPaxosState, batch: EntryBatch): void {
  state.counters.learned += batch.count;
  noteBallot(state, batch.epoch);
  if (compareEpochs(batch.epoch, state.promised) > 0) raisePromise(state, batch.epoch);
  storeVotes(state, batch);
}
