import type { MemberId } from '@quorate/interface';
import { isVoter } from '@quorate/quorum';
import { send } from './state.ts';
import type { RaftState } from './state.ts';

/** Thesis §3.10: hands leadership to a voter. Only a leader can; proposals are refused until it happened or an election timeout passed. */
export function onTransfer(state: RaftState, to: MemberId): void {
  if (state.role !== 'leader' || to === state.self || !isVoter(state.quorum, to)) return;
  state.transferTarget = to;
  state.transferDeadline = state.now + state.options.electionTimeoutMs;
  state.timeoutNowSent = false;
  if (state.tracing) state.out.trace.push({ event: 'transfer', to });
}

/** Once the target has our whole log it may campaign at once; its log then beats or equals everyone's. */
export function maybeSendTimeoutNow(state: RaftState): void {
  if (state.transferTarget === 0 || state.timeoutNowSent) return;
  const peer = state.peerById.get(state.transferTarget);
  if (peer === undefined || peer.link === 0 || peer.match < state.log.lastIndex) return;
  send(state, peer.id, 'control', { kind: 'timeout-now', term: state.currentTerm }, false);
  state.timeoutNowSent = true;
}

/** Given up: this leader goes on (thesis §3.10). */
export function maybeGiveUpTransfer(state: RaftState): void {
  if (state.transferTarget === 0 || state.now < state.transferDeadline) return;
  state.transferTarget = 0;
  if (state.tracing) state.out.trace.push({ event: 'transfer-given-up' });
}
