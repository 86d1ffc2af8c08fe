import { invariant } from '@quorate/interface';
import type { SnapshotMeta } from '@quorate/interface';
import { forgetWritten } from './durability.ts';
import { compactLog, offsetAfter, resetLog, tailStart, zxidAt } from './log.ts';
import { compactConfigs, rebaseConfigs } from './membership.ts';
import type { Snap } from './messages.ts';
import type { Peer } from './progress.ts';
import { advanceCommit, send } from './state.ts';
import type { ZabState } from './state.ts';
import { decodeEpochStarts } from './zxid.ts';

/** SNAP, the leader's side: an offer; the learner's replica pulls the bytes. Without a snapshot the learner waits for one. */
export function sendOffer(state: ZabState, peer: Peer): void {
  const { snapshot: meta, currentEpoch: epoch } = state;
  if (meta === undefined) return;
  peer.stage = 'snap';
  peer.offered = meta;
  send(state, peer.id, 'log', { kind: 'snap', epoch, meta }, false);
  if (state.tracing) state.out.trace.push({ event: 'snapshot-offered', to: peer.id, index: meta.index });
}

/** SNAP, the learner's side. Until it is whole and durable, nothing of the old history is touched (Z-6). */
export function onSnap(state: ZabState, { epoch, meta }: Snap): string | undefined {
  const { follower } = state;
  if (follower.stage !== 'sync' || epoch !== state.acceptedEpoch) return 'SNAP outside of synchronisation';
  if (meta.index <= state.commitIndex) return 'a snapshot of what is committed here already';
  follower.stage = 'snap';
  follower.receiving = meta;
  state.out.snapshots.push({ do: 'receive', peer: follower.leader, meta });
  return undefined;
}

/** The bytes are durable in the store. One batch marks the snapshot and drops the whole old log, also what lies above it (Z-7). */
export function onSnapshotReceived(state: ZabState, meta: SnapshotMeta): void {
  const { follower, log, unwritten } = state;
  if (follower.receiving?.id !== meta.id) return; // Overtaken: the store drops what has no mark.
  invariant(follower.stage === 'snap', 'a snapshot is pulled while the leader waits for it');
  follower.receiving = undefined;
  const epochs = decodeEpochStarts(meta.core);
  invariant(epochs !== undefined, 'the table of epochs was checked with the offer');
  const from = log.baseIndex + 1;
  const zxids = { ...log, epochs: [...log.epochs], batches: [], offsets: [], head: 0, evicted: [] };
  state.replaced.push({ log: zxids, configs: [...state.configs] });
  resetLog(log, meta.index, epochs);
  forgetWritten(state, from);
  unwritten.compactBelow = meta.index + 1;
  unwritten.snapshotMark = meta;
  state.snapshot = meta;
  state.hardStateChanged = true; // Mark, truncation and hard state in one batch.
  advanceCommit(state, meta.index, log.endOffset);
  const config = meta.configs.at(-1);
  invariant(config !== undefined, 'a snapshot names its configuration');
  rebaseConfigs(state, meta.index, config);
  follower.stage = 'stream';
  follower.storedOwed = true;
  if (state.tracing) state.out.trace.push({ event: 'snapshot-installed', index: meta.index });
}

/** The pull was given up: the leader shall decide anew, with what it has by then. */
export function onSnapshotFailed(state: ZabState, meta: SnapshotMeta): void {
  const { follower } = state;
  if (follower.receiving?.id !== meta.id) return;
  follower.receiving = undefined;
  follower.stage = 'sync';
  follower.storedOwed = true;
}

/** The relation in which it was offered is over. */
export function cancelReceive(state: ZabState): void {
  const { receiving, leader } = state.follower;
  if (receiving === undefined) return;
  state.follower.receiving = undefined;
  state.out.snapshots.push({ do: 'cancel', peer: leader, meta: receiving });
}

/** This member took a snapshot, and it is durable in the store: from here on it is the base for everyone who lags. */
export function onSnapshotTaken(state: ZabState, meta: SnapshotMeta): void {
  const { log } = state;
  if (meta.index <= (state.snapshot?.index ?? 0)) return;
  invariant(meta.index <= state.commitIndex, 'only committed txns are in a snapshot');
  invariant(zxidAt(log, meta.index).epoch === meta.epoch.round, 'a snapshot ends with a txn of this history');
  state.snapshot = meta;
  state.unwritten.snapshotMark = meta;
  maybeCompact(state, meta.index);
}

// Keeps a tail for followers that lag a little, and what learners need that are being synchronised now.
function maybeCompact(state: ZabState, index: number): void {
  const { log, limits, options } = state;
  let from = tailStart(log, index, limits.tailBytes);
  for (const { stage, heardAt, offered, next } of state.peers) {
    if (state.now - heardAt >= 2 * options.electionTimeoutMs) continue;
    if (stage === 'snap' && offered !== undefined) from = Math.min(from, offered.index + 1);
    else if (stage === 'stream') from = Math.min(from, next);
  }
  if (from - 1 <= log.baseIndex) return;
  compactLog(log, from - 1);
  compactConfigs(state, from - 1);
  state.unwritten.compactBelow = from;
  state.commitOffset = offsetAfter(log, state.commitIndex);
}
