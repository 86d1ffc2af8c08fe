import { invariant, noops } from '@quorate/interface';
import type { MemberId } from '@quorate/interface';
import { createTally, isQuorum, isVoter } from '@quorate/quorum';
import { appendEntries } from './durability.ts';
import type { PreVote, PreVoteResponse, RequestVote, RequestVoteResponse, TimeoutNow } from './messages.ts';
import { resetPeer } from './progress.ts';
import { failForwards, failReads } from './reads.ts';
import { raiseTerm, send } from './state.ts';
import type { RaftState } from './state.ts';
import { isUpToDate } from './term.ts';

/** Raft §5.2: a random time in [T, 2T), anew at each reset, splits ties. Learners never campaign. */
export function resetElectionTimer(state: RaftState): void {
  const { electionTimeoutMs } = state.options;
  state.electionDeadline = state.isVoter ? state.now + electionTimeoutMs * (1 + state.random()) : Number.POSITIVE_INFINITY;
}

/** Follows `leader` (0: nobody yet) in `term`, which is ours or higher. */
export function becomeFollower(state: RaftState, term: number, leader: MemberId): void {
  if (term > state.currentTerm) raiseTerm(state, term, 0);
  const was = state.role;
  if (was === 'leader') leaveOffice(state);
  state.role = 'follower';
  state.tally = undefined;
  if (state.leader !== leader) {
    failForwards(state);
    state.leader = leader;
  }
  if (leader !== 0 || was === 'leader') {
    state.suspectedAt = 0;
    state.electedAt = 0;
  }
  if (was !== 'follower' && state.tracing) state.out.trace.push({ event: 'follower', term: state.currentTerm, leader });
  // A higher term alone does not postpone our own candidacy: a loud candidate with an old log could hold everyone back.
  if (was === 'leader') resetElectionTimer(state);
}

function leaveOffice(state: RaftState): void {
  failReads(state);
  state.transferTarget = 0;
  state.leader = 0;
  for (const peer of state.peers) resetPeer(peer, state.log.lastIndex);
}

/** The election timeout passed, or somebody asked for a campaign. `transfer`: the leader itself did, so no pre-vote is needed (thesis §3.10). */
export function campaign(state: RaftState, transfer: boolean): void {
  if (state.role === 'leader') return;
  if (!state.isVoter) return resetElectionTimer(state);
  if (state.suspectedAt === 0) state.suspectedAt = state.now;
  failForwards(state);
  state.leader = 0;
  state.transferCampaign = transfer;
  if (state.options.preVote && !transfer) becomePreCandidate(state);
  else becomeCandidate(state);
}

// Thesis §9.6: nothing changes but the role; the term rises only if an election could be won.
function becomePreCandidate(state: RaftState): void {
  state.role = 'pre-candidate';
  startTally(state);
  if (state.tracing) state.out.trace.push({ event: 'pre-candidate', term: state.currentTerm });
  if (state.tally?.record(state.self, true) === 'won') becomeCandidate(state);
}

function becomeCandidate(state: RaftState): void {
  raiseTerm(state, state.currentTerm + 1, state.self);
  state.role = 'candidate';
  state.counters.elections++;
  startTally(state);
  if (state.tracing) state.out.trace.push({ event: 'candidate', term: state.currentTerm });
  // The own vote is counted when it is durable (onOwnVoteDurable), and the requests wait for that same write.
}

function startTally(state: RaftState): void {
  state.tally = createTally(state.quorum);
  for (const peer of state.peers) peer.voteOwed = isVoter(state.quorum, peer.id);
  resetElectionTimer(state);
}

/** At the end of a turn: asks for votes, also over links that came up meanwhile. */
export function sendVoteRequests(state: RaftState): void {
  if (state.role !== 'candidate' && state.role !== 'pre-candidate') return;
  const { currentTerm, self: candidate, log, transferCampaign: transfer } = state;
  const { lastIndex: lastLogIndex, lastTerm: lastLogTerm } = log;
  const real = state.role === 'candidate';
  for (const peer of state.peers) {
    if (!peer.voteOwed || peer.link === 0) continue;
    peer.voteOwed = false;
    // a request leaves only when the term, the own vote and, by the order of writes, every entry it claims are durable.
    if (real)
      send(
        state,
        peer.id,
        'control',
        { kind: 'request-vote', term: currentTerm, candidate, lastLogIndex, lastLogTerm, transfer },
        true,
      );
    else
      send(state, peer.id, 'control', { kind: 'pre-vote', term: currentTerm + 1, candidate, lastLogIndex, lastLogTerm }, false);
  }
}

/** Called when a write completed: the own vote counts only now (protocol facts §1.4). */
export function onOwnVoteDurable(state: RaftState): void {
  if (state.role !== 'candidate' || state.hardStateChanged || state.persisted < state.hardStateWrite) return;
  invariant(state.votedFor === state.self, 'a candidate votes for itself');
  countVote(state, state.self, true);
}

/**
 * Thesis §4.2.3: who hears a leader does not help to depose it. A leader counts as its own witness: if it reached no quorum, it would
 * step down by itself.
 */
export function hearsLeader(state: RaftState): boolean {
  if (!state.options.voteStickiness) return false;
  if (state.role === 'leader') return true;
  return state.leader !== 0 && state.now - state.leaderContactAt < state.options.electionTimeoutMs;
}

/** R4. Granting changes nothing here: no vote, no term, no timer. */
export function onPreVote(state: RaftState, from: MemberId, message: PreVote): void {
  const { log } = state;
  const granted =
    message.term > state.currentTerm && isUpToDate(message.lastLogTerm, message.lastLogIndex, log.lastTerm, log.lastIndex);
  // A refusal must be said, and with our own term, or a member with an older term would never learn it.
  const term = granted ? message.term : state.currentTerm;
  send(state, from, 'control', { kind: 'pre-vote-response', term, granted }, false);
}

/** R5. Refusals of an earlier round may be counted here; that costs a timeout, never safety. */
export function onPreVoteResponse(state: RaftState, from: MemberId, message: PreVoteResponse): void {
  if (state.role !== 'pre-candidate' || state.tally === undefined) return;
  if (message.granted && message.term !== state.currentTerm + 1) return;
  const result = state.tally.record(from, message.granted);
  if (result === 'won') becomeCandidate(state);
  else if (result === 'lost') becomeFollower(state, state.currentTerm, 0);
}

/** R6. Also learners answer: they may have been promoted without knowing it yet. */
export function onRequestVote(state: RaftState, from: MemberId, message: RequestVote): void {
  const { log } = state;
  invariant(message.term === state.currentTerm, 'the term was taken over before');
  const free = state.votedFor === 0 || state.votedFor === from;
  const granted = free && isUpToDate(message.lastLogTerm, message.lastLogIndex, log.lastTerm, log.lastIndex);
  if (granted) {
    if (state.votedFor === 0) {
      state.votedFor = from;
      state.hardStateChanged = true;
    }
    // Only a vote given away postpones our own candidacy (Raft §5.2).
    if (state.role !== 'leader') resetElectionTimer(state);
    if (state.tracing) state.out.trace.push({ event: 'voted', term: state.currentTerm, candidate: from });
  }
  // Raft §5.2 and Figure 2: the vote is durable before anybody hears of it. A refusal may rest on unsynced state, so it waits too.
  send(state, from, 'control', { kind: 'request-vote-response', term: state.currentTerm, granted }, true);
}

/** R7. The term is ours. */
export function onRequestVoteResponse(state: RaftState, from: MemberId, message: RequestVoteResponse): void {
  if (state.role === 'candidate') countVote(state, from, message.granted);
}

function countVote(state: RaftState, from: MemberId, granted: boolean): void {
  invariant(state.tally !== undefined, 'a candidate counts votes');
  const result = state.tally.record(from, granted);
  if (result === 'won') becomeLeader(state);
  else if (result === 'lost') becomeFollower(state, state.currentTerm, 0);
}

// R7. The no-op lets entries of earlier terms commit (Raft §5.4.2, §8).
function becomeLeader(state: RaftState): void {
  invariant(state.role === 'candidate' && state.votedFor === state.self, 'only a candidate of this term is elected');
  state.role = 'leader';
  state.leader = state.self;
  state.tally = undefined;
  state.electedAt = state.now;
  state.electionDeadline = Number.POSITIVE_INFINITY;
  state.heartbeatDeadline = state.now + state.options.heartbeatMs;
  state.checkQuorumDeadline = state.now + state.options.electionTimeoutMs;
  state.commitChecked = false;
  for (const peer of state.peers) {
    resetPeer(peer, state.log.lastIndex);
    peer.heardAt = state.now;
  }
  state.termStart = state.log.lastIndex + 1;
  appendEntries(state, noops(state.termStart, 1, { round: state.currentTerm, owner: 0 }));
  if (state.tracing) state.out.trace.push({ event: 'leader', term: state.currentTerm });
}

/** R16: the leader wants us to take over. */
export function onTimeoutNow(state: RaftState, _from: MemberId, message: TimeoutNow): void {
  invariant(message.term === state.currentTerm, 'the term was taken over before');
  if (state.role !== 'leader' && state.isVoter) campaign(state, true);
}

/**
 * R13: a leader that reaches no quorum is of no use, and may be hiding a better one (thesis §6.2). Neither is one whose disk hangs: it
 * commits nothing, while its heartbeats would keep it in office for ever (hashicorp/raft#503).
 */
export function checkQuorum(state: RaftState): void {
  const { self, peerById, peers, options } = state;
  state.checkQuorumDeadline = state.now + options.electionTimeoutMs;
  const reached = isQuorum(state.quorum, (id) => id === self || peerById.get(id)?.recentActive === true);
  for (const peer of peers) peer.recentActive = false;
  const oldest = state.writesUnderWay[0];
  const hangs =
    peers.length > 0 && oldest !== undefined && state.now - oldest.since >= hungDiskTimeouts * options.electionTimeoutMs;
  if (!reached || hangs) becomeFollower(state, state.currentTerm, 0);
}

/** A write that takes this many election timeouts counts as hanging: far above what a slow disk needs. */
const hungDiskTimeouts = 5;
