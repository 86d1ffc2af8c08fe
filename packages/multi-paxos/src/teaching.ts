import { at, lastOf, sameEpoch, sliceEntries } from '@quorate/interface';
import type { EntryBatch, Index } from '@quorate/interface';
import { ballotAt, collectVotes } from './log.ts';
import type { LearnRequest } from './messages.ts';
import type { Peer } from './progress.ts';
import { offerSnapshot } from './snapshot.ts';
import { noEntries, sendEntries } from './state.ts';
import type { MultiPaxosState } from './state.ts';

/** Another member lacks what was chosen from a slot on. Any member that has it answers, leader or not. */
export function onLearnRequest(state: MultiPaxosState, peer: Peer, { fromSlot }: LearnRequest): void {
  const { log, limits, commitIndex, out } = state;
  if (fromSlot > commitIndex) return reply(state, peer, fromSlot, noEntries);
  if (fromSlot <= log.base) return offerSnapshot(state, peer);
  if (fromSlot >= log.cachedFrom)
    return reply(
      state,
      peer,
      fromSlot,
      collectVotes(log, fromSlot, commitIndex, Math.min(limits.messageBytes, limits.windowBytes)),
    );
  if (peer.fetch !== 0 && peer.fetchFrom === fromSlot) return;
  peer.fetch = ++state.lastFetch;
  peer.fetchFrom = fromSlot;
  const range = { from: fromSlot, to: Math.min(commitIndex, log.cachedFrom - 1) };
  out.fetches.push({ fetch: peer.fetch, range, maxBytes: Math.min(limits.messageBytes, limits.windowBytes) });
}

/** Values that were asked of the journal for a peer. */
export function onFetched(
  state: MultiPaxosState,
  fetch: number,
  entries: readonly EntryBatch[],
  lost: 'compacted' | 'damaged' | undefined,
): void {
  const peer = state.peers.find((candidate) => candidate.fetch === fetch);
  if (peer === undefined) return; // The link ended meanwhile, or it asked for something else.
  const from = peer.fetchFrom;
  peer.fetch = 0;
  if (from <= state.log.base || lost === 'compacted') return offerSnapshot(state, peer);
  const chosen = lost === undefined ? chosenOnly(state, entries, from) : undefined;
  if (chosen === undefined) {
    // Not served, and not passed over in silence: it will ask another member.
    state.counters.damagedReads++;
    return reply(state, peer, from, noEntries);
  }
  reply(state, peer, from, chosen);
}

// What the journal returned is what the log says is there; anything else is damage, and must not reach anybody (openraft#1795).
function chosenOnly(state: MultiPaxosState, entries: readonly EntryBatch[], from: Index): readonly EntryBatch[] | undefined {
  let next = from;
  const chosen: EntryBatch[] = [];
  for (const batch of entries) {
    if (batch.count === 0 || batch.first !== next) return undefined;
    next = lastOf(batch) + 1;
    for (const slot of [batch.first, lastOf(batch)]) {
      const ballot = ballotAt(state.log, slot);
      if (ballot === undefined || !sameEpoch(ballot, batch.epoch)) return undefined;
    }
    if (batch.first > state.commitIndex) break;
    chosen.push(sliceEntries(batch, batch.first, Math.min(lastOf(batch), state.commitIndex)));
  }
  return chosen.length === 0 ? undefined : chosen;
}

function reply(state: MultiPaxosState, peer: Peer, fromSlot: Index, entries: readonly EntryBatch[]): void {
  const message = { kind: 'learn-reply', fromSlot, chosenUpTo: state.commitIndex } as const;
  sendEntries(state, peer.id, 'log', { message, entries, gated: false });
  if (entries.length > 0 && peer.offered !== undefined && at(entries, 0).first > peer.offered.index) peer.offered = undefined;
}
