import type { Index, MemberId } from '@quorate/interface';
import { isQuorum } from '@quorate/quorum';
import type { ReadQuery, ReadQueryReply } from './messages.ts';
import { send } from './state.ts';
import type { MultiPaxosState } from './state.ts';

/**
 * Reads without a leader (Charapko et al. 2019, PQR): a phase-1 quorum is asked for its highest votes. It meets every phase-2 quorum, so that
 * whatever was chosen before the question is at or below the highest answer (M-11). All volatile.
 */
export interface QuorumReads {
  /** Asked in this turn. */
  gathered: number[];
  /** Under way, oldest first. */
  rounds: QuorumRound[];
  lastContext: number;
}

interface QuorumRound {
  readonly context: number;
  readonly reads: readonly number[];
  readonly answers: Map<MemberId, Index>;
  /** The highest vote of a quorum, once it answered; 0: not yet. */
  point: Index;
  found: boolean;
  readonly begunAt: number;
  askedAt: number;
}

/** Rounds under way at once; further reads share the next one. */
const maxRounds = 64;

export function createQuorumReads(): QuorumReads {
  return { gathered: [], rounds: [], lastContext: 0 };
}

/** Somebody here wants a read point from a quorum. */
export function onQuorumRead(state: MultiPaxosState, context: number): void {
  state.quorumReads.gathered.push(context);
}

/** What is the highest slot that was accepted here? Also what is not durable yet counts: more is never wrong. */
export function onReadQuery(state: MultiPaxosState, from: MemberId, { incarnation, context }: ReadQuery): void {
  send(state, from, 'control', { kind: 'read-query-reply', incarnation, context, lastSlot: state.log.last }, false);
}

/** One acceptor's answer. */
export function onReadQueryReply(state: MultiPaxosState, from: MemberId, message: ReadQueryReply): void {
  if (message.incarnation !== state.incarnation) return;
  const round = state.quorumReads.rounds.find(({ context }) => context === message.context);
  if (round === undefined || round.found) return;
  round.answers.set(from, message.lastSlot);
  maybeFind(state, round);
}

function maybeFind(state: MultiPaxosState, round: QuorumRound): void {
  const { answers } = round;
  if (!isQuorum(state.q1, (id) => id === state.self || answers.has(id))) return;
  round.found = true;
  round.point = state.log.last;
  for (const slot of answers.values()) if (slot > round.point) round.point = slot;
}

/** At the end of a turn: asks, asks again, and answers what has been rinsed. */
export function runQuorumReads(state: MultiPaxosState): void {
  const { quorumReads } = state;
  if (quorumReads.gathered.length > 0 && quorumReads.rounds.length < maxRounds) beginRound(state);
  if (quorumReads.rounds.length === 0) return;
  for (const round of quorumReads.rounds) if (!round.found && state.now >= round.askedAt + retryMs(state)) ask(state, round);
  const done = quorumReads.rounds.filter((round) => isOver(state, round));
  if (done.length === 0) return;
  quorumReads.rounds = quorumReads.rounds.filter((round) => !done.includes(round));
  for (const round of done) tell(state, round);
}

function beginRound(state: MultiPaxosState): void {
  const { quorumReads, now } = state;
  const context = ++quorumReads.lastContext;
  const reads = quorumReads.gathered;
  quorumReads.gathered = [];
  const round = { context, reads, answers: new Map(), point: 0, found: false, begunAt: now, askedAt: now };
  quorumReads.rounds.push(round);
  ask(state, round);
  maybeFind(state, round);
}

function ask(state: MultiPaxosState, round: QuorumRound): void {
  round.askedAt = state.now;
  const { incarnation } = state;
  const { context } = round;
  for (const peer of state.peers)
    if (peer.isVoter && !round.answers.has(peer.id))
      send(state, peer.id, 'control', { kind: 'read-query', incarnation, context }, false);
}

// M-13, the rinse: the highest vote may not be chosen (yet), so the read waits until everything up to it is; not for ever, then it is asked again.
function isOver(state: MultiPaxosState, round: QuorumRound): boolean {
  return (round.found && state.commitIndex >= round.point) || state.now >= round.begunAt + patienceMs(state);
}

function tell(state: MultiPaxosState, round: QuorumRound): void {
  const index = round.found && state.commitIndex >= round.point ? round.point : undefined;
  for (const context of round.reads)
    state.out.reads.push({ context, index, method: 'quorum', validUntil: Number.POSITIVE_INFINITY });
}

/** When {@link runQuorumReads} has something to do; Infinity: not before something happens. */
export function quorumReadDeadline(state: MultiPaxosState): number {
  const { rounds } = state.quorumReads;
  let deadline = Number.POSITIVE_INFINITY;
  if (rounds.length === 0) return deadline;
  for (const round of rounds) {
    deadline = Math.min(deadline, round.begunAt + patienceMs(state));
    if (!round.found) deadline = Math.min(deadline, round.askedAt + retryMs(state));
  }
  return deadline;
}

function retryMs(state: MultiPaxosState): number {
  return 2 * state.options.heartbeatMs;
}

function patienceMs(state: MultiPaxosState): number {
  return 2 * state.options.electionTimeoutMs;
}
