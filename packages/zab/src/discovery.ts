import { isQuorum, isVoter } from '@quorate/quorum';
import { becomeLooking, endLink } from './relations.ts';
import { zxidAt } from './log.ts';
import type { AckEpoch, FollowerInfo, NewEpoch } from './messages.ts';
import type { Peer } from './progress.ts';
import { acceptEpoch, enterEpoch, isHardStateDurable, send } from './state.ts';
import type { ZabState } from './state.ts';
import { beginSynchronization, maybeReady } from './synchronization.ts';
import { compareZxids } from './zxid.ts';

/** Z1: the follower's first word on the link to its leader. */
export function sendFollowerInfo(state: ZabState): void {
  const { acceptedEpoch, follower } = state;
  // No promise, only a lower bound for the epoch to come: it need not be durable yet.
  send(state, follower.leader, 'log', { kind: 'cepoch', acceptedEpoch }, false);
}

/** Z1 at its receiver, who may still be looking, and learn a moment later that it leads. */
export function onFollowerInfo(state: ZabState, peer: Peer, { acceptedEpoch }: FollowerInfo): string | undefined {
  if (peer.stage !== 'none') return 'a second CEPOCH on one link';
  if (state.role === 'following') {
    endLink(state, peer.id, 'this member does not lead');
    return undefined;
  }
  peer.stage = 'info';
  peer.acceptedEpoch = acceptedEpoch;
  if (state.role !== 'leading') return undefined;
  if (state.newEpoch === 0) maybeProposeEpoch(state);
  else sendNewEpoch(state, peer);
  // Z-14: it has given its word to a leader that failed, and will refuse ours. What came before the epoch is chosen is in it (Z2).
  if (state.newEpoch !== 0 && state.newEpoch < acceptedEpoch) {
    state.strandedEpoch = Math.max(state.strandedEpoch, acceptedEpoch);
    if (state.strandedSince === 0) state.strandedSince = state.now;
  }
  return undefined;
}

/** Z2: with the CEPOCH of a quorum, the new epoch is above everything that any of them accepted. */
export function maybeProposeEpoch(state: ZabState): void {
  const { self, peerById, peers } = state;
  const told = (id: number): boolean => id === self || peerById.get(id)?.stage === 'info';
  if (!isVoter(state.quorum, self) || !isQuorum(state.quorum, told)) return;
  let highest = Math.max(state.acceptedEpoch, state.strandedEpoch);
  for (const peer of peers) if (peer.stage === 'info') highest = Math.max(highest, peer.acceptedEpoch);
  state.newEpoch = highest + 1;
  acceptEpoch(state, state.newEpoch);
  for (const peer of peers) if (peer.stage === 'info') sendNewEpoch(state, peer);
}

// Protocol facts §3.5: a leader's own acceptance is durable before anybody hears of the epoch.
function sendNewEpoch(state: ZabState, peer: Peer): void {
  peer.stage = 'epoch';
  send(state, peer.id, 'log', { kind: 'new-epoch', epoch: state.newEpoch }, true);
}

/** Z3. */
export function onNewEpoch(state: ZabState, { epoch }: NewEpoch): string | undefined {
  const { follower, log } = state;
  if (follower.stage !== 'discovery') return 'NEWEPOCH outside of discovery';
  if (epoch < state.acceptedEpoch) {
    // Z-14: this member gave its word to a leader that failed; the others go on without it until their next election.
    becomeLooking(state);
    return undefined;
  }
  const counts = epoch > state.acceptedEpoch;
  if (counts) acceptEpoch(state, epoch);
  follower.stage = 'sync';
  state.phase = 'synchronization';
  const { epoch: zxidEpoch, counter: zxidCounter } = zxidAt(log, log.lastIndex);
  const { currentEpoch } = state;
  // Protocol facts §3.5: the epoch, and by the order of writes every txn up to the one that is named, are durable first.
  send(state, follower.leader, 'log', { kind: 'ack-epoch', epoch, counts, currentEpoch, zxidEpoch, zxidCounter }, true);
  return undefined;
}

/** Z4. */
export function onAckEpoch(state: ZabState, peer: Peer, message: AckEpoch): string | undefined {
  if (peer.stage !== 'epoch' || message.epoch !== state.newEpoch) return 'ACK-E without a NEWEPOCH';
  const zxid = { epoch: message.zxidEpoch, counter: message.zxidCounter };
  if (state.phase === 'discovery' && message.counts && peer.isVoter && isAhead(state, message.currentEpoch, zxid)) {
    // Zab 1.0: this leader does not have the best history of its quorum. Once a quorum without that follower has formed, by
    // intersection nothing of what it has in excess can be committed, and it is synchronised as any other.
    endLink(state, peer.id, 'it is ahead of this leader');
    return undefined;
  }
  peer.zxid = zxid;
  peer.counted = message.counts;
  peer.stage = 'acked';
  if (state.phase === 'discovery') maybeEnterEpoch(state);
  else beginSynchronization(state, peer);
  return undefined;
}

function isAhead(state: ZabState, currentEpoch: number, zxid: { readonly epoch: number; readonly counter: number }): boolean {
  if (currentEpoch !== state.currentEpoch) return currentEpoch > state.currentEpoch;
  return compareZxids(zxid, zxidAt(state.log, state.log.lastIndex)) > 0;
}

/** Z4, second half: with the ACK-E of a quorum, its own included, the epoch is this member's, and its history is the initial one. */
function maybeEnterEpoch(state: ZabState): void {
  const { self, peerById, peers } = state;
  if (state.newEpoch === 0 || !isHardStateDurable(state)) return;
  if (!isQuorum(state.quorum, (id) => id === self || peerById.get(id)?.counted === true)) return;
  enterEpoch(state, state.newEpoch);
  state.phase = 'synchronization';
  state.electedAt = state.now;
  state.initialLast = state.log.lastIndex;
  if (state.tracing) state.out.trace.push({ event: 'leader', epoch: state.currentEpoch });
  for (const peer of peers) if (peer.stage === 'acked') beginSynchronization(state, peer);
}

/** A write completed: what this member counts itself for may be durable now. */
export function onOwnWriteDurable(state: ZabState): void {
  if (state.role !== 'leading') return;
  if (state.phase === 'discovery') maybeEnterEpoch(state);
  else if (state.phase === 'synchronization') maybeReady(state);
}
