import type { MemberId } from '@quorate/interface';
import { becomeFollower, campaign, resetElectionTimer } from './election.ts';
import { isPulling } from './snapshot.ts';
import type { MultiPaxosState } from './state.ts';

/** A leader that lacks slots of which a promise said no more than that they are chosen: it proposes nothing there. */
export function waitsForTeacher({ phase, commitIndex, firstSlot }: MultiPaxosState): boolean {
  return phase === 'steady' && commitIndex < firstSlot - 1;
}

/**
 * The leader was taught nothing for an election timeout: whoever knew what it lacks is gone, or cannot give it. Among the others a phase-1 quorum
 * of a higher ballot may still have the votes by which it was chosen (P2c), or name who can teach it.
 */
export function beginAgain(state: MultiPaxosState): void {
  if (state.transfer.target !== 0 || waitsForSnapshot(state)) return resetElectionTimer(state);
  state.counters.untaught++;
  if (state.tracing) state.out.trace.push({ event: 'untaught', ballot: state.ballot, fromSlot: state.commitIndex + 1 });
  for (const peer of state.peers) if (peer.claimed > state.commitIndex) peer.untaughtSlot = state.commitIndex + 1;
  state.attempts++;
  becomeFollower(state);
  campaign(state, false);
}

/** It called chosen what is still missing here, and did not teach it while this member led. Forgotten as soon as that is known here. */
export function taughtNothing({ peerById, commitIndex }: MultiPaxosState, id: MemberId): boolean {
  return peerById.get(id)?.untaughtSlot === commitIndex + 1;
}

// A long pull has all the time it needs; once one was given up, only that of a newer snapshot is waited for.
function waitsForSnapshot(state: MultiPaxosState): boolean {
  return isPulling(state) && (state.receiving?.meta.index ?? 0) > state.catchUp.failedPullIndex;
}
