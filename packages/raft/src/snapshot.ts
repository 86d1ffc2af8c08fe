import { invariant } from '@quorate/interface';
import type { MemberId, SnapshotMeta } from '@quorate/interface';
import { followLeader } from './append-entries.ts';
import { forgetWritten } from './durability.ts';
import { compactLog, hasEntry, offsetAfter, resetLog, tailStart } from './log.ts';
import { compactConfigs, rebaseConfigs } from './membership.ts';
import type { InstallSnapshot } from './messages.ts';
import { becomeSnapshot } from './progress.ts';
import type { Peer } from './progress.ts';
import { advanceCommit, halt, send } from './state.ts';
import type { RaftState } from './state.ts';

/** R14: the peer needs what the log no longer has. Raft §7, as an offer; its replica pulls the bytes. */
export function offerSnapshot(state: RaftState, peer: Peer): void {
  const { snapshot: meta } = state;
  if (meta === undefined || meta.index <= peer.match) return;
  becomeSnapshot(peer, meta, state.now);
  sendOffer(state, peer, meta);
}

/**
 * No answer for long: the offer or its answer was lost, or the pull takes its time. The same snapshot again, also where there is a
 * newer one by now: offering that would end the pull, and one that is slower than snapshots are taken would never finish.
 */
export function offerAgain(state: RaftState, peer: Peer): void {
  invariant(peer.offered !== undefined, 'something was offered');
  peer.offeredAt = state.now;
  sendOffer(state, peer, peer.offered);
}

function sendOffer(state: RaftState, peer: Peer, meta: SnapshotMeta): void {
  const { currentTerm: term, self: leader } = state;
  send(state, peer.id, 'log', { kind: 'install-snapshot', term, leader, meta }, false);
  if (state.tracing) state.out.trace.push({ event: 'snapshot-offered', to: peer.id, index: meta.index });
}

/** R15, first half: the leader offers a snapshot. */
export function onInstallSnapshot(state: RaftState, from: MemberId, message: InstallSnapshot): void {
  if (!followLeader(state, from)) return;
  const { meta } = message;
  const { receiving, log } = state;
  // With the same last entry, the log holds all that the snapshot stands for, and the snapshot proves it committed (Raft §7).
  if (meta.index > state.commitIndex && hasEntry(log, meta.index, meta.epoch.round))
    advanceCommit(state, meta.index, offsetAfter(log, meta.index));
  if (meta.index <= state.commitIndex) return answerOffer(state, from, meta.index);
  if (receiving !== undefined && receiving.meta.id === meta.id && receiving.peer === from) return;
  if (receiving !== undefined && receiving.meta.id !== meta.id)
    state.out.snapshots.push({ do: 'cancel', peer: receiving.peer, meta: receiving.meta });
  state.receiving = { peer: from, meta };
  state.out.snapshots.push({ do: 'receive', peer: from, meta });
}

// Everything up to the commit index equals the leader's (Leader Completeness); the answer waits until it is durable.
function answerOffer(state: RaftState, to: MemberId, offeredIndex: number): void {
  const { currentTerm: term, commitIndex: acceptedUpTo } = state;
  send(state, to, 'log', { kind: 'install-snapshot-response', term, offeredIndex, acceptedUpTo }, true);
}

/** R15, second half: the bytes are durable in the store. One batch makes the snapshot the base of the log. */
export function onSnapshotReceived(state: RaftState, meta: SnapshotMeta): void {
  const { receiving, log } = state;
  if (receiving === undefined || receiving.meta.id !== meta.id) return; // Overtaken: the store drops what has no mark.
  state.receiving = undefined;
  if (meta.index > state.commitIndex) {
    if (hasEntry(log, meta.index, meta.epoch.round)) advanceCommit(state, meta.index, offsetAfter(log, meta.index));
    else if (state.role === 'leader')
      return halt(
        state,
        `E_DIVERGED: this leader lacks entry ${meta.index}, which a snapshot proves committed (Raft §5.4, Leader Completeness).`,
      );
    else replaceLog(state, meta);
    markSnapshot(state, meta);
    state.hardStateChanged = true; // Mark, truncation and hard state in one batch (nexi-lab/nexus#4215).
  }
  if (state.leader !== 0 && state.leader !== state.self) answerOffer(state, state.leader, meta.index);
}

function replaceLog(state: RaftState, meta: SnapshotMeta): void {
  const { log, unwritten } = state;
  const from = log.baseIndex + 1;
  const terms = { ...log, runs: [...log.runs], batches: [], offsets: [], head: 0, evicted: [] };
  state.replaced.push({ log: terms, configs: [...state.configs] });
  resetLog(log, meta.index, meta.epoch.round);
  forgetWritten(state, from);
  unwritten.compactBelow = meta.index + 1;
  // An acknowledgement owed for the old log would name entries that are gone; the commit index covers it.
  state.ackOwed = false;
  advanceCommit(state, meta.index, log.endOffset);
  if (state.tracing) state.out.trace.push({ event: 'snapshot-installed', index: meta.index });
}

function markSnapshot(state: RaftState, meta: SnapshotMeta): void {
  state.snapshot = meta;
  state.unwritten.snapshotMark = meta;
  const config = meta.configs.at(-1);
  invariant(config !== undefined, 'a snapshot names its configuration');
  rebaseConfigs(state, meta.index, config);
}

/** The pull was given up: the leader shall offer again, what it has by then. */
export function onSnapshotFailed(state: RaftState, meta: SnapshotMeta): void {
  if (state.receiving?.meta.id !== meta.id) return;
  state.receiving = undefined;
  if (state.leader !== 0 && state.leader !== state.self) answerOffer(state, state.leader, meta.index);
}

/** Entries arrived another way, or another leader's log made the pull pointless. */
export function maybeCancelReceive(state: RaftState): void {
  const { receiving } = state;
  if (receiving === undefined || receiving.meta.index > state.commitIndex) return;
  state.receiving = undefined;
  state.out.snapshots.push({ do: 'cancel', peer: receiving.peer, meta: receiving.meta });
}

/** This member took a snapshot, and it is durable in the store: from here on it is the base for everyone who lags. */
export function onSnapshotTaken(state: RaftState, meta: SnapshotMeta): void {
  if (meta.index <= (state.snapshot?.index ?? 0)) return;
  invariant(meta.index <= state.commitIndex, 'only committed entries are in a snapshot');
  invariant(hasEntry(state.log, meta.index, meta.epoch.round), 'a snapshot ends with an entry of this log');
  state.snapshot = meta;
  state.unwritten.snapshotMark = meta;
  maybeCompact(state, meta.index);
}

// Keeps a tail for followers that lag a little, and what a peer will need right after the snapshot that it is pulling now.
function maybeCompact(state: RaftState, index: number): void {
  const { log, limits, options } = state;
  let from = tailStart(log, index, limits.tailBytes);
  for (const peer of state.peers) {
    const isThere = state.now - peer.heardAt < 2 * options.electionTimeoutMs;
    if (state.role === 'leader' && isThere && peer.offered !== undefined) from = Math.min(from, peer.offered.index + 1);
  }
  if (from - 1 <= log.baseIndex) return;
  compactLog(log, from - 1);
  compactConfigs(state, from - 1);
  state.unwritten.compactBelow = from;
  state.commitOffset = offsetAfter(log, state.commitIndex);
}
