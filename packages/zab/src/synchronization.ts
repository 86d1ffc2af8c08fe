import { invariant } from '@quorate/interface';
import type { Index } from '@quorate/interface';
import { isQuorum } from '@quorate/quorum';
import { offsetAfter, indexOf, predecessorOf, zxidAt } from './log.ts';
import type { AckLeader, Stored } from './messages.ts';
import { releaseInflight, startStream } from './progress.ts';
import type { Peer, SyncMode } from './progress.ts';
import { sendOffer } from './snapshot.ts';
import { advanceCommit, noEntries, queueSend, send } from './state.ts';
import type { ZabState } from './state.ts';
import { compareZxids } from './zxid.ts';

/** How a learner is brought to the leader's history: what is sent goes on behind `shared`, the last txn that both have. */
export interface SyncPlan {
  readonly mode: Exclude<SyncMode, 'none'>;
  readonly shared: Index;
}

/**
 * Z5, the decision. Histories with a common zxid are equal up to it, so that one comparison tells where they part. What both hold is
 * kept, committed or not; a txn of the learner that is not in our history cannot be committed, since our quorum of ACK-E did not have it.
 */
export function planSynchronization(state: ZabState, { zxid }: Pick<Peer, 'zxid'>, visibleTo: Index): SyncPlan {
  const { log, snapshot, damagedTo } = state;
  const held = indexOf(log, zxid);
  const isHeld = held !== undefined && held <= visibleTo;
  const cut = isHeld ? held : predecessorOf(log, zxid, visibleTo);
  const passesDamage = cut !== undefined && cut < damagedTo && (snapshot?.index ?? 0) >= damagedTo;
  if (cut === undefined || passesDamage) return { mode: 'SNAP', shared: 0 };
  if (isHeld) return { mode: 'DIFF', shared: cut };
  // ZooKeeper cuts within an epoch only. Without a snapshot that goes beyond the cut there is no other way than to cut: the learner
  // has the whole initial history of the epoch of its last txn, and so have we, whose epoch is later than that one.
  const crosses = zxidAt(log, cut).epoch !== zxid.epoch;
  return crosses && snapshot !== undefined && snapshot.index > cut ? { mode: 'SNAP', shared: 0 } : { mode: 'TRUNC', shared: cut };
}

/** Z5: registers the learner, and says how its history is brought up. Observers wait for the quorum: they are told nothing uncommitted. */
export function beginSynchronization(state: ZabState, peer: Peer): void {
  invariant(peer.stage === 'acked', 'a learner is synchronised once it has told what it has');
  if (!peer.isVoter && state.phase !== 'broadcast') return;
  const { currentEpoch: epoch, log } = state;
  const visibleTo = peer.isVoter ? log.lastIndex : state.commitIndex;
  const { mode, shared } = planSynchronization(state, peer, visibleTo);
  peer.mode = mode;
  peer.syncBytes = 0;
  peer.registeredTo = visibleTo;
  if (mode === 'SNAP') return sendOffer(state, peer);
  const { epoch: zxidEpoch, counter: zxidCounter } = zxidAt(log, shared);
  const kind = mode === 'DIFF' ? 'diff' : 'trunc';
  send(state, peer.id, 'log', { kind, epoch, zxidEpoch, zxidCounter }, false);
  startStream(peer, shared + 1);
  if (state.tracing && mode === 'TRUNC') state.out.trace.push({ event: 'trunc-sent', to: peer.id, index: shared });
}

/** The learner's disk holds more: there is room in its window, or its snapshot is installed. Nothing is counted (see `Stored`). */
export function onStored(state: ZabState, peer: Peer, message: Stored): string | undefined {
  if (message.epoch !== state.currentEpoch) return 'stored txns of another epoch';
  const zxid = { epoch: message.zxidEpoch, counter: message.zxidCounter };
  const index = indexOf(state.log, zxid);
  if (peer.stage === 'snap') return onOfferAnswered(peer, zxid);
  if (peer.stage !== 'stream' && peer.stage !== 'new-leader' && peer.stage !== 'synced') return 'stored txns that were not sent';
  if (index === undefined) return undefined; // Compacted here meanwhile.
  if (index >= peer.next) return 'stored txns that were not sent';
  releaseInflight(peer.inflight, index);
  return undefined;
}

// Its own last txn, as before: not taken. The offer is made anew with the next pings, so that a failing pull does not spin.
function onOfferAnswered(peer: Peer, zxid: Peer['zxid']): undefined {
  const { offered } = peer;
  invariant(offered !== undefined, 'a snapshot was offered');
  if (compareZxids(zxid, peer.zxid) === 0) peer.stage = 'acked';
  else {
    startStream(peer, offered.index + 1);
    peer.syncBytes += offered.bytes;
  }
  peer.offered = undefined;
  return undefined;
}

/** With the regular pings: learners whose synchronisation was given up begin again. */
export function retrySynchronizations(state: ZabState): void {
  for (const peer of state.peers) if (peer.stage === 'acked' && state.phase !== 'discovery') beginSynchronization(state, peer);
}

/** The history is sent: NEWLEADER follows, once our own `currentEpoch` is durable; PROPOSEs behind it wait too (protocol facts §3.5). */
export function sendNewLeader(state: ZabState, peer: Peer): void {
  const { currentEpoch: epoch, persisted, hardStateWrite, log } = state;
  peer.stage = 'new-leader';
  // Before the quorum of ACK-LD, that quorum itself is the commit of all of it.
  peer.commitSent = state.phase === 'broadcast' ? Math.min(state.commitIndex, peer.registeredTo) : peer.registeredTo;
  const { epoch: zxidEpoch, counter: zxidCounter } = zxidAt(log, peer.commitSent);
  const gate = persisted >= hardStateWrite ? 0 : hardStateWrite;
  const message = { kind: 'new-leader', epoch, zxidEpoch, zxidCounter } as const;
  queueSend(state.out, { links: [peer.link], lane: 'log', gate, message, entries: noEntries });
  if (state.tracing) state.out.trace.push({ event: 'synced', peer: peer.id, mode: peer.mode, bytes: peer.syncBytes });
}

/** ACK-LD: the learner has the history, and then our epoch, on its disk. */
export function onAckLeader(state: ZabState, peer: Peer, { epoch }: AckLeader): string | undefined {
  if (peer.stage !== 'new-leader' || epoch !== state.currentEpoch) return 'ACK-LD without a NEWLEADER';
  peer.stage = 'synced';
  peer.acked = peer.registeredTo;
  releaseInflight(peer.inflight, peer.registeredTo);
  state.commitChecked = false;
  if (state.phase === 'synchronization') maybeReady(state);
  return undefined;
}

/** Z7: a quorum has acknowledged NEWLEADER, this member itself among it. The initial history is committed as a whole, without a txn. */
export function maybeReady(state: ZabState): void {
  const { self, peerById, log, initialLast, persisted, hardStateWrite, hardStateChanged } = state;
  if (hardStateChanged || persisted < hardStateWrite) return;
  if (!isQuorum(state.quorum, (id) => id === self || peerById.get(id)?.stage === 'synced')) return;
  invariant(log.lastIndex === initialLast, 'nothing is proposed before a quorum is synchronised');
  invariant(state.durableIndex >= initialLast, 'the history was written before the epoch');
  state.phase = 'broadcast';
  state.readyAt = state.now;
  if (initialLast > state.commitIndex) advanceCommit(state, initialLast, offsetAfter(log, initialLast));
  if (state.tracing) state.out.trace.push({ event: 'ready', epoch: state.currentEpoch, history: initialLast });
  for (const peer of state.peers) if (peer.stage === 'acked') beginSynchronization(state, peer);
}

/** Z8: with the latest commit of what the learner was sent, not with that of its ACK-LD (Z-12); COMMITs go on behind it. */
export function sendUpToDate(state: ZabState, peer: Peer): void {
  const { currentEpoch: epoch, log } = state;
  peer.commitSent = Math.min(state.commitIndex, peer.next - 1);
  peer.upToDateSent = true;
  const { epoch: zxidEpoch, counter: zxidCounter } = zxidAt(log, peer.commitSent);
  send(state, peer.id, 'log', { kind: 'up-to-date', epoch, zxidEpoch, zxidCounter }, false);
}
