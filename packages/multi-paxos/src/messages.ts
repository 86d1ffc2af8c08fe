import type { Index, IndexRange, MemberId, SnapshotMeta } from '@quorate/interface';
import type { Ballot } from './ballot.ts';

/**
 * Everything that members of a Multi-Paxos group say to each other. Plain and readonly; every number is a safe integer that is not
 * negative, and 0 stands for "none". Values travel as entries beside the message (`Send.entries`), never inside: the votes of a
 * `promise`, the proposals of an `accept`, the decided values of `chosen` and `learn-reply`.
 */
export type MultiPaxosMessage =
  | Prepare
  | Promised
  | Nack
  | Accept
  | Accepted
  | Chosen
  | Heartbeat
  | HeartbeatResponse
  | LearnRequest
  | LearnReply
  | HaveSnapshot
  | Learned
  | ReadRequest
  | ReadReply
  | ReadQuery
  | ReadQueryReply
  | TakeOver;

/** Phase 1a, for the open range [`fromSlot`, ∞) at once. Leaves only when the own promise is durable. */
export interface Prepare {
  readonly kind: 'prepare';
  readonly ballot: Ballot;
  readonly fromSlot: Index;
}

/**
 * Phase 1b, one chunk: all votes here from `fromSlot` up to `toSlot` (0: whatever is above) and above `chosenUpTo`, each under the ballot it was
 * cast in. After the promise no vote below `ballot` is cast, so chunks of different answers fit together; they count once they cover everything.
 * What is below `trimmedBelow` is to be had in a snapshot only. `paused`: a window is full, the rest comes when it is asked for.
 */
export interface Promised {
  readonly kind: 'promise';
  readonly ballot: Ballot;
  readonly fromSlot: Index;
  readonly toSlot: Index;
  readonly chosenUpTo: Index;
  readonly trimmedBelow: Index;
  readonly paused: boolean;
}

/** `ballot` is refused: `promised` is higher. */
export interface Nack {
  readonly kind: 'nack';
  readonly ballot: Ballot;
  readonly promised: Ballot;
}

/** Phase 2a: the entries are proposals under `ballot`, in any slots. Commit notices may ride on it. */
export interface Accept {
  readonly kind: 'accept';
  readonly ballot: Ballot;
  readonly chosen: readonly ChosenRun[];
}

/** Phase 2b: the runs may leave gaps, and say nothing of other slots. */
export interface Accepted {
  readonly kind: 'accepted';
  readonly ballot: Ballot;
  readonly runs: readonly IndexRange[];
}

/** Slots that were chosen, and the ballot in which: whoever voted in an older one does not hold the value (M-3). */
export interface ChosenRun extends IndexRange {
  readonly ballot: Ballot;
}

/** Phase 3: to acceptors as runs; to learners by value, as entries. */
export interface Chosen {
  readonly kind: 'chosen';
  readonly runs: readonly ChosenRun[];
}

/**
 * A sign of life. It grants nothing. `chosenFrom` … `chosenUpTo`, where not empty, were chosen under `ballot`; everything up to `chosenUpTo` is
 * chosen. `inContact`: the sender heard from a phase-2 quorum lately (M-7).
 */
export interface Heartbeat {
  readonly kind: 'heartbeat';
  readonly ballot: Ballot;
  readonly chosenFrom: Index;
  readonly chosenUpTo: Index;
  readonly readRound: number;
  readonly inContact: boolean;
}

/** The sender has promised nothing above `ballot` when that round of reads was going on. `lastSlot`: its highest vote. */
export interface HeartbeatResponse {
  readonly kind: 'heartbeat-response';
  readonly ballot: Ballot;
  readonly readRound: number;
  readonly chosenUpTo: Index;
  readonly lastSlot: Index;
}

/** To any member: what was chosen from `fromSlot` on? */
export interface LearnRequest {
  readonly kind: 'learn-request';
  readonly fromSlot: Index;
}

/** The entries are chosen values, with ballots at or above those in which they were chosen. Empty: nothing is known here from `fromSlot` on. */
export interface LearnReply {
  readonly kind: 'learn-reply';
  readonly fromSlot: Index;
  readonly chosenUpTo: Index;
}

/** What was asked for was trimmed; a snapshot stands for it, to be pulled by the receiver's replica. */
export interface HaveSnapshot {
  readonly kind: 'have-snapshot';
  readonly meta: SnapshotMeta;
}

/** A learner knows everything up to `chosenUpTo`: room for more. */
export interface Learned {
  readonly kind: 'learned';
  readonly chosenUpTo: Index;
}

/** A follower asks the leader for a read point. (`incarnation`, `context`) is never used twice by one member. */
export interface ReadRequest {
  readonly kind: 'read-request';
  readonly incarnation: number;
  readonly context: number;
}

/** `confirmed` false: the sender does not lead, or stopped; `index` is 0. */
export interface ReadReply {
  readonly kind: 'read-reply';
  readonly incarnation: number;
  readonly context: number;
  readonly confirmed: boolean;
  readonly index: Index;
}

/** A quorum read (Charapko et al. 2019): what is your highest vote? */
export interface ReadQuery {
  readonly kind: 'read-query';
  readonly incarnation: number;
  readonly context: number;
}

/** Nothing above `lastSlot` was accepted here when the query came. */
export interface ReadQueryReply {
  readonly kind: 'read-query-reply';
  readonly incarnation: number;
  readonly context: number;
  readonly lastSlot: Index;
}

/** The leader in `ballot` wants the receiver to prepare a higher one. */
export interface TakeOver {
  readonly kind: 'take-over';
  readonly ballot: Ballot;
}

/** A message in the words of the papers, without its entries, for golden traces. Never called on the hot path. */
export function describeMessage(message: MultiPaxosMessage): string {
  switch (message.kind) {
    case 'prepare':
      return `prepare ${describeBallot(message.ballot)} from ${message.fromSlot}`;
    case 'promise': {
      const { ballot, fromSlot, toSlot, chosenUpTo, trimmedBelow } = message;
      const trimmed = trimmedBelow > 1 ? ` trimmed below ${trimmedBelow}` : '';
      return `promise ${describeBallot(ballot)} votes ${fromSlot}-${toSlot === 0 ? '' : toSlot} chosen up to ${chosenUpTo}${trimmed}`;
    }
    case 'nack':
      return `nack ${describeBallot(message.ballot)} promised ${describeBallot(message.promised)}`;
    case 'accept':
      return `accept ${describeBallot(message.ballot)}${describeChosen(message.chosen)}`;
    case 'accepted':
      return `accepted ${describeBallot(message.ballot)} ${message.runs.map(describeRange).join(' ')}`;
    case 'chosen':
      return `chosen${describeChosen(message.runs).replace(' chosen', '')}`;
    case 'heartbeat':
      return describeHeartbeat(message);
    case 'heartbeat-response':
      return `heartbeat-response ${describeBallot(message.ballot)} chosen up to ${message.chosenUpTo}${describeRound(message.readRound)}`;
    case 'learn-request':
      return `learn-request from ${message.fromSlot}`;
    case 'learn-reply':
      return `learn-reply from ${message.fromSlot} chosen up to ${message.chosenUpTo}`;
    case 'have-snapshot':
      return `have-snapshot at ${message.meta.index}`;
    case 'learned':
      return `learned up to ${message.chosenUpTo}`;
    case 'take-over':
      return `take-over ${describeBallot(message.ballot)}`;
    default:
      return describeRead(message);
  }
}

function describeHeartbeat({ ballot, chosenFrom, chosenUpTo, readRound, inContact }: Heartbeat): string {
  const own = chosenFrom <= chosenUpTo ? ` (from ${chosenFrom} in it)` : '';
  const contact = inContact ? '' : ' without contact';
  return `heartbeat ${describeBallot(ballot)} chosen up to ${chosenUpTo}${own}${describeRound(readRound)}${contact}`;
}

function describeRead(message: ReadRequest | ReadReply | ReadQuery | ReadQueryReply): string {
  const { kind, context } = message;
  if (kind === 'read-reply') return `${kind} ${context} ${message.confirmed ? `at ${message.index}` : 'refused'}`;
  return kind === 'read-query-reply' ? `${kind} ${context} last ${message.lastSlot}` : `${kind} ${context}`;
}

function describeRound(round: number): string {
  return round > 0 ? ` read ${round}` : '';
}

function describeChosen(runs: readonly ChosenRun[]): string {
  return runs.length === 0 ? '' : ` chosen ${runs.map((run) => `${describeRange(run)}@${describeBallot(run.ballot)}`).join(' ')}`;
}

function describeRange({ from, to }: IndexRange): string {
  return from === to ? String(from) : `${from}-${to}`;
}

function describeBallot({ round, owner }: { round: number; owner: MemberId }): string {
  return `${round}.${owner}`;
}
