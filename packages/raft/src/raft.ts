import { invariant } from '@quorate/interface';
import type { Core, CoreInput, CoreKind, CoreSetup, CoreStatus, Effects, EntryBatch, LinkId, MemberId } from '@quorate/interface';
import { onAppendEntries, onHeartbeat, sendAck } from './append-entries.ts';
import { notePersisted } from './durability.ts';
import {
  becomeFollower,
  campaign,
  checkQuorum,
  hearsLeader,
  onOwnVoteDurable,
  onPreVote,
  onPreVoteResponse,
  onRequestVote,
  onRequestVoteResponse,
  onTimeoutNow,
  resetElectionTimer,
  sendVoteRequests,
} from './election.ts';
import { takeEffects } from './effects.ts';
import { cachedRun, evictPayloads, termAt } from './log.ts';
import { configAt, maybeRecordGenesis, tellCommittedConfigs } from './membership.ts';
import { malformation } from './malformation.ts';
import { describeMessage } from './messages.ts';
import type { RaftMessage } from './messages.ts';
import { resolveRaftOptions } from './options.ts';
import type { RaftOptions } from './options.ts';
import type { Peer } from './progress.ts';
import { confirmReads, failForwards, forwardReads, onRead, onReadIndex, onReadIndexResponse, startReadRound } from './reads.ts';
import { recoverState } from './recovery.ts';
import {
  maybeCommit,
  onAppendResponse,
  onFetched,
  onHeartbeatResponse,
  onInstallResponse,
  onPeerLink,
  onPropose,
  sendAppends,
  sendHeartbeats,
} from './replication.ts';
import { maybeCancelReceive, onInstallSnapshot, onSnapshotFailed, onSnapshotReceived, onSnapshotTaken } from './snapshot.ts';
import { send, takeWrite } from './state.ts';
import type { RaftState } from './state.ts';
import { readStatus } from './status.ts';
import { encodeHardState } from './term.ts';
import { maybeGiveUpTransfer, maybeSendTimeoutNow, onTransfer } from './transfer.ts';

/**
 * The Raft protocol (Ongaro & Ousterhout 2014; Ongaro's thesis). Throws a `RangeError` that names every bad option.
 * Needs no order of its links; decides in log order; reads by ReadIndex; elects through a star of links.
 */
export function raft(options: Partial<RaftOptions> = {}): CoreKind<RaftMessage> {
  const resolved = resolveRaftOptions(options);
  return {
    protocol: 'raft',
    formatVersion: 1,
    needs: { fifoLinks: false },
    abilities: { outOfOrderChoice: false, quorumReads: false, reconfigure: false, electsThroughPartialLinks: true },
    create: (setup) => createRaft(setup, resolved),
    describe: describeMessage,
  };
}

function createRaft(setup: CoreSetup, options: RaftOptions): Core<RaftMessage> {
  const state = recoverState(setup, options);
  return {
    step: (input, now) => step(state, input, now),
    drain: (now) => drain(state, now),
    cached: (from, maxBytes) => cachedRun(state.log, from, maxBytes),
    metaAt: (index) => metaAt(state, index),
    status: (): CoreStatus => readStatus(state),
  };
}

function step(state: RaftState, input: CoreInput<RaftMessage>, now: number): void {
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
      return campaign(state, false);
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
function drain(state: RaftState, now: number): Effects<RaftMessage> {
  if (state.halted !== undefined) return takeEffects(state, undefined);
  noteTime(state, now);
  runTimers(state);
  if (state.role === 'leader') {
    maybeCommit(state);
    maybeRecordGenesis(state);
  }
  tellCommittedConfigs(state);
  maybeCancelReceive(state);
  const write = takeWrite(state, state.hardStateChanged ? encodeHardState(state) : undefined);
  if (state.role === 'leader') {
    const roundBegan = startReadRound(state);
    confirmReads(state);
    sendHeartbeats(state, roundBegan);
    sendAppends(state);
    maybeSendTimeoutNow(state);
  } else {
    forwardReads(state);
    sendVoteRequests(state);
    sendAck(state);
  }
  evictPayloads(state.log, Math.min(state.commitIndex, state.durableIndex), state.limits.memoryBytes);
  return takeEffects(state, write);
}

function runTimers(state: RaftState): void {
  if (state.role !== 'leader') {
    if (state.now >= state.electionDeadline) campaign(state, false);
    return;
  }
  maybeGiveUpTransfer(state);
  if (state.options.checkQuorum && state.now >= state.checkQuorumDeadline) checkQuorum(state);
}

/**
 * Called long after the announced deadline, this process stood still: timers move, so that peers get the time that they had no
 * chance to use (contracts §1). Once per sign of life: a process that is always late must still be able to time out.
 */
function noteTime(state: RaftState, now: number): void {
  invariant(now >= state.now, 'monotonic time never falls');
  state.now = now;
  const late = now - state.announcedDeadline;
  if (late <= state.options.heartbeatMs) return;
  state.announcedDeadline = Number.POSITIVE_INFINITY;
  state.counters.lateWakes++;
  if (state.tracing) state.out.trace.push({ event: 'late', ms: late });
  if (state.lateForgiven) return;
  state.lateForgiven = true;
  if (state.role !== 'leader') resetElectionTimer(state);
  // Moved, not begun anew: a leader that is late again and again, and hears only a minority, must still step down (R-9 c).
  state.checkQuorumDeadline += late;
  state.transferDeadline += late;
  state.leaderContactAt = Math.min(now, state.leaderContactAt + late);
}

function onPersisted(state: RaftState, write: number): void {
  if (!notePersisted(state, write)) return;
  state.commitChecked = false;
  onOwnVoteDurable(state);
}

function onApplied(state: RaftState, index: number): void {
  invariant(index <= state.commitIndex, 'only what is committed is applied');
  if (index <= state.appliedIndex) return;
  state.appliedIndex = index;
  if (index >= state.log.baseIndex) state.replaced.length = 0;
}

function onLinkUp(state: RaftState, peer: MemberId, link: LinkId): void {
  state.links.set(peer, link);
  onPeerLink(state, peer, link);
}

function onLinkDown(state: RaftState, peer: MemberId, link: LinkId): void {
  if (state.links.get(peer) !== link) return; // The loser of two connections that met.
  state.links.delete(peer);
  onPeerLink(state, peer, 0);
  if (peer === state.leader) failForwards(state);
}

// A failure detector thinks that our leader is gone: we stop protecting it, and campaign early. Terms and votes keep this safe.
function onSuspect(state: RaftState, peer: MemberId): void {
  if (state.role !== 'follower' || peer !== state.leader) return;
  state.leaderContactAt = Number.NEGATIVE_INFINITY;
  const early = state.now + state.random() * state.options.electionTimeoutMs;
  if (state.isVoter) state.electionDeadline = Math.min(state.electionDeadline, early);
}

function onMessage(state: RaftState, input: Extract<CoreInput<RaftMessage>, { type: 'message' }>): void {
  const { from, link, message, entries } = input;
  const problem = from === state.self ? 'a message from this member itself' : malformation(from, message, entries);
  if (problem !== undefined) return drop(state, link, problem);
  state.lateForgiven = false;
  const peer = state.peerById.get(from);
  if (peer !== undefined) peer.heardAt = state.now;
  if (!admitTerm(state, from, message)) return;
  if (peer !== undefined && message.term === state.currentTerm) peer.recentActive = true;
  const wrong = dispatch(state, { from, peer, message, entries });
  if (wrong !== undefined) drop(state, link, wrong);
}

interface Received {
  readonly from: MemberId;
  readonly peer: Peer | undefined;
  readonly message: RaftMessage;
  readonly entries: readonly EntryBatch[];
}

/** The term of the message is ours, but for pre-votes. Returns what is wrong with a message that no correct member sends. */
function dispatch(state: RaftState, { from, peer, message, entries }: Received): string | undefined | void {
  switch (message.kind) {
    case 'append':
      return onAppendEntries(state, from, message, entries);
    case 'heartbeat':
      return onHeartbeat(state, from, message);
    case 'install-snapshot':
      return onInstallSnapshot(state, from, message);
    case 'timeout-now':
      return onTimeoutNow(state, from, message);
    case 'pre-vote':
      return onPreVote(state, from, message);
    case 'request-vote':
      return onRequestVote(state, from, message);
    case 'pre-vote-response':
      return onPreVoteResponse(state, from, message);
    case 'request-vote-response':
      return onRequestVoteResponse(state, from, message);
    case 'read-index':
      return onReadIndex(state, from, message);
    case 'read-index-response':
      return onReadIndexResponse(state, message);
    case 'append-response':
    case 'heartbeat-response':
    case 'install-snapshot-response':
      return state.role === 'leader' && peer !== undefined ? onAnswer(state, peer, message) : undefined;
  }
}

function onAnswer(
  state: RaftState,
  peer: Peer,
  message: Extract<RaftMessage, { kind: 'append-response' | 'heartbeat-response' | 'install-snapshot-response' }>,
): string | undefined {
  if (message.kind === 'append-response') return onAppendResponse(state, peer, message);
  return message.kind === 'heartbeat-response'
    ? onHeartbeatResponse(state, peer, message)
    : onInstallResponse(state, peer, message);
}

/** R1 and R2. False: the message is dealt with. */
function admitTerm(state: RaftState, from: MemberId, message: RaftMessage): boolean {
  if (message.term === state.currentTerm) return true;
  if (message.term < state.currentTerm) {
    // An answer to a term that has passed is worth nothing; who still speaks in one must hear of ours.
    refuseStale(state, from, message);
    return false;
  }
  switch (message.kind) {
    case 'pre-vote':
      return !hearsLeader(state); // Nobody adopts the term of a pre-vote (thesis §9.6).
    case 'pre-vote-response':
      if (!message.granted) becomeFollower(state, message.term, 0);
      return true;
    case 'request-vote':
      // Thesis §4.2.3: ignored entirely, its term included, unless the leader itself ordered it.
      if (!message.transfer && hearsLeader(state)) return false;
      becomeFollower(state, message.term, 0);
      return true;
    case 'append':
    case 'heartbeat':
    case 'install-snapshot':
      becomeFollower(state, message.term, from);
      return true;
    default:
      becomeFollower(state, message.term, 0);
      return true;
  }
}

// R2. Without an answer, a leader or candidate with an older term could hold its office or its belief for ever.
function refuseStale(state: RaftState, to: MemberId, message: RaftMessage): void {
  const term = state.currentTerm;
  switch (message.kind) {
    case 'pre-vote':
      return send(state, to, 'control', { kind: 'pre-vote-response', term, granted: false }, false);
    case 'request-vote':
      return send(state, to, 'control', { kind: 'request-vote-response', term, granted: false }, true);
    case 'append': {
      const { prevLogIndex: rejectedIndex } = message;
      const refusal = {
        kind: 'append-response',
        term,
        success: false,
        matchIndex: 0,
        rejectedIndex,
        hintIndex: 0,
        hintTerm: 0,
      } as const;
      return send(state, to, 'log', refusal, true);
    }
    case 'heartbeat':
      return send(state, to, 'control', { kind: 'heartbeat-response', term, readContext: 0 }, false);
    case 'install-snapshot':
      return send(
        state,
        to,
        'log',
        { kind: 'install-snapshot-response', term, offeredIndex: message.meta.index, acceptedUpTo: 0 },
        true,
      );
    case 'read-index': {
      const { incarnation, context } = message;
      return send(
        state,
        to,
        'control',
        { kind: 'read-index-response', term, incarnation, context, confirmed: false, index: 0 },
        false,
      );
    }
    default:
  }
}

// What a correct peer cannot have sent is dropped, counted, and ends the link.
function drop(state: RaftState, link: LinkId, reason: string): void {
  state.counters.malformed++;
  state.out.closes.push({ link, reason });
  if (state.tracing) state.out.trace.push({ event: 'malformed', reason });
}

// While a received snapshot is being made durable and loaded, the replica still stands at an index that the log no longer names.
function metaAt(state: RaftState, index: number): ReturnType<Core<RaftMessage>['metaAt']> {
  const replaced = index < state.log.baseIndex ? state.replaced.findLast(({ log }) => log.baseIndex <= index) : undefined;
  const { log, configs } = replaced ?? state;
  const term = termAt(log, index);
  invariant(term !== undefined && index <= state.commitIndex, 'a snapshot is taken of applied entries');
  return { index, epoch: { round: term, owner: 0 }, configs: [configAt(configs, index)], core: noBytes };
}

const noBytes = new Uint8Array(0);
