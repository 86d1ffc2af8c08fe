import { at, compareEpochs, invariant, lastOf, noEpoch, sameEpoch } from '@quorate/interface';
import type { EntryBatch, Index, MemberId } from '@quorate/interface';
import { isQuorum } from '@quorate/quorum';
import { higherBallot, nextBallot } from './ballot.ts';
import type { Ballot } from './ballot.ts';
import { noteKnown } from './catch-up.ts';
import { collectVotes } from './log.ts';
import type { Nack, Prepare, Promised } from './messages.ts';
import { resetPeer } from './progress.ts';
import type { Peer } from './progress.ts';
import { failForwards, failReads } from './reads.ts';
import { becomeLeader } from './become-leader.ts';
import { addRange, createRanges, endOfRange } from './slot-ranges.ts';
import type { SlotRanges } from './slot-ranges.ts';
import { noEntries, raisePromise, send, sendEntries } from './state.ts';
import type { MultiPaxosState } from './state.ts';
import { taughtNothing, waitsForTeacher } from './untaught.ts';

/** Phase 1 of one ballot: who promised, and what they have voted for. Volatile. */
export interface Phase1 {
  /** Everything below is known chosen here. */
  readonly fromSlot: Index;
  readonly answers: Map<MemberId, Answer>;
  /** The own promise is on the disk. */
  ownDurable: boolean;
  /** How far the votes of some acceptor are here without a gap, while not all of them are; and how much of that the others were told. */
  reached: Index;
  told: Index;
  tellAt: number;
  /** When the newest chunk came, and when this member leads with what it has, if it waits for better; Infinity: it does not wait. */
  movedAt: number;
  leadAt: number;
}

/** The chunks of one acceptor's promise. */
export interface Answer {
  /** Slots whose votes are here; up to Infinity once all are. */
  readonly covered: SlotRanges;
  readonly votes: EntryBatch[];
  chosenUpTo: Index;
}

/**
 * A random time in [T, 2T), anew at each reset; the range grows with failed attempts (M-7). Learners never prepare, and a leader does only
 * while it waits to be taught.
 */
export function resetElectionTimer(state: MultiPaxosState): void {
  const { electionTimeoutMs, damping } = state.options;
  const widest = damping && state.attempts > 0 ? Math.min(2 * state.attempts, 4) : 1;
  state.electionDeadline =
    state.isVoter && (state.phase !== 'steady' || waitsForTeacher(state))
      ? state.now + electionTimeoutMs * (1 + state.random() * widest)
      : Number.POSITIVE_INFINITY;
}

/** A ballot was seen. If it is higher than ours, somebody else is about to lead: what is in flight may still be chosen by them (P9). */
export function noteBallot(state: MultiPaxosState, ballot: Ballot): void {
  if (compareEpochs(ballot, state.seen) <= 0) return;
  state.seen = ballot;
  if (state.phase !== 'idle') {
    state.counters.preemptions++;
    if (state.tracing) state.out.trace.push({ event: 'preempted', ballot: state.ballot, by: ballot });
    state.attempts++;
    becomeFollower(state);
  } else setLeader(state, 0);
}

/** Gives up its ballot, or the attempt to get one. */
export function becomeFollower(state: MultiPaxosState): void {
  if (state.phase === 'steady') {
    failReads(state);
    for (const peer of state.peers) resetPeer(peer, state.commitIndex + 1);
  }
  state.phase = 'idle';
  state.phase1 = undefined;
  state.ballot = noEpoch;
  state.transfer.target = 0;
  state.notices = [];
  state.electedAt = 0;
  state.suspectedAt = 0;
  setLeader(state, 0);
  resetElectionTimer(state);
  if (state.tracing) state.out.trace.push({ event: 'follower', ballot: state.seen });
}

function setLeader(state: MultiPaxosState, leader: MemberId): void {
  if (state.leader === leader) return;
  failForwards(state);
  state.leader = leader;
  state.followedSince = 0;
}

/** Leader traffic under `ballot`, the highest seen: whoever sent it leads. A leader without contact is followed, but no longer spared (M-7). */
export function followLeader(state: MultiPaxosState, from: MemberId, ballot: Ballot, inContact: boolean): void {
  if (!sameEpoch(ballot, state.seen) || state.phase !== 'idle') return;
  setLeader(state, from);
  if (!inContact && state.options.damping) return;
  if (state.followedSince === 0) state.followedSince = state.now;
  else if (state.now - state.followedSince > 4 * state.options.electionTimeoutMs) state.attempts = 0;
  state.suspectedAt = 0;
  resetElectionTimer(state);
}

/** P1: the election timeout passed, or somebody asked for it. No log is compared with any other: phase 1 brings what is missing. */
export function campaign(state: MultiPaxosState, asked: boolean): void {
  if (state.phase === 'steady') return;
  if (!state.isVoter || (!asked && state.options.damping && !reachesQuorum(state))) return resetElectionTimer(state);
  if (state.suspectedAt === 0) state.suspectedAt = state.now;
  setLeader(state, 0);
  if (state.phase === 'preparing') {
    // Nobody has seen a higher ballot, so that a new one would be no better: the same question again.
    state.attempts++;
    askSilentPeers(state);
    resetElectionTimer(state);
    return;
  }
  becomePreparing(state);
}

/** A prepare that reaches no quorum would only depose who leads when this member comes back (M-7). */
export function reachesQuorum(state: MultiPaxosState): boolean {
  return isQuorum(state.q1, (id) => id === state.self || state.links.has(id));
}

/** Back among the others after a time alone: whoever leads them is heard before anything is prepared. */
export function listenFirst(state: MultiPaxosState): void {
  if (!state.options.damping || state.phase === 'steady') return;
  state.electionDeadline = Math.max(state.electionDeadline, state.now + state.options.heartbeatMs * (2 + state.random()));
}

function becomePreparing(state: MultiPaxosState): void {
  state.phase = 'preparing';
  state.ballot = nextBallot(higherBallot(state.seen, state.promised), state.self);
  state.seen = state.ballot;
  // The own promise is durable before the prepare leaves, so that no later life uses this ballot again (M-5).
  raisePromise(state, state.ballot);
  state.phase1 = {
    fromSlot: state.commitIndex + 1,
    answers: new Map(),
    ownDurable: false,
    reached: 0,
    told: 0,
    tellAt: 0,
    movedAt: state.now,
    leadAt: Number.POSITIVE_INFINITY,
  };
  state.counters.elections++;
  for (const peer of state.peers) {
    peer.prepareOwed = peer.isVoter;
    peer.prepareWaitMs = prepareMs(state);
  }
  resetElectionTimer(state);
  if (state.tracing) state.out.trace.push({ event: 'candidate', ballot: state.ballot });
}

function prepareMs(state: MultiPaxosState): number {
  return 2 * state.options.heartbeatMs;
}

function owesPromise(state: MultiPaxosState, id: MemberId): boolean {
  const isAsked = state.peerById.get(id)?.isVoter === true;
  return state.phase1 !== undefined && isAsked && !isComplete(state.phase1, state.phase1.answers.get(id));
}

function isComplete({ fromSlot }: Phase1, answer: Answer | undefined): boolean {
  return answer !== undefined && endOfRange(answer.covered, fromSlot) === Number.POSITIVE_INFINITY;
}

/** The link to a peer came up: it may not have heard of our ballot. */
export function askForPromise(state: MultiPaxosState, id: MemberId): void {
  const peer = state.peerById.get(id);
  if (peer !== undefined) peer.prepareOwed = owesPromise(state, id);
}

/** At the end of a turn: asks for promises, again where no answer came, and for the rest of those that came in part. */
export function sendPrepares(state: MultiPaxosState): void {
  const { phase1 } = state;
  if (phase1 === undefined) return;
  if (state.now >= state.prepareDeadline) askSilentPeers(state);
  let next = Number.POSITIVE_INFINITY;
  for (const peer of state.peers) {
    if (peer.link === 0) continue;
    const isOwed = peer.prepareOwed;
    peer.prepareOwed = false;
    // Its last chunk may have come in the turn in which it was to be asked again.
    if (!owesPromise(state, peer.id)) continue;
    if (isOwed) sendPrepare(state, phase1, peer);
    next = Math.min(next, peer.prepareAgainAt);
  }
  state.prepareDeadline = Math.min(next, phase1.leadAt, tellProgress(state, phase1));
}

/** Acceptors whose promise is complete hear how far the others have got, or they would lose patience with a long one. Gives when to look again. */
function tellProgress(state: MultiPaxosState, phase1: Phase1): number {
  if (phase1.reached === phase1.told) return Number.POSITIVE_INFINITY;
  if (state.now < phase1.tellAt) return phase1.tellAt;
  phase1.told = phase1.reached;
  phase1.tellAt = state.now + prepareMs(state);
  for (const { id, isVoter, link } of state.peers) {
    if (!isVoter || link === 0 || owesPromise(state, id)) continue;
    send(state, id, 'control', { kind: 'prepare', ballot: state.ballot, fromSlot: phase1.reached + 1 }, true);
  }
  return Number.POSITIVE_INFINITY;
}

// Ever more rarely: a promise may take long to arrive, and asking for it again sends more of it over the same link.
function sendPrepare(state: MultiPaxosState, { answers, fromSlot }: Phase1, peer: Peer): void {
  peer.prepareAgainAt = state.now + peer.prepareWaitMs;
  peer.prepareWaitMs = Math.min(2 * peer.prepareWaitMs, state.options.electionTimeoutMs);
  const covered = answers.get(peer.id)?.covered;
  const end = covered === undefined ? 0 : endOfRange(covered, fromSlot);
  send(state, peer.id, 'control', { kind: 'prepare', ballot: state.ballot, fromSlot: end === 0 ? fromSlot : end + 1 }, true);
}

/** Those whose promise does not come at all. One that comes in chunks is not asked for what is under way. */
function askSilentPeers(state: MultiPaxosState): void {
  for (const peer of state.peers) if (state.now >= peer.prepareAgainAt) peer.prepareOwed = owesPromise(state, peer.id);
}

/** P2, the acceptor's side of phase 1: promises to accept nothing below `ballot` in any slot, and tells all its votes. */
export function onPrepare(state: MultiPaxosState, from: MemberId, { ballot, fromSlot }: Prepare): void {
  if (compareEpochs(ballot, state.promised) < 0)
    return send(state, from, 'control', { kind: 'nack', ballot, promised: state.promised }, false);
  noteBallot(state, ballot);
  if (compareEpochs(ballot, state.promised) > 0) {
    raisePromise(state, ballot);
    state.promiseAskedFrom = 0;
    if (state.tracing) state.out.trace.push({ event: 'promised', ballot });
  }
  // Whoever prepares gets the time to finish: a promise of many votes takes long, as its next question shows.
  if (fromSlot > state.promiseAskedFrom) {
    state.promiseAskedFrom = fromSlot;
    resetElectionTimer(state);
  }
  sendPromise(state, from, ballot, fromSlot);
}

/** Votes under way to a candidate, and in one message: small, so that it sees early that they come, and a repeated question costs little. */
const promiseWindowBytes = 524_288;
const promiseMessageBytes = 65_536;

// Votes above the contiguous chosen slots are never evicted, so that they are all in memory. Beyond a window the rest is asked for.
function sendPromise(state: MultiPaxosState, to: MemberId, ballot: Ballot, fromSlot: Index): void {
  const { log, limits, commitIndex } = state;
  const trimmedBelow = log.base + 1;
  let from = fromSlot;
  const messageBytes = Math.min(limits.messageBytes, promiseMessageBytes);
  let bytesLeft = Math.max(1, Math.min(limits.windowBytes, promiseWindowBytes));
  let chunks = Math.max(1, limits.windowMessages);
  while (chunks > 0 && bytesLeft > 0) {
    const first = Math.max(from, commitIndex + 1);
    const votes = first > log.last ? noEntries : collectVotes(log, first, log.last, Math.min(messageBytes, bytesLeft));
    const last = votes.length === 0 ? log.last : lastOf(at(votes, votes.length - 1));
    const toSlot = last >= log.last ? 0 : last;
    for (const batch of votes) bytesLeft -= at(batch.ends, batch.count - 1);
    chunks--;
    const paused = toSlot !== 0 && (chunks === 0 || bytesLeft <= 0);
    const message = { kind: 'promise', ballot, fromSlot: from, toSlot, chosenUpTo: commitIndex, trimmedBelow, paused } as const;
    sendEntries(state, to, 'log', { message, entries: votes, gated: true });
    if (toSlot === 0) return;
    from = toSlot + 1;
  }
}

/** A chunk of a promise. It counts only with all the others of its acceptor (M-14). */
export function onPromise(state: MultiPaxosState, from: MemberId, message: Promised, votes: readonly EntryBatch[]): void {
  const { phase1 } = state;
  if (phase1 === undefined || !sameEpoch(message.ballot, state.ballot)) return;
  const peer = state.peerById.get(from);
  if (peer === undefined || !peer.isVoter) return;
  let answer = phase1.answers.get(from);
  if (answer === undefined) phase1.answers.set(from, (answer = { covered: createRanges(), votes: [], chosenUpTo: 0 }));
  if (isComplete(phase1, answer)) return;
  const end = message.toSlot === 0 ? Number.POSITIVE_INFINITY : message.toSlot;
  if (message.chosenUpTo > answer.chosenUpTo) answer.chosenUpTo = message.chosenUpTo;
  peer.claimed = answer.chosenUpTo;
  noteKnown(state, message.chosenUpTo, from);
  const known = endOfRange(answer.covered, message.fromSlot);
  if (known < end) {
    addRange(answer.covered, message.fromSlot, end);
    phase1.movedAt = state.now;
    peer.prepareWaitMs = prepareMs(state);
    peer.prepareAgainAt = state.now + peer.prepareWaitMs;
    answer.votes.push(...votes);
    const reached = endOfRange(answer.covered, phase1.fromSlot);
    if (reached < Number.POSITIVE_INFINITY && reached > phase1.reached) phase1.reached = reached;
    if (message.toSlot > 0 && state.tracing) state.out.trace.push({ event: 'promiseInChunks', from });
  }
  // The acceptor has filled its window: it goes on when it is asked, from the first chunk that is not here.
  if (message.paused) peer.prepareOwed = owesPromise(state, from);
  maybeLead(state);
}

/** P9. */
export function onNack(state: MultiPaxosState, { promised }: Nack): void {
  noteBallot(state, promised);
}

/** Called when a write completed: the own promise counts only now. */
export function onOwnPromiseDurable(state: MultiPaxosState): void {
  const { phase1 } = state;
  if (phase1 === undefined || phase1.ownDurable || state.promiseChanged || state.persisted < state.promiseWrite) return;
  phase1.ownDurable = true;
  maybeLead(state);
}

/** Never without the own promise on the disk, also where a phase-1 quorum needs no vote of ours. */
export function maybeLead(state: MultiPaxosState): void {
  const { phase1, self } = state;
  if (phase1 === undefined || !phase1.ownDurable) return;
  if (!isQuorum(state.q1, (id) => id === self || isComplete(phase1, phase1.answers.get(id)))) return;
  const othersSuffice = isQuorum(state.q1, (id) => id === self || isUseful(state, phase1, id));
  if (!othersSuffice && waitsForOthers(state, phase1)) return;
  invariant(sameEpoch(state.seen, state.ballot), 'nobody is known to have a higher ballot');
  // What is left out counts neither for the quorum nor for `u`: any phase-1 quorum justifies what is proposed above its own `u` (P2c).
  for (const [id, answer] of phase1.answers)
    if (!isComplete(phase1, answer) || (othersSuffice && !isUseful(state, phase1, id))) phase1.answers.delete(id);
  if (state.tracing) tracePhase1(state, phase1);
  becomeLeader(state, [...phase1.answers.values()]);
}

/** Its promise is complete, and calls nothing chosen that it did not teach when this member led. */
function isUseful(state: MultiPaxosState, phase1: Phase1, id: MemberId): boolean {
  const answer = phase1.answers.get(id);
  if (answer === undefined || !isComplete(phase1, answer)) return false;
  return answer.chosenUpTo <= state.commitIndex || !taughtNothing(state, id);
}

/** A quorum without those who taught nothing is worth the time of asking once more, or as long as some promise still gets through. */
function waitsForOthers(state: MultiPaxosState, phase1: Phase1): boolean {
  const mayCome = (id: MemberId): boolean => state.links.has(id) && owesPromise(state, id) && !taughtNothing(state, id);
  if (!isQuorum(state.q1, (id) => id === state.self || isUseful(state, phase1, id) || mayCome(id))) return false;
  phase1.leadAt = phase1.movedAt + Math.min(2 * prepareMs(state), state.options.electionTimeoutMs);
  return state.now < phase1.leadAt;
}

// What P2c is judged by: who answered, and with which votes.
function tracePhase1({ self, ballot, log, commitIndex, out }: MultiPaxosState, phase1: Phase1): void {
  const answers: object[] = [{ member: self, chosenUpTo: commitIndex, votes: log.runs.map((run) => ({ ...run })) }];
  for (const [member, answer] of phase1.answers) {
    const votes = answer.votes.map(({ first, count, epoch }) => ({ from: first, to: first + count - 1, ballot: epoch }));
    answers.push({ member, chosenUpTo: answer.chosenUpTo, votes });
  }
  out.trace.push({ event: 'phase1', ballot, fromSlot: phase1.fromSlot, answers });
}
