import { sameEpoch } from '@quorate/interface';
import type { MemberId } from '@quorate/interface';
import { isVoter } from '@quorate/quorum';
import { campaign } from './election.ts';
import type { TakeOver } from './messages.ts';
import { send } from './state.ts';
import type { MultiPaxosState } from './state.ts';

/** Asks a voter to prepare a higher ballot; proposals are refused until it happened or an election timeout passed. Phase 1 brings it all that is open here. */
export function onTransfer(state: MultiPaxosState, to: MemberId): void {
  if (state.phase !== 'steady' || to === state.self || !isVoter(state.q1, to)) return;
  state.transfer.target = to;
  state.transfer.deadline = state.now + state.options.electionTimeoutMs;
  state.transfer.asked = false;
  if (state.tracing) state.out.trace.push({ event: 'transfer', to });
}

/** At the end of a turn; again with every heartbeat, as it may be lost. */
export function maybeSendTakeOver(state: MultiPaxosState): void {
  if (state.transfer.target === 0 || state.transfer.asked || !state.links.has(state.transfer.target)) return;
  send(state, state.transfer.target, 'control', { kind: 'take-over', ballot: state.ballot }, false);
  state.transfer.asked = true;
}

/** Given up: this leader goes on. */
export function maybeGiveUpTransfer(state: MultiPaxosState): void {
  if (state.transfer.target === 0 || state.now < state.transfer.deadline) return;
  state.transfer.target = 0;
  if (state.tracing) state.out.trace.push({ event: 'transfer-given-up' });
}

/** The leader wants us to take over. An order of a leader that somebody has replaced is void. */
export function onTakeOver(state: MultiPaxosState, { ballot }: TakeOver): void {
  if (state.phase === 'idle' && state.isVoter && sameEpoch(ballot, state.seen)) campaign(state, true);
}
