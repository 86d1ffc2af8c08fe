import { lastOf, payloadBytes, placeEntries } from '@quorate/interface';
import type { EntryBatch, ProposalRun } from '@quorate/interface';
import { storeVotes } from './durability.ts';
import type { MultiPaxosState } from './state.ts';

/** P4: takes the next free slots for a run of commands, or refuses it as a whole. The cost does not depend on the number of commands. */
export function onPropose(state: MultiPaxosState, run: ProposalRun): void {
  if (run.count === 0) return;
  const { firstId: first, count } = run;
  const { out, openBytes } = state;
  if (state.phase !== 'steady')
    out.rejected.push({ first, count, reason: state.phase === 'preparing' ? 'not-ready' : 'not-leader' });
  else if (state.transfer.target !== 0) out.rejected.push({ first, count, reason: 'transferring' });
  // A run alone may exceed the limit, or it could never be proposed.
  else if (openBytes > 0 && openBytes + payloadBytes(run) > state.limits.uncommittedBytes)
    out.rejected.push({ first, count, reason: 'overloaded' });
  else {
    const batch = placeEntries(run, state.nextSlot, state.ballot, 'command');
    const told = { first, count, index: batch.first, epoch: state.ballot };
    if (out.appended.length === 0) out.appended = [told];
    else out.appended.push(told);
    proposeOwn(state, batch);
  }
}

/** The leader votes for its own proposal; accepts leave at the end of the turn, from cursors. */
export function proposeOwn(state: MultiPaxosState, batch: EntryBatch): void {
  storeVotes(state, batch);
  state.openBytes += payloadBytes(batch);
  if (lastOf(batch) >= state.nextSlot) state.nextSlot = lastOf(batch) + 1;
}
