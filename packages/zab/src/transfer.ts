import type { MemberId } from '@quorate/interface';
import { isVoter } from '@quorate/quorum';
import { decide } from './election.ts';
import type { Designate } from './messages.ts';
import { becomeLooking } from './relations.ts';
import { send } from './state.ts';
import type { ZabState } from './state.ts';

/**
 * Hands leadership to a voter: the leader names its successor, and the others skip the election (ATC'12 §3.4, as when a
 * reconfiguration removes the leader). Proposals are refused until it happened, or an election timeout passed.
 */
export function onTransfer(state: ZabState, to: MemberId): void {
  if (state.role !== 'leading' || state.phase !== 'broadcast' || to === state.self || !isVoter(state.quorum, to)) return;
  state.transferTarget = to;
  state.transferDeadline = state.now + state.options.electionTimeoutMs;
  state.designated = false;
  if (state.tracing) state.out.trace.push({ event: 'transfer', to });
}

/** Once the successor has our whole history, nobody's is better. The followers end their links to us when they hear its name. */
export function maybeDesignate(state: ZabState): void {
  const { transferTarget, currentEpoch: epoch, log, peers } = state;
  if (transferTarget === 0 || state.designated) return;
  const peer = state.peerById.get(transferTarget);
  if (peer === undefined || !peer.upToDateSent || peer.acked < log.lastIndex || peer.commitSent < log.lastIndex) return;
  for (const { id, upToDateSent, isVoter: votes } of peers)
    if (upToDateSent && votes) send(state, id, 'log', { kind: 'designate', epoch, leader: transferTarget }, false);
  state.designated = true;
}

/** The leader leaves, and names the next one: as if an election had chosen it. Discovery and synchronisation follow as after any other. */
export function onDesignate(state: ZabState, { epoch, leader }: Designate): string | undefined {
  if (state.follower.stage !== 'active' || epoch !== state.currentEpoch) return 'a successor named outside of broadcast';
  if (!state.isVoter || !isVoter(state.quorum, leader)) return 'a successor that does not vote';
  becomeLooking(state);
  decide(state, leader);
  return undefined;
}
