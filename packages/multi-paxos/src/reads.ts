import { at, invariant } from '@quorate/interface';
import type { Index, MemberId } from '@quorate/interface';
import { quorumIndex } from '@quorate/quorum';
import type { ReadReply, ReadRequest } from './messages.ts';
import { send } from './state.ts';
import type { MultiPaxosState } from './state.ts';

/** Reads on their way to a read point that the leader confirms. All volatile. */
export interface ReadState {
  /** On a leader: reads that no round has taken up yet; before `settled` they wait here (M-12). */
  waiting: WaitingRead[];
  /** The newest round of confirmation. Never falls within a process life, so that no round is ever confirmed by an answer to another. */
  round: number;
  /** Rounds under way, rising. */
  rounds: ReadRound[];
  /** On a follower: reads of this turn, to be forwarded at its end. */
  toForward: number[];
  /** Forwarded and unanswered, oldest first. */
  forwards: Forwarded[];
  /** No forwarded request is asked again before; it may be earlier than the first that is due. */
  retryAt: number;
  /** Numbers the forwarded requests. */
  lastContext: number;
}

/** `member` 0: asked here; else forwarded by that member under its own numbers. */
interface WaitingRead {
  readonly member: MemberId;
  readonly incarnation: number;
  readonly context: number;
}

interface ReadRound {
  readonly round: number;
  /** The highest contiguous chosen slot when the round began. Only the leader knows choices first, so nothing beyond was answered (M-15). */
  readonly index: Index;
  readonly reads: readonly WaitingRead[];
}

interface Forwarded {
  readonly context: number;
  readonly reads: readonly number[];
  /** When it is asked again, and how long that took the last time. */
  dueAt: number;
  waitMs: number;
}

/** Rounds under way at once; further reads share the next round. */
const maxRounds = 64;
/** Forwarded requests that may wait for a leader to settle; further ones are refused and asked again. */
const maxWaiting = 65_536;

export function createReadState(): ReadState {
  return { waiting: [], round: 0, rounds: [], toForward: [], forwards: [], retryAt: Number.POSITIVE_INFINITY, lastContext: 0 };
}

/** True on a leader that has applied every slot which an earlier leader may have had chosen. */
export function isSettled(state: MultiPaxosState): boolean {
  return state.phase === 'steady' && state.appliedIndex >= state.settledSlot;
}

/** Somebody here wants a read point from the leader. */
export function onLeaderRead(state: MultiPaxosState, context: number): void {
  const { reads } = state;
  if (state.phase === 'steady') reads.waiting.push({ member: 0, incarnation: 0, context });
  else if (state.leader !== 0 && state.links.has(state.leader)) reads.toForward.push(context);
  else failRead(state, context);
}

/** A follower wants a read point. */
export function onReadRequest(state: MultiPaxosState, from: MemberId, message: ReadRequest): void {
  const { incarnation, context } = message;
  const { waiting } = state.reads;
  if (state.phase === 'steady' && waiting.length < maxWaiting) waiting.push({ member: from, incarnation, context });
  else answerForwarded(state, { member: from, incarnation, context }, undefined);
}

/** The leader answered a request of ours, this one or one that is no longer asked. */
export function onReadReply(state: MultiPaxosState, message: ReadReply): void {
  const { forwards } = state.reads;
  if (message.incarnation !== state.incarnation) return;
  const place = forwards.findIndex((forward) => forward.context === message.context);
  if (place < 0) return;
  const [forward] = forwards.splice(place, 1);
  invariant(forward !== undefined, 'the place was found');
  for (const context of forward.reads) {
    if (message.confirmed) tellRead(state, context, message.index);
    else failRead(state, context);
  }
}

/** At the end of a turn of a settled leader: one round for every read that arrived before it. True where heartbeats must leave now. */
export function startReadRound(state: MultiPaxosState): boolean {
  const { reads } = state;
  if (reads.waiting.length === 0 || reads.rounds.length >= maxRounds || !isSettled(state)) return false;
  reads.round++;
  reads.rounds.push({ round: reads.round, index: state.commitIndex, reads: reads.waiting });
  reads.waiting = [];
  return true;
}

/**
 * Answers the rounds that a phase-2 quorum has confirmed: each member of it had promised nothing above our ballot after the round began. A
 * phase-1 quorum of a higher ballot meets every phase-2 quorum, so none was complete then (M-11).
 */
export function confirmReads(state: MultiPaxosState): void {
  const { reads, self, peerById } = state;
  if (reads.rounds.length === 0) return;
  const confirmed = quorumIndex(state.q2, (id) => (id === self ? reads.round : (peerById.get(id)?.readAck ?? 0)));
  let done = 0;
  while (done < reads.rounds.length && at(reads.rounds, done).round <= confirmed) {
    const { index, reads: answered } = at(reads.rounds, done);
    for (const read of answered) {
      if (read.member === 0) tellRead(state, read.context, index);
      else answerForwarded(state, read, index);
    }
    done++;
  }
  if (done > 0) reads.rounds.splice(0, done);
}

/** At the end of a turn of a follower: forwards the turn's reads as one request, and asks again for those that got no answer. */
export function forwardReads(state: MultiPaxosState): void {
  const { reads } = state;
  if (reads.toForward.length === 0 && reads.forwards.length === 0) return;
  if (state.leader === 0) return failForwards(state);
  const contexts = reads.toForward;
  reads.toForward = [];
  if (contexts.length > 0) forward(state, contexts);
  if (state.now >= reads.retryAt) askAgain(state);
}

/**
 * Under its own number, so that a late answer to an earlier request serves as well: its read point lies behind the reads' beginning. And
 * ever more rarely: a leader that is slower than its followers are impatient would drown in what they repeat, for ever.
 */
function askAgain(state: MultiPaxosState): void {
  const { reads, options, now } = state;
  reads.retryAt = Number.POSITIVE_INFINITY;
  for (const late of reads.forwards) {
    if (late.dueAt <= now) {
      late.waitMs = Math.min(2 * late.waitMs, options.electionTimeoutMs);
      late.dueAt = now + late.waitMs;
      request(state, late.context);
    }
    reads.retryAt = Math.min(reads.retryAt, late.dueAt);
  }
}

function forward(state: MultiPaxosState, contexts: readonly number[]): void {
  const { reads, options, now } = state;
  const waitMs = 2 * options.heartbeatMs;
  const context = ++reads.lastContext;
  reads.forwards.push({ context, reads: contexts, dueAt: now + waitMs, waitMs });
  reads.retryAt = Math.min(reads.retryAt, now + waitMs);
  request(state, context);
}

function request(state: MultiPaxosState, context: number): void {
  const { incarnation } = state;
  send(state, state.leader, 'control', { kind: 'read-request', incarnation, context }, false);
}

/** When the oldest forwarded request is asked again; Infinity where there is none. */
export function readDeadline(state: MultiPaxosState): number {
  const { forwards, retryAt } = state.reads;
  return forwards.length === 0 ? Number.POSITIVE_INFINITY : retryAt;
}

/** The leader is gone, or the link to it: whoever waits must ask again. */
export function failForwards(state: MultiPaxosState): void {
  const { reads } = state;
  if (reads.forwards.length === 0 && reads.toForward.length === 0) return;
  for (const { reads: contexts } of reads.forwards) for (const context of contexts) failRead(state, context);
  for (const context of reads.toForward) failRead(state, context);
  reads.forwards = [];
  reads.toForward = [];
}

/** This member no longer leads: no round will be confirmed. */
export function failReads(state: MultiPaxosState): void {
  const { reads } = state;
  const all = [...reads.rounds.flatMap((round) => round.reads), ...reads.waiting];
  reads.rounds = [];
  reads.waiting = [];
  for (const read of all) {
    if (read.member === 0) failRead(state, read.context);
    else answerForwarded(state, read, undefined);
  }
}

function answerForwarded(state: MultiPaxosState, read: WaitingRead, index: Index | undefined): void {
  const { incarnation, context } = read;
  const confirmed = index !== undefined;
  send(state, read.member, 'control', { kind: 'read-reply', incarnation, context, confirmed, index: index ?? 0 }, false);
}

function tellRead(state: MultiPaxosState, context: number, index: Index): void {
  state.out.reads.push({ context, index, method: 'read-index', validUntil: Number.POSITIVE_INFINITY });
}

function failRead(state: MultiPaxosState, context: number): void {
  state.out.reads.push({ context, index: undefined, method: 'read-index', validUntil: Number.POSITIVE_INFINITY });
}
