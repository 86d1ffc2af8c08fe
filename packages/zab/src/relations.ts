import type { LinkId, MemberId } from '@quorate/interface';
import { startElection } from './election.ts';
import { connect, forgetLeader } from './follower.ts';
import { checkQuorum } from './leader.ts';
import { endRelation } from './progress.ts';
import { failForwards, failReads } from './reads.ts';
import { cancelReceive } from './snapshot.ts';
import type { ZabState } from './state.ts';

/** A link is up: to tell our vote over it, or to follow its other end. */
export function onLinkUp(state: ZabState, member: MemberId, link: LinkId): void {
  if (state.links.has(member)) onLinkLost(state, member); // The loser of two connections that met.
  state.links.set(member, link);
  const peer = state.peerById.get(member);
  if (peer !== undefined) {
    peer.link = link;
    peer.heardAt = state.now;
    if (state.role === 'looking' && peer.isVoter) peer.voteOwed = true;
  }
  if (member === state.follower.leader) connect(state);
}

/** A link is over, and with it all that the two members had to do with each other. */
export function onLinkLost(state: ZabState, member: MemberId): void {
  state.links.delete(member);
  const peer = state.peerById.get(member);
  if (peer !== undefined) {
    peer.link = 0;
    endRelation(peer);
    state.commitChecked = false;
  }
  const { follower } = state;
  if (state.role === 'following' && follower.leader === member && follower.stage !== 'connect') becomeLooking(state);
  // The followers leave for the successor: so does this leader, once it has no quorum any more.
  else if (state.role === 'leading' && state.designated) checkQuorum(state);
}

/** Ends a link for a reason: a gap, a refusal, a relation that is over. */
export function endLink(state: ZabState, member: MemberId, reason: string): void {
  const link = state.links.get(member);
  if (link === undefined) return;
  state.out.closes.push({ link, reason });
  onLinkLost(state, member);
}

/**
 * Every way back leads through here: a relation that ended, a timeout, a leader without a quorum (Z13). The links of the relations end,
 * so that nothing of them is taken for part of a later one.
 */
export function becomeLooking(state: ZabState): void {
  const { role, follower } = state;
  const { leader } = follower;
  const wasLeading = role === 'leading';
  state.role = 'looking';
  state.phase = 'election';
  if (wasLeading) leaveOffice(state);
  failForwards(state);
  cancelReceive(state);
  const isLinked = follower.link !== 0 && state.links.get(leader) === follower.link;
  forgetLeader(state);
  if (role === 'following' && isLinked) endLink(state, leader, 'this member leaves its leader');
  if (state.suspectedAt === 0 || role !== 'looking') state.suspectedAt = state.now;
  state.electedAt = 0;
  state.readyAt = 0;
  startElection(state);
}

function leaveOffice(state: ZabState): void {
  failReads(state);
  state.newEpoch = 0;
  state.transferTarget = 0;
  state.designated = false;
  state.rollsOver = false;
  if (state.tracing) state.out.trace.push({ event: 'stopped', epoch: state.currentEpoch });
  for (const peer of state.peers) if (peer.stage !== 'none') endLink(state, peer.id, 'this leader stops');
}
