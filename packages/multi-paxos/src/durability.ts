import { at, invariant, lastOf, sameEpoch } from '@quorate/interface';
import type { EntryBatch, Index, WriteNumber } from '@quorate/interface';
import { putVotes } from './log.ts';
import { noteConfigSlots } from './membership.ts';
import { addRange } from './slot-ranges.ts';
import type { MultiPaxosState } from './state.ts';

/** Casts votes: in memory now, and on disk with the next write. */
export function storeVotes(state: MultiPaxosState, batch: EntryBatch): void {
  putVotes(state.log, batch);
  noteConfigSlots(state, batch);
  const { unwritten } = state;
  if (unwritten.entries.length === 0) unwritten.entries = [batch];
  else unwritten.entries.push(batch);
}

/** A write completed, and with it all before it: the own votes in it count only now (protocol facts §2.5). False where that was known. */
export function notePersisted(state: MultiPaxosState, write: WriteNumber): boolean {
  invariant(write <= state.writeNumber, 'only what was handed out completes');
  if (write <= state.persisted) return false;
  state.persisted = write;
  const { writesUnderWay, ownAcked, ballot, phase } = state;
  while (writesUnderWay.length > 0 && at(writesUnderWay, 0).write <= write) {
    const entries = writesUnderWay.shift()?.entries ?? [];
    if (phase !== 'steady') continue;
    for (const batch of entries) {
      if (!sameEpoch(batch.epoch, ballot) || lastOf(batch) <= state.commitIndex) continue;
      addRange(ownAcked, Math.max(batch.first, state.commitIndex + 1), lastOf(batch));
      state.choiceChecked = false;
    }
  }
  return true;
}

/** The write after which this member's own disk holds everything up to `slot`; 0 where it does (contracts §2). */
export function gateOf(state: MultiPaxosState, slot: Index): WriteNumber {
  const { writesUnderWay } = state;
  for (let place = writesUnderWay.length - 1; place >= 0; place--) {
    const { write, lowest } = at(writesUnderWay, place);
    if (lowest <= slot) return write;
  }
  return 0;
}

/** Everything chosen up to here is on the disk: what may leave the memory. */
export function durableUpTo(state: MultiPaxosState): Index {
  let upTo = state.commitIndex;
  for (const { lowest } of state.writesUnderWay) if (lowest <= upTo) upTo = lowest - 1;
  return upTo;
}
