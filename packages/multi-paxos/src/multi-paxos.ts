import { invariant } from '@quorate/interface';
import type { Core, CoreInput, CoreKind, CoreSetup, CoreStatus, Effects, EntryBatch, LinkId, MemberId } from '@quorate/interface';
import { noteLearned, onAccept, onAccepted, onHeartbeatResponse, sendAccepted } from './acceptance.ts';
import { encodePromised } from './ballot.ts';
import { learnValues, maybeLearn, onLearnReply } from './catch-up.ts';
import { learnRuns, maybeChoose } from './choice.ts';
import { durableUpTo, notePersisted } from './durability.ts';
import { takeEffects } from './effects.ts';
import {
  askForPromise,
  campaign,
  listenFirst,
  maybeLead,
  onNack,
  onOwnPromiseDurable,
  onPrepare,
  onPromise,
  reachesQuorum,
  resetElectionTimer,
  sendPrepares,
} from './election.ts';
import { onHeartbeat, sendHeartbeats } from './heartbeats.ts';
import { ballotAt, cachedRun, evictPayloads } from './log.ts';
import { malformation } from './malformation.ts';
import { configAt, maybeRecordGenesis } from './membership.ts';
import { describeMessage } from './messages.ts';
import type { Chosen, MultiPaxosMessage } from './messages.ts';
import { resolveMultiPaxosOptions } from './options.ts';
import type { MultiPaxosOptions } from './options.ts';
import { becomeStream } from './progress.ts';
import type { Peer } from './progress.ts';
import { onPropose } from './proposing.ts';
import { onQuorumRead, onReadQuery, onReadQueryReply, runQuorumReads } from './quorum-reads.ts';
import { confirmReads, failForwards, forwardReads, onLeaderRead, onReadReply, onReadRequest, startReadRound } from './reads.ts';
import { recoverState } from './recovery.ts';
import { maybeCancelReceive, onHaveSnapshot, onSnapshotFailed, onSnapshotReceived, onSnapshotTaken } from './snapshot.ts';
import { send, takeWrite } from './state.ts';
import type { MultiPaxosState } from './state.ts';
import { readStatus } from './status.ts';
import { sendAccepts } from './accepts.ts';
import { onFetched, onLearnRequest } from './teaching.ts';
import { maybeGiveUpTransfer, maybeSendTakeOver, onTakeOver, onTransfer } from './transfer.ts';
import { beginAgain } from './untaught.ts';

/**
 * The Multi-Paxos protocol (Lamport 1998, 2001; van Renesse & Altinbuken 2015; Howard et al. 2016). Throws a `RangeError` that names
 * every bad option. Needs no order of its links; decides slots in any order; reads by the leader or by a quorum; elects through a star of links.
 */
export function multiPaxos(options: Partial<MultiPaxosOptions> = {}): CoreKind<MultiPaxosMessage> {
  const resolved = resolveMultiPaxosOptions(options);
  return {
    protocol: 'multi-paxos',
    formatVersion: 1,
    needs: { fifoLinks: false },
    abilities: { outOfOrderChoice: true, quorumReads: true, reconfigure: false, electsThroughPartialLinks: true },
    create: (setup) => createMultiPaxos(setup, resolved),
    describe: describeMessage,
  };
}

function createMultiPaxos(setup: CoreSetup, options: MultiPaxosOptions): Core<MultiPaxosMessage> {
  const state = recoverState(setup, options);
  return {
    step: (input, now) => step(state, input, now),
    drain: (now) => drain(state, now),
    cached: (from, maxBytes) => cachedRun(state.log, from, maxBytes),
    metaAt: (index) => metaAt(state, index),
    status: (): CoreStatus => readStatus(state),
  };
}

function step(state: MultiPaxosState, input: CoreInput<MultiPaxosMessage>, now: number): void {
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
      return input.from === 'quorum' ? onQuorumRead(state, input.context) : onLeaderRead(state, input.context);
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
      return campaign(state, true);
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
function drain(state: MultiPaxosState, now: number): Effects<MultiPaxosMessage> {
  if (state.halted !== undefined) return takeEffects(state, undefined);
  noteTime(state, now);
  runTimers(state);
  const before = state.commitIndex;
  if (state.phase === 'steady') {
    maybeChoose(state);
    maybeRecordGenesis(state);
  }
  maybeCancelReceive(state);
  if (state.phase === 'steady') {
    const roundBegan = startReadRound(state);
    confirmReads(state);
    sendHeartbeats(state, roundBegan);
    sendAccepts(state);
    maybeSendTakeOver(state);
  } else {
    forwardReads(state);
    if (state.phase1 !== undefined) sendPrepares(state);
  }
  if (state.owed.slots.count > 0) sendAccepted(state);
  if (state.catchUp.known > state.commitIndex) maybeLearn(state);
  runQuorumReads(state);
  if (!state.isVoter && (state.commitIndex > before || state.learnedNow)) tellLearned(state);
  const write = takeWrite(state, state.promiseChanged ? encodePromised(state.promised) : undefined);
  evictPayloads(state.log, durableUpTo(state), state.limits.memoryBytes);
  return takeEffects(state, write);
}

// A learner asks for more by saying how far it is.
function tellLearned(state: MultiPaxosState): void {
  state.learnedNow = false;
  if (state.leader !== 0) send(state, state.leader, 'control', { kind: 'learned', chosenUpTo: state.commitIndex }, false);
}

function runTimers(state: MultiPaxosState): void {
  if (state.phase1 !== undefined && state.now >= state.phase1.leadAt) maybeLead(state);
  if (state.phase === 'steady') maybeGiveUpTransfer(state);
  if (state.now < state.electionDeadline) return;
  if (state.phase === 'steady') beginAgain(state);
  else campaign(state, false);
}

/**
 * Called long after the announced deadline, this process stood still: timers move, so that peers get the time that they had no
 * chance to use (contracts §1). Once per sign of life: a process that is always late must still be able to time out.
 */
function noteTime(state: MultiPaxosState, now: number): void {
  invariant(now >= state.now, 'monotonic time never falls');
  state.now = now;
  const late = now - state.announcedDeadline;
  if (late <= state.options.heartbeatMs) return;
  state.announcedDeadline = Number.POSITIVE_INFINITY;
  state.counters.lateWakes++;
  if (state.tracing) state.out.trace.push({ event: 'late', ms: late });
  if (state.lateForgiven) return;
  state.lateForgiven = true;
  resetElectionTimer(state);
  for (const peer of state.peers) peer.heardAt = Math.min(now, peer.heardAt + late);
  state.transfer.deadline += late;
}

function onPersisted(state: MultiPaxosState, write: number): void {
  if (notePersisted(state, write)) onOwnPromiseDurable(state);
}

function onApplied(state: MultiPaxosState, index: number): void {
  invariant(index <= state.commitIndex, 'only what is chosen is applied');
  if (index <= state.appliedIndex) return;
  state.appliedIndex = index;
  if (state.replaced.length > 0 && index >= state.log.base) state.replaced.length = 0;
}

function onLinkUp(state: MultiPaxosState, peer: MemberId, link: LinkId): void {
  const reached = reachesQuorum(state);
  state.links.set(peer, link);
  notePeerLink(state, peer, link);
  if (state.phase === 'preparing') askForPromise(state, peer);
  else if (!reached && reachesQuorum(state)) listenFirst(state);
}

function onLinkDown(state: MultiPaxosState, peer: MemberId, link: LinkId): void {
  if (state.links.get(peer) !== link) return; // The loser of two connections that met.
  state.links.delete(peer);
  notePeerLink(state, peer, 0);
  if (peer === state.leader) failForwards(state);
}

// What was under way is lost. What the acceptor accepted before still counts.
function notePeerLink(state: MultiPaxosState, member: MemberId, link: LinkId): void {
  const peer = state.peerById.get(member);
  if (peer === undefined) return;
  peer.link = link;
  peer.fetch = 0;
  peer.learnedUpTo = -1;
  becomeStream(peer, Math.max(state.commitIndex + 1, state.firstSlot));
}

// A failure detector thinks that our leader is gone: we prepare early. Ballots keep this safe.
function onSuspect(state: MultiPaxosState, peer: MemberId): void {
  if (state.phase !== 'idle' || peer !== state.leader) return;
  const early = state.now + state.random() * state.options.electionTimeoutMs;
  if (state.isVoter) state.electionDeadline = Math.min(state.electionDeadline, early);
}

function onMessage(state: MultiPaxosState, input: Received): void {
  const { from, link, message, entries } = input;
  const problem = from === state.self ? 'a message from this member itself' : malformation(from, message, entries);
  if (problem !== undefined) return drop(state, link, problem);
  state.lateForgiven = false;
  const peer = state.peerById.get(from);
  if (peer !== undefined) peer.heardAt = state.now;
  const wrong = dispatch(state, input, peer);
  if (wrong !== undefined) drop(state, link, wrong);
}

type Received = Extract<CoreInput<MultiPaxosMessage>, { type: 'message' }>;

/** Returns what is wrong with a message that no correct member sends. */
function dispatch(
  state: MultiPaxosState,
  { from, message, entries }: Received,
  peer: Peer | undefined,
): string | undefined | void {
  switch (message.kind) {
    case 'prepare':
      return onPrepare(state, from, message);
    case 'promise':
      return onPromise(state, from, message, entries);
    case 'nack':
      return onNack(state, message);
    case 'accept':
      return onAccept(state, from, message, entries);
    case 'accepted':
      return peer === undefined ? undefined : onAccepted(state, peer, message);
    case 'chosen':
      return onChosen(state, from, message, entries);
    case 'heartbeat':
      return onHeartbeat(state, from, message);
    case 'heartbeat-response':
      return peer === undefined ? undefined : onHeartbeatResponse(state, peer, message);
    case 'learn-request':
      return peer === undefined ? undefined : onLearnRequest(state, peer, message);
    case 'learn-reply':
      return onLearnReply(state, from, message, entries);
    case 'have-snapshot':
      return onHaveSnapshot(state, from, message);
    case 'learned':
      return peer === undefined ? undefined : noteLearned(peer, message.chosenUpTo);
    case 'read-request':
      return onReadRequest(state, from, message);
    case 'read-reply':
      return onReadReply(state, message);
    case 'read-query':
      return onReadQuery(state, from, message);
    case 'read-query-reply':
      return onReadQueryReply(state, from, message);
    case 'take-over':
      return onTakeOver(state, message);
  }
}

function onChosen(state: MultiPaxosState, from: MemberId, { runs }: Chosen, entries: readonly EntryBatch[]): void {
  learnRuns(state, from, runs);
  if (entries.length === 0) return;
  learnValues(state, from, entries);
  state.learnedNow = true;
}

// What a correct peer cannot have sent is dropped, counted, and ends the link.
function drop(state: MultiPaxosState, link: LinkId, reason: string): void {
  state.counters.malformed++;
  state.out.closes.push({ link, reason });
  if (state.tracing) state.out.trace.push({ event: 'malformed', reason });
}

// While a received snapshot is being made durable and loaded, the replica still stands at a slot that the log no longer names.
function metaAt(state: MultiPaxosState, index: number): ReturnType<Core<MultiPaxosMessage>['metaAt']> {
  const replaced = index < state.log.base ? state.replaced.findLast(({ log }) => log.base <= index) : undefined;
  const { log, configs } = replaced ?? state;
  const ballot = ballotAt(log, index);
  invariant(ballot !== undefined && index <= state.commitIndex, 'a snapshot is taken of applied slots');
  return { index, epoch: ballot, configs: [configAt(configs, index)], core: noBytes };
}

const noBytes = new Uint8Array(0);
