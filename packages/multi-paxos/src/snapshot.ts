import { invariant, lastOf, sliceEntries } from '@quorate/interface';
import type { EntryBatch, Index, MemberId, SnapshotMeta } from '@quorate/interface';
import { noteKnown } from './catch-up.ts';
import { advanceCommit, commitTo } from './choice.ts';
import { resetElectionTimer } from './election.ts';
import { ballotAt, tailStart, trimLog } from './log.ts';
import { compactConfigs, rebaseConfigs } from './membership.ts';
import type { HaveSnapshot } from './messages.ts';
import type { Peer } from './progress.ts';
import { dropUpTo } from './slot-ranges.ts';
import { send } from './state.ts';
import type { MultiPaxosState } from './state.ts';

/** The peer needs, or proposes in, slots that were trimmed here: a snapshot stands for them. Its replica pulls the bytes. */
export function offerSnapshot(state: MultiPaxosState, peer: Peer): void {
  const { snapshot: meta } = state;
  if (meta === undefined) return;
  peer.offered = meta;
  send(state, peer.id, 'log', { kind: 'have-snapshot', meta }, false);
  if (state.tracing) state.out.trace.push({ event: 'snapshot-offered', to: peer.id, index: meta.index });
}

/** The peer holds everything up to `chosenUpTo`: nothing is kept for it any more, if that is beyond the snapshot that it was told of. */
export function noteBeyondOffer(peer: Peer, chosenUpTo: Index): void {
  if (peer.offered !== undefined && chosenUpTo > peer.offered.index) peer.offered = undefined;
}

/** Some member has a snapshot of what is missing here. */
export function onHaveSnapshot(state: MultiPaxosState, from: MemberId, { meta }: HaveSnapshot): void {
  const { receiving, catchUp } = state;
  noteKnown(state, meta.index, from);
  catchUp.askedAt = Number.POSITIVE_INFINITY;
  if (meta.index <= state.commitIndex) return;
  if (receiving !== undefined && receiving.meta.id !== meta.id) {
    // One that is slower than snapshots are taken would never finish, if each new one ended the pull of the old one.
    if (isPulling(state)) return;
    state.out.snapshots.push({ do: 'cancel', peer: receiving.peer, meta: receiving.meta });
  }
  if (receiving !== undefined && receiving.meta.id === meta.id && receiving.peer === from) return;
  state.receiving = { peer: from, meta };
  state.out.snapshots.push({ do: 'receive', peer: from, meta });
}

/**
 * A snapshot is on its way: the replica looks after that, and tries other sources. Of a source whose link is half open a leader knows, as
 * everybody answers its heartbeats; then somebody else is to name a snapshot. Other members need not hear from each other.
 */
export function isPulling({ receiving, links, phase, peerById, now, options }: MultiPaxosState): boolean {
  if (receiving === undefined || !links.has(receiving.peer)) return false;
  const heardAt = peerById.get(receiving.peer)?.heardAt ?? Number.NEGATIVE_INFINITY;
  return phase !== 'steady' || now - heardAt < options.electionTimeoutMs;
}

/** The bytes are durable in the store. One batch makes the snapshot the base; votes above it stay, the promise is what it was, nothing is cut. */
export function onSnapshotReceived(state: MultiPaxosState, meta: SnapshotMeta): void {
  const { receiving } = state;
  if (receiving === undefined || receiving.meta.id !== meta.id) return; // Overtaken: the store drops what has no mark.
  state.receiving = undefined;
  if (meta.index <= state.commitIndex) return;
  keepReplaced(state);
  // Whether those that were voted on were chosen is not known; the snapshot names the configuration.
  state.configSlots = state.configSlots.filter((slot) => slot > meta.index);
  commitTo(state, meta.index);
  trimLog(state.log, meta.index, meta.epoch);
  dropUpTo(state.owed.slots, meta.index);
  const { unwritten } = state;
  unwritten.entries = entriesAbove(unwritten.entries, meta.index);
  unwritten.compactBelow = meta.index + 1;
  state.snapshot = meta;
  unwritten.snapshotMark = meta;
  if (state.nextSlot <= meta.index) state.nextSlot = meta.index + 1;
  // What is in the snapshot may have been chosen in a ballot above ours, and with another value: nobody is told that ours chose it (M-3).
  if (state.firstSlot <= meta.index) state.firstSlot = meta.index + 1;
  const config = meta.configs.at(-1);
  invariant(config !== undefined, 'a snapshot names its configuration');
  rebaseConfigs(state, meta.index, config);
  advanceCommit(state);
  if (state.tracing) state.out.trace.push({ event: 'snapshot-installed', index: meta.index });
}

function keepReplaced(state: MultiPaxosState): void {
  const { base, baseBallot, runs } = state.log;
  state.replaced.push({ log: { base, baseBallot, runs: runs.map((run) => ({ ...run })) }, configs: [...state.configs] });
}

function entriesAbove(entries: readonly EntryBatch[], index: Index): EntryBatch[] {
  return entries
    .filter((batch) => lastOf(batch) > index)
    .map((batch) => (batch.first > index ? batch : sliceEntries(batch, index + 1, lastOf(batch))));
}

/** The pull was given up: somebody is asked again. */
export function onSnapshotFailed(state: MultiPaxosState, meta: SnapshotMeta): void {
  const { catchUp } = state;
  if (state.receiving?.meta.id !== meta.id) return;
  state.receiving = undefined;
  catchUp.gapSince = state.now;
  if (meta.index <= catchUp.failedPullIndex) return;
  catchUp.failedPullIndex = meta.index;
  // A leader has the time to ask for another one.
  if (state.phase === 'steady') resetElectionTimer(state);
}

/** What was missing arrived another way. */
export function maybeCancelReceive(state: MultiPaxosState): void {
  const { receiving } = state;
  if (receiving === undefined || receiving.meta.index > state.commitIndex) return;
  state.receiving = undefined;
  state.out.snapshots.push({ do: 'cancel', peer: receiving.peer, meta: receiving.meta });
}

/** This member took a snapshot, and it is durable in the store: votes below may be trimmed. */
export function onSnapshotTaken(state: MultiPaxosState, meta: SnapshotMeta): void {
  if (meta.index <= (state.snapshot?.index ?? 0)) return;
  invariant(meta.index <= state.commitIndex, 'only what is chosen is in a snapshot');
  state.snapshot = meta;
  state.unwritten.snapshotMark = meta;
  maybeTrim(state, meta.index);
}

// Keeps a tail for whoever lags a little, and what a peer will need right after the snapshot that it is pulling now.
function maybeTrim(state: MultiPaxosState, index: number): void {
  const { log, limits, options } = state;
  let from = tailStart(log, index, limits.tailBytes);
  for (const { heardAt, offered } of state.peers) {
    const isThere = state.now - heardAt < 2 * options.electionTimeoutMs;
    if (isThere && offered !== undefined) from = Math.min(from, offered.index + 1);
  }
  if (from - 1 <= log.base) return;
  const ballot = ballotAt(log, from - 1);
  invariant(ballot !== undefined, 'what is chosen and not trimmed has a ballot');
  trimLog(log, from - 1, ballot);
  compactConfigs(state, from - 1);
  state.unwritten.compactBelow = from;
}
