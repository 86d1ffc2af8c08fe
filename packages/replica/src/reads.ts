import type { Consistency, ConsensusError, Index, ReadResult } from '@quorate/interface';
import type { Apply } from './apply.ts';
import type { Member } from './member.ts';
import { deliver } from './waiters.ts';
import type { Receiver } from './waiters.ts';

/** A read on its way in. */
export interface Query {
  readonly request: Uint8Array;
  readonly deadlineMs: number;
  readonly receiver: Receiver;
  readonly token: number;
}

/** The reads of one turn, under one context. */
interface Round {
  readonly context: number;
  readonly queries: readonly Query[];
  readonly askedAtMs: number;
  /** Undefined: the core has not answered. */
  index: Index | undefined;
  validUntilMs: number;
}

/** More rounds than this gather into the next one: the work per turn stays bounded whatever the rate of reads. */
const roundsAtOnce = 64;
/** A round without an answer is asked again under a new context: its message may be lost. */
const patienceMs = 1000;

/** Reads of the state machine: local ones at once, linearizable ones after one round of the core for all of a turn. */
export class Reads<M> {
  private readonly member: Member<M>;
  private readonly apply: Apply<M>;
  private gathered: Query[] = [];
  private rounds: Round[] = [];
  private nextContext = 1;
  private holdUntilMs = 0;
  private earliestMs = Number.POSITIVE_INFINITY;
  private lowestIndex = Number.POSITIVE_INFINITY;
  /** Queries without an answer. */
  pending = 0;

  constructor(member: Member<M>, apply: Apply<M>) {
    this.member = member;
    this.apply = apply;
  }

  query(query: Query, consistency: Consistency): void {
    const { member } = this;
    if (member.state !== 'running') {
      this.fail(query, member.error(member.absence, `this member is ${member.state}. Ask another member.`, 'not-applied'));
      return;
    }
    member.counters.reads += 1;
    if (consistency === 'local') {
      deliver(query.receiver, query.token, undefined, member.options.stateMachine.query(query.request));
      return;
    }
    if (this.pending >= member.options.limits.pendingReads) {
      member.counters.overloaded += 1;
      this.fail(query, member.error('E_OVERLOADED', 'too many reads wait on this member. Try again later.', 'not-applied'));
      return;
    }
    this.pending += 1;
    this.earliestMs = Math.min(this.earliestMs, query.deadlineMs);
    this.gathered.push(query);
    member.request();
  }

  /** One context for everything that came since the last turn. */
  flush(now: number): void {
    if (this.gathered.length === 0 || now < this.holdUntilMs || this.rounds.length >= roundsAtOnce) return;
    const { member } = this;
    // Without a leader there is nobody to ask; a change of role brings us back.
    if (member.role?.leader === undefined) return;
    const context = this.nextContext++;
    const queries = this.gathered;
    this.gathered = [];
    this.rounds.push({ context, queries, askedAtMs: now, index: undefined, validUntilMs: 0 });
    member.counters.readRounds += 1;
    member.step({ type: 'read', context, from: 'leader' });
  }

  /** What the core found; read and copied before its next step. */
  found(result: ReadResult): void {
    const round = this.rounds.find(({ context }) => context === result.context);
    if (round === undefined) return;
    if (result.index === undefined) {
      this.again(round);
      this.holdUntilMs = this.member.now() + this.member.options.limits.retryMs;
      return;
    }
    round.index = result.index;
    round.validUntilMs = result.validUntil;
    this.lowestIndex = Math.min(this.lowestIndex, result.index);
  }

  /** Answers every round whose index is applied, in the order they were asked. */
  answer(): void {
    if (this.apply.applied < this.lowestIndex) return;
    const { applied } = this.apply;
    const ready = this.rounds.filter(({ index }) => index !== undefined && index <= applied);
    this.rounds = this.rounds.filter(({ index }) => index === undefined || index > applied);
    this.lowestIndex = Number.POSITIVE_INFINITY;
    for (const { index } of this.rounds) if (index !== undefined) this.lowestIndex = Math.min(this.lowestIndex, index);
    for (const round of ready) {
      // A lease may have run out while apply caught up: the clock is looked at again, just before the answer.
      if (this.member.now() >= round.validUntilMs) this.gather(round.queries);
      else this.serve(round.queries);
    }
  }

  private serve(queries: readonly Query[]): void {
    const { stateMachine } = this.member.options;
    for (const query of queries) {
      this.pending -= 1;
      deliver(query.receiver, query.token, undefined, stateMachine.query(query.request));
    }
  }

  private again(round: Round): void {
    this.rounds = this.rounds.filter((other) => other !== round);
    this.gather(round.queries);
  }

  private gather(queries: readonly Query[]): void {
    this.gathered = this.gathered.length === 0 ? [...queries] : queries.concat(this.gathered);
    this.member.request();
  }

  /** The role changed: whoever leads now may answer at once. */
  resume(): void {
    this.holdUntilMs = 0;
  }

  /** The leader, or the way to it, changed: what it was asked is asked again. */
  askAgain(): void {
    for (const round of [...this.rounds].toReversed()) if (round.index === undefined) this.again(round);
  }

  /** Answers what has waited too long, and asks again what the core has been silent about. */
  expire(now: number): void {
    for (const round of this.rounds) {
      // The same sum as in `nextDeadlineMs`: a difference may round to less than patience at that very moment, and the member would spin.
      if (round.index === undefined && now >= round.askedAtMs + patienceMs) this.again(round);
    }
    if (now < this.earliestMs || this.pending === 0) return;
    this.earliestMs = Number.POSITIVE_INFINITY;
    this.gathered = this.late(this.gathered, now);
    this.rounds = this.rounds
      .map((round) => ({ ...round, queries: this.late(round.queries, now) }))
      .filter(({ queries }) => queries.length > 0);
  }

  private late(queries: readonly Query[], now: number): Query[] {
    const left: Query[] = [];
    for (const query of queries) {
      if (query.deadlineMs > now) {
        left.push(query);
        this.earliestMs = Math.min(this.earliestMs, query.deadlineMs);
        continue;
      }
      const { member } = this;
      this.pending -= 1;
      member.counters.timedOut += 1;
      const code = member.role?.leader === undefined ? 'E_NO_LEADER' : 'E_TIMEOUT';
      this.fail(query, member.error(code, 'the deadline passed before the read could be confirmed. Try again.', 'not-applied'));
    }
    return left;
  }

  /** Answers everything: the member ends. */
  giveUpAll(why: string): void {
    const all = this.rounds.flatMap(({ queries }) => queries).concat(this.gathered);
    this.rounds = [];
    this.gathered = [];
    this.pending = 0;
    const error = this.member.error('E_STOPPED', `${why}. Ask another member.`, 'not-applied');
    for (const query of all) this.fail(query, error);
  }

  private fail(query: Query, error: ConsensusError): void {
    deliver(query.receiver, query.token, error, undefined);
  }

  nextDeadlineMs(now: number): number {
    if (this.pending === 0) return Number.POSITIVE_INFINITY;
    const asked = this.rounds.find(({ index }) => index === undefined);
    const patience = asked === undefined ? Number.POSITIVE_INFINITY : asked.askedAtMs + patienceMs;
    const held = this.gathered.length > 0 && this.holdUntilMs > now ? this.holdUntilMs : Number.POSITIVE_INFINITY;
    return Math.min(this.earliestMs, patience, held);
  }
}
