import type { MemberId } from '@quorate/interface';
import { isQuorum, isVoter } from '@quorate/quorum';
import { diskHangs } from './durability.ts';
import { becomeFollowing } from './follower.ts';
import { becomeLeading } from './leader.ts';
import { zxidAt } from './log.ts';
import { serverStates } from './messages.ts';
import type { Notification, ServerState } from './messages.ts';
import type { Peer } from './progress.ts';
import { send } from './state.ts';
import type { ZabState } from './state.ts';
import { compareZxids, noZxid } from './zxid.ts';
import type { Zxid } from './zxid.ts';

/** Who should lead, with what that member holds. */
export interface Vote {
  readonly leader: MemberId;
  readonly peerEpoch: number;
  readonly zxid: Zxid;
}

/** Fast leader election. All volatile: a vote promises nothing, and may change within a round. Safety comes from discovery. */
export interface ElectionState {
  /** logicalClock: the round. Rises with each one that is entered. */
  round: number;
  vote: Vote;
  /** For ourselves, as the round began. */
  ownVote: Vote;
  /** Votes of this round, by voter. */
  readonly received: Map<MemberId, Vote>;
  /** Votes of those who are done electing, of whatever round, by voter (outOfElection). */
  readonly settled: Map<MemberId, { readonly leader: MemberId; readonly round: number; readonly state: number }>;
  /** When our vote is told again, and the time until then. */
  notifyDeadline: number;
  notifyWaitMs: number;
  /** When a quorum of equal votes decides unless a better one comes; Infinity: there is no such quorum. */
  finalizeDeadline: number;
}

const noVote: Vote = { leader: 0, peerEpoch: 0, zxid: noZxid };

export function createElectionState(): ElectionState {
  return {
    round: 0,
    vote: noVote,
    ownVote: noVote,
    received: new Map(),
    settled: new Map(),
    notifyDeadline: Number.POSITIVE_INFINITY,
    notifyWaitMs: 0,
    finalizeDeadline: Number.POSITIVE_INFINITY,
  };
}

/**
 * F1: a new round, with a vote for ourselves: our last logged zxid, applied or not (Z-5), and our `currentEpoch`. While our disk hangs we
 * stand for nothing: what it owes makes our history the longest, and we would be elected, and fail in discovery, again and again.
 */
export function startElection(state: ZabState): void {
  const { election, log } = state;
  election.round++;
  election.ownVote = isCandidate(state)
    ? { leader: state.self, peerEpoch: state.currentEpoch, zxid: zxidAt(log, log.lastIndex) }
    : noVote;
  election.vote = election.ownVote;
  election.settled.clear();
  startRound(state);
  tellVote(state);
  election.notifyWaitMs = state.options.finalizeWaitMs;
  election.notifyDeadline = state.now + election.notifyWaitMs;
  state.counters.elections++;
  if (state.tracing) state.out.trace.push({ event: 'looking', round: election.round });
  countVotes(state);
}

function isCandidate(state: ZabState): boolean {
  return state.isVoter && !(state.peers.length > 0 && diskHangs(state));
}

function startRound(state: ZabState): void {
  const { election } = state;
  election.received.clear();
  election.finalizeDeadline = Number.POSITIVE_INFINITY;
  if (state.isVoter) election.received.set(state.self, election.vote);
}

/** F2: `currentEpoch`, then the last zxid, then the member. The first key is the persisted epoch, not the one inside of the zxid. */
export function isBetter(a: Vote, b: Vote): boolean {
  if (a.peerEpoch !== b.peerEpoch) return a.peerEpoch > b.peerEpoch;
  const order = compareZxids(a.zxid, b.zxid);
  return order === 0 ? a.leader > b.leader : order > 0;
}

function isSame(a: Vote, b: Vote): boolean {
  return a.leader === b.leader && a.peerEpoch === b.peerEpoch && compareZxids(a.zxid, b.zxid) === 0;
}

function tellVote(state: ZabState): void {
  for (const peer of state.peers) if (peer.isVoter) peer.voteOwed = true;
}

function changeVote(state: ZabState, vote: Vote): void {
  const { election } = state;
  if (!isSame(vote, election.vote)) {
    election.finalizeDeadline = Number.POSITIVE_INFINITY;
    if (state.tracing) state.out.trace.push({ event: 'voteChanged', leader: vote.leader, round: election.round });
  }
  election.vote = vote;
  if (state.isVoter) election.received.set(state.self, vote);
  tellVote(state);
}

/** At the end of a turn: one notification to each who is owed one, however often the vote changed. */
export function sendNotifications(state: ZabState): void {
  const { round, vote } = state.election;
  for (const peer of state.peers) {
    if (!peer.voteOwed || peer.link === 0) continue;
    peer.voteOwed = false;
    const { leader, peerEpoch, zxid } = vote;
    const { epoch: zxidEpoch, counter: zxidCounter } = zxid;
    send(
      state,
      peer.id,
      'control',
      { kind: 'notification', leader, zxidEpoch, zxidCounter, peerEpoch, round, state: serverState(state) },
      false,
    );
  }
}

function serverState(state: ZabState): ServerState {
  if (state.role === 'looking') return serverStates.looking;
  if (state.role === 'leading') return serverStates.leading;
  return state.isVoter ? serverStates.following : serverStates.observing;
}

/** A notification, in whatever state the sender and we are. */
export function onNotification(state: ZabState, peer: Peer, message: Notification): void {
  const { leader, peerEpoch, zxidEpoch, zxidCounter, round } = message;
  const isLooking = message.state === serverStates.looking;
  // F5; and whoever does not vote is only told ours.
  if (state.role !== 'looking' || !peer.isVoter) {
    if (isLooking) peer.voteOwed = true;
    return;
  }
  if (!isVoter(state.quorum, leader)) return;
  const vote = { leader, peerEpoch, zxid: { epoch: zxidEpoch, counter: zxidCounter } };
  if (isLooking) onLookingVote(state, peer, vote, round);
  else onSettledVote(state, peer, vote, message);
}

// F3.
function onLookingVote(state: ZabState, peer: Peer, vote: Vote, round: number): void {
  const { election } = state;
  if (round < election.round) {
    // An observer's round is nobody's business: two that answer each other would never come to an end.
    if (state.isVoter) peer.voteOwed = true;
    return;
  }
  election.settled.delete(peer.id);
  if (round > election.round) {
    election.round = round;
    startRound(state);
    changeVote(state, isBetter(vote, election.ownVote) ? vote : election.ownVote);
  } else if (isBetter(vote, election.vote)) changeVote(state, vote);
  election.received.set(peer.id, vote);
  countVotes(state);
}

// F4. Nobody is waited for where nobody else votes.
function countVotes(state: ZabState): void {
  const { election, quorum, options } = state;
  const { received, vote } = election;
  const agrees = (voter: MemberId): boolean => {
    const given = received.get(voter);
    return given !== undefined && isSame(given, vote);
  };
  if (vote.leader === 0 || !isQuorum(quorum, agrees)) election.finalizeDeadline = Number.POSITIVE_INFINITY;
  else if (election.finalizeDeadline === Number.POSITIVE_INFINITY) {
    const isAlone = quorum.halves.every(({ voters }) => voters.length === 1);
    election.finalizeDeadline = state.now + (isAlone ? 0 : options.finalizeWaitMs);
  }
}

// F6. The leader is looked up where its own word is kept, whatever rounds the others are in (Z-11).
function onSettledVote(state: ZabState, peer: Peer, vote: Vote, { round, state: serverRole }: Notification): void {
  const { election, quorum } = state;
  const { leader } = vote;
  election.settled.set(peer.id, { leader, round, state: serverRole });
  const saysItLeads = election.settled.get(leader)?.state === serverStates.leading && leader !== state.self;
  if (round === election.round) {
    election.received.set(peer.id, vote);
    // Others of this round follow us already: they saw the quorum first.
    const isMine = leader === state.self;
    if ((isMine || saysItLeads) && isQuorum(quorum, (voter) => election.received.get(voter)?.leader === leader))
      return decide(state, leader);
    countVotes(state);
  }
  if (!saysItLeads || !isQuorum(quorum, (voter) => election.settled.get(voter)?.leader === leader)) return;
  election.round = election.settled.get(leader)?.round ?? election.round;
  decide(state, leader);
}

/** Timers of a member that is looking. */
export function runElectionTimers(state: ZabState): void {
  const { election, options, now } = state;
  if (now >= election.finalizeDeadline) return decide(state, election.vote.leader);
  if (now < election.notifyDeadline) return;
  // The disk goes on: others may need us now.
  if (election.ownVote.leader === 0 && isCandidate(state)) return startElection(state);
  // F7.
  tellVote(state);
  election.notifyWaitMs = Math.min(2 * election.notifyWaitMs, options.notificationCapMs);
  election.notifyDeadline = now + election.notifyWaitMs;
}

/** The election is over for this member: it leads, or follows. */
export function decide(state: ZabState, leader: MemberId): void {
  const { election } = state;
  if (election.vote.leader !== leader) election.vote = { ...noVote, leader };
  election.received.clear();
  election.settled.clear();
  election.finalizeDeadline = Number.POSITIVE_INFINITY;
  election.notifyDeadline = Number.POSITIVE_INFINITY;
  if (leader === state.self) becomeLeading(state);
  else becomeFollowing(state, leader);
}
