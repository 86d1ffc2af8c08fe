import { invariant } from '@quorate/interface';
import type { Core, CoreInput, CoreKind, CoreSetup, CoreStatus, Effects, LinkId, MemberId } from '@quorate/interface';
import { maybeCommit, onAck, onFetched, onPropose, retryDamaged, sendStreams } from './broadcast.ts';
import { onAckEpoch, onFollowerInfo, onNewEpoch, onOwnWriteDurable } from './discovery.ts';
import { notePersisted } from './durability.ts';
import { takeEffects } from './effects.ts';
import { onNotification, runElectionTimers, sendNotifications } from './election.ts';
import type { HeldMessage } from './follower.ts';
import { runLeaderTimers, sendPings } from './leader.ts';
import {
  acceptNewLeader,
  onCommit,
  onDiff,
  onInform,
  onNewLeader,
  onPing,
  onProposal,
  onTruncate,
  onUpToDate,
  sendAcks,
  writesHistoryFirst,
} from './learning.ts';
import { cachedRun, epochAt, evictPayloads } from './log.ts';
import { malformation } from './malformation.ts';
import { activateConfigs, configAt, maybeRecordGenesis } from './membership.ts';
import { describeMessage } from './messages.ts';
import type { Pong, ZabMessage } from './messages.ts';
import { resolveZabOptions } from './options.ts';
import type { ZabOptions } from './options.ts';
import type { Peer } from './progress.ts';
import { confirmReads, forwardReads, onRead, onSync, onSyncResponse, startReadRound } from './reads.ts';
import { recoverState } from './recovery.ts';
import { becomeLooking, endLink, onLinkLost, onLinkUp } from './relations.ts';
import { onSnap, onSnapshotFailed, onSnapshotReceived, onSnapshotTaken } from './snapshot.ts';
import { takeWrite } from './state.ts';
import type { ZabState } from './state.ts';
import { readStatus } from './status.ts';
import { onAckLeader, onStored, retrySynchronizations } from './synchronization.ts';
import { maybeDesignate, onDesignate, onTransfer } from './transfer.ts';
import { encodeEpochStarts, encodeHardState } from './zxid.ts';

/**
 * The ZAB protocol (Zab 1.0 as in ZooKeeper; Junqueira, Reed & Serafini 2011). Throws a `RangeError` that names every bad option.
 * Needs links that are in order and complete; decides in the order of its history; reads by a strengthened sync; elects only among
 * members that all reach each other.
 */
export function zab(options: Partial<ZabOptions> = {}): CoreKind<ZabMessage> {
  const resolved = resolveZabOptions(options);
  return {
    protocol: 'zab',
    formatVersion: 1,
    needs: { fifoLinks: true },
    abilities: { outOfOrderChoice: false, quorumReads: false, reconfigure: false, electsThroughPartialLinks: false },
    create: (setup) => createZab(setup, resolved),
    describe: describeMessage,
  };
}

function createZab(setup: CoreSetup, options: ZabOptions): Core<ZabMessage> {
  const state = recoverState(setup, options);
  return {
    step: (input, now) => step(state, input, now),
    drain: (now) => drain(state, now),
    cached: (from, maxBytes) => cachedRun(state.log, from, maxBytes),
    metaAt: (index) => metaAt(state, index),
    status: (): CoreStatus => readStatus(state),
  };
}

function step(state: ZabState, input: CoreInput<ZabMessage>, now: number): void {
  if (state.halted !== undefined) return;
  noteTime(state, now);
  switch (input.type) {
    case 'message':
      return onMessage(state, input);
    case 'propose':
      return onPropose(state, input.run);
    case 'persisted':
      return onPersisted(state, input.write);
    case 'applied':
      return onApplied(state, input.index);
    case 'linkUp':
      return onLinkUp(state, input.peer, input.link);
    case 'linkDown':
      return onLinkDown(state, input.peer, input.link);
    case 'read':
      return onRead(state, input.context);
    case 'fetched':
      return onFetched(state, input.fetch, input.entries, input.lost);
    case 'snapshotTaken':
      return onSnapshotTaken(state, input.meta);
    case 'snapshotReceived':
      return onSnapshotReceived(state, input.meta);
    case 'snapshotFailed':
      return onSnapshotFailed(state, input.meta);
    case 'transfer':
      return onTransfer(state, input.to);
    case 'campaign':
      // Who leads has what it asks for; who is looking is in an election.
      if (state.role === 'following') becomeLooking(state);
      return;
    case 'suspect':
      return onSuspect(state, input.peer);
    case 'reconfigure':
      // Not an ability yet; counted, so that a caller who did not look finds out.
      state.counters.refusedReconfigurations++;
      return;
    case 'wake':
      return; // Deadlines are looked at in drain, when the inbox has been emptied.
  }
}

/** Called once per turn, after all its inputs: timers, then one write, then messages from cursors. */
function drain(state: ZabState, now: number): Effects<ZabMessage> {
  if (state.halted !== undefined) return takeEffects(state, undefined);
  noteTime(state, now);
  const isRegular = state.role === 'leading' && now >= state.heartbeatDeadline;
  runTimers(state);
  if (state.role === 'leading') {
    maybeCommit(state);
    maybeRecordGenesis(state);
  } else if (state.follower.stage === 'accepting') maybeAcceptNewLeader(state);
  activateConfigs(state);
  const write = takeWrite(state, state.hardStateChanged ? encodeHardState(state) : undefined);
  if (state.role === 'leading') {
    const roundBegan = startReadRound(state);
    confirmReads(state);
    sendPings(state, roundBegan);
    if (isRegular) {
      retryDamaged(state);
      retrySynchronizations(state);
    }
    sendStreams(state);
    maybeDesignate(state);
  } else if (state.role === 'following') {
    forwardReads(state);
    sendAcks(state);
  }
  sendNotifications(state);
  evictPayloads(state.log, Math.min(state.commitIndex, state.durableIndex), state.limits.memoryBytes);
  return takeEffects(state, write);
}

function runTimers(state: ZabState): void {
  if (state.role === 'looking') return runElectionTimers(state);
  if (state.role === 'leading') return runLeaderTimers(state);
  // Z14.
  if (state.now >= state.follower.deadline) becomeLooking(state);
}

// Z6: one drain hands the history to the disk, the next one the epoch; then what arrived behind NEWLEADER is looked at.
function maybeAcceptNewLeader(state: ZabState): void {
  if (writesHistoryFirst(state)) {
    state.out.moreToSend = true;
    return;
  }
  acceptNewLeader(state);
  const { held, leader } = state.follower;
  state.follower.held = [];
  for (const { message, entries } of held) {
    const wrong = state.follower.leader === leader ? onLeaderWord(state, message, entries) : undefined;
    if (wrong !== undefined) refuse(state, leader, wrong);
  }
}

/**
 * Called long after the announced deadline, this process stood still: timers move, so that peers get the time that they had no
 * chance to use (contracts §1). Once per sign of life: a process that is always late must still be able to time out.
 */
function noteTime(state: ZabState, now: number): void {
  invariant(now >= state.now, 'monotonic time never falls');
  state.now = now;
  const late = now - state.announcedDeadline;
  if (late <= state.options.heartbeatMs) return;
  state.announcedDeadline = Number.POSITIVE_INFINITY;
  state.counters.lateWakes++;
  if (state.tracing) state.out.trace.push({ event: 'late', ms: late });
  if (state.lateForgiven) return;
  state.lateForgiven = true;
  // Moved, not begun anew: a leader that is late again and again, and hears only a minority, must still stop.
  state.follower.deadline += late;
  state.discoveryDeadline += late;
  state.quorumDeadline += late;
  state.transferDeadline += late;
  for (const peer of state.peers) peer.heardAt = Math.min(now, peer.heardAt + late);
}

function onPersisted(state: ZabState, write: number): void {
  if (!notePersisted(state, write)) return;
  state.commitChecked = false;
  onOwnWriteDurable(state);
}

function onApplied(state: ZabState, index: number): void {
  invariant(index <= state.commitIndex, 'only what is committed is applied');
  if (index <= state.appliedIndex) return;
  state.appliedIndex = index;
  if (index >= state.log.baseIndex) state.replaced.length = 0;
}

function onLinkDown(state: ZabState, peer: MemberId, link: LinkId): void {
  if (state.links.get(peer) === link) onLinkLost(state, peer); // Else one that we ended, or the loser of two that met.
}

// A failure detector thinks that our leader is gone: we give it less time to show that it is not.
function onSuspect(state: ZabState, peer: MemberId): void {
  const { follower, options } = state;
  if (state.role !== 'following' || peer !== follower.leader) return;
  follower.deadline = Math.min(follower.deadline, state.now + state.random() * options.electionTimeoutMs);
}

function onMessage(state: ZabState, input: Extract<CoreInput<ZabMessage>, { type: 'message' }>): void {
  const { from, link, message, entries } = input;
  if (state.links.get(from) !== link) return; // Of a link that ended: it counts for nothing (Z-13).
  const problem = from === state.self ? 'a message from this member itself' : malformation(message, entries);
  if (problem !== undefined) {
    state.counters.malformed++;
    if (state.tracing) state.out.trace.push({ event: 'malformed', reason: problem });
    endLink(state, from, problem);
    return;
  }
  const peer = state.peerById.get(from);
  if (peer === undefined) return; // Not a member of the configuration in force.
  state.lateForgiven = false;
  peer.heardAt = state.now;
  const { follower } = state;
  // Z14: votes are no sign of a leader. One that elects still, in a later round, would keep us for as long as it tells its vote again.
  if (from === follower.leader && message.kind !== 'notification')
    follower.deadline = state.now + state.options.electionTimeoutMs;
  const wrong = dispatch(state, peer, { message, entries });
  if (wrong !== undefined) refuse(state, from, wrong);
}

// What a correct member does not say in this state ends the link, and with it the relation.
function refuse(state: ZabState, from: MemberId, reason: string): void {
  state.counters.illegal++;
  if (state.tracing) state.out.trace.push({ event: 'illegal', from, reason });
  endLink(state, from, reason);
}

/** Returns what is wrong with a message that no correct member sends in this state. */
function dispatch(state: ZabState, peer: Peer, { message, entries }: HeldMessage): string | undefined | void {
  switch (message.kind) {
    case 'notification':
      return onNotification(state, peer, message);
    case 'cepoch':
      return onFollowerInfo(state, peer, message);
    case 'ack-epoch':
    case 'ack-leader':
    case 'ack':
    case 'stored':
    case 'pong':
    case 'sync':
      return state.role === 'leading' ? onLearnerWord(state, peer, message) : `${message.kind} to one that does not lead`;
    default:
      if (state.role !== 'following' || state.follower.leader !== peer.id || state.follower.link !== peer.link)
        return `${message.kind} of one that is not our leader`;
      return onLeaderWord(state, message, entries);
  }
}

type LearnerWord = Extract<ZabMessage, { kind: 'ack-epoch' | 'ack-leader' | 'ack' | 'stored' | 'pong' | 'sync' }>;

function onLearnerWord(state: ZabState, peer: Peer, message: LearnerWord): string | undefined | void {
  if (peer.stage === 'none') return `${message.kind} without a CEPOCH`;
  switch (message.kind) {
    case 'ack-epoch':
      return onAckEpoch(state, peer, message);
    case 'ack-leader':
      return onAckLeader(state, peer, message);
    case 'ack':
      return onAck(state, peer, message);
    case 'stored':
      return onStored(state, peer, message);
    case 'pong':
      return onPong(state, peer, message);
    case 'sync':
      return onSync(state, peer.id, message);
  }
}

function onPong(state: ZabState, peer: Peer, { epoch, readRound }: Pong): string | undefined {
  if (readRound > state.reads.round) return 'it confirms a round of reads that never began';
  if (epoch !== 0 && epoch !== state.newEpoch) return 'a pong of another epoch';
  // An echo counts from a synchronised follower only: until it follows another, nobody has a quorum for a later epoch with it.
  if (epoch !== 0 && peer.stage === 'synced' && readRound > peer.readAck) peer.readAck = readRound;
  return undefined;
}

function onLeaderWord(state: ZabState, message: ZabMessage, entries: HeldMessage['entries']): string | undefined | void {
  const { follower } = state;
  switch (message.kind) {
    case 'new-epoch':
      return onNewEpoch(state, message);
    case 'diff':
      return onDiff(state, message);
    case 'trunc':
      return onTruncate(state, message);
    case 'snap':
      return onSnap(state, message);
    case 'new-leader':
      return onNewLeader(state, message);
    case 'up-to-date':
      return onUpToDate(state, message);
    case 'propose':
    case 'inform':
    case 'commit':
      // Z-3: what is behind NEWLEADER is neither logged nor acknowledged before ACK-LD is on its way.
      if (follower.stage === 'accepting') follower.held.push({ message, entries });
      else if (message.kind === 'commit') return onCommit(state, message);
      else return message.kind === 'propose' ? onProposal(state, message, entries) : onInform(state, message, entries);
      return undefined;
    case 'ping':
      return onPing(state, message);
    case 'sync-response':
      return onSyncResponse(state, message);
    case 'designate':
      return onDesignate(state, message);
    default:
      return 'a word that leaders do not say';
  }
}

// While a received snapshot is being made durable and loaded, the replica still stands at an index that the log no longer names.
function metaAt(state: ZabState, index: number): ReturnType<Core<ZabMessage>['metaAt']> {
  const replaced = index < state.log.baseIndex ? state.replaced.findLast(({ log }) => log.baseIndex <= index) : undefined;
  const { log, configs } = replaced ?? state;
  const round = epochAt(log, index);
  invariant(round !== undefined && index <= state.commitIndex, 'a snapshot is taken of applied txns');
  const core = encodeEpochStarts(log.epochs.filter(({ first }) => first <= index));
  return { index, epoch: { round, owner: 0 }, configs: [configAt(configs, index)], core };
}
