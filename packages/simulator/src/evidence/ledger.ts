import type { Effects, Epoch, Index, JournalBatch, MemberId, Recovered, RoleChange, WriteNumber } from '@quorate/interface';
import type { CoreStatus, Stamp } from '@quorate/interface';
import type { ReplicaEvent } from '@quorate/replica';
import type { Action } from '../faults/action.ts';
import type { Observer, ProcessEnd } from './observer.ts';
import { ShadowLog } from './shadow-log.ts';

/** A claim that does not hold. */
export interface Violation {
  /** The name in the list of invariants, such as `I-01`. */
  readonly invariant: string;
  readonly text: string;
  readonly atMs: number;
}

/** What the ledger knows of one member; survives its processes. */
export interface MemberRecord {
  readonly id: MemberId;
  /** Counts process lives, from 1. */
  lives: number;
  alive: boolean;
  /** Everything appended in this life, and everything that the disk reported durable. */
  latest: ShadowLog;
  durable: ShadowLog;
  /** Appended and not reported durable. */
  readonly pending: { readonly write: WriteNumber; readonly batch: JournalBatch }[];
  /** Of this life. */
  commit: Index;
  /** A commit cursor that waits for the write of its turn. */
  due: Index;
  /** The last command that was applied; -1: a snapshot was restored, and none after it. */
  applied: Index;
  ordinal: number;
  role: RoleChange | undefined;
  /** The disk was damaged or wiped on purpose: what it says may differ from what it was told. */
  damaged: boolean;
  wiped: boolean;
  status: (() => CoreStatus) | undefined;
}

/** The log that the cluster agreed on, as first seen. */
export interface CommittedEntry {
  readonly epoch: Epoch;
  readonly sum: number;
  /** Who showed it first. */
  readonly member: MemberId;
  /** The round of that member's epoch then: the leader commits first, so this is where it was committed, whichever epoch it is of. */
  readonly inRound: number;
}

/** Keeps the books of a world: what each member was told, holds and said. It judges nothing; invariants do. */
export class Ledger {
  readonly members: Map<MemberId, MemberRecord> = new Map();
  /** By index; place 0 is empty. */
  readonly committed: (CommittedEntry | undefined)[] = [undefined];
  readonly violations: Violation[] = [];
  /** Who listens to what: most observers to little, and some of it happens thousands of times a second. */
  private readonly hearing: Readonly<Record<keyof Observer, Observer[]>> = nobody();
  private readonly nowMs: () => number;

  constructor(nowMs: () => number) {
    this.nowMs = nowMs;
  }

  /** The highest index that anybody knows to be committed. */
  get committedTo(): Index {
    return this.committed.length - 1;
  }

  add(observer: Observer): void {
    for (const [what, list] of Object.entries(this.hearing))
      if (observer[what as keyof Observer] !== undefined) list.push(observer);
  }

  violate(invariant: string, text: string): void {
    this.violations.push({ invariant, text, atMs: this.nowMs() });
  }

  member(id: MemberId): MemberRecord {
    let record = this.members.get(id);
    if (record === undefined) this.members.set(id, (record = newRecord(id)));
    return record;
  }

  /** A process begins. */
  born(record: MemberRecord): void {
    record.lives += 1;
    record.alive = true;
    record.commit = 0;
    record.due = 0;
    record.applied = 0;
    record.ordinal = 0;
    record.role = undefined;
  }

  /** A journal was opened, and this is what it found. */
  recovered(record: MemberRecord, recovered: Recovered): void {
    for (const observer of this.hearing.recovered) observer.recovered?.(record, recovered);
    record.pending.length = 0;
    record.commit = Math.max(recovered.commit, recovered.snapshot?.index ?? 0);
  }

  appended(record: MemberRecord, batch: JournalBatch, write: WriteNumber): void {
    record.latest.apply(batch);
    record.pending.push({ write, batch });
    for (const observer of this.hearing.appended) observer.appended?.(record, batch, write);
    this.committedUpTo(record, record.due);
  }

  durable(record: MemberRecord, write: WriteNumber): void {
    const { pending } = record;
    while (pending[0] !== undefined && pending[0].write <= write)
      record.durable.apply((pending.shift() as { batch: JournalBatch }).batch);
    for (const observer of this.hearing.durable) observer.durable?.(record, write);
  }

  drained(record: MemberRecord, effects: Effects<unknown>, status: () => CoreStatus): void {
    if (effects.role !== undefined) record.role = effects.role;
    for (const observer of this.hearing.drained) observer.drained?.(record, effects, status);
    // What is written in the same turn belongs to what is committed in it.
    if (effects.write === undefined) this.committedUpTo(record, effects.commit.index);
    else record.due = effects.commit.index;
  }

  private committedUpTo(record: MemberRecord, index: Index): void {
    const from = record.commit + 1;
    if (index < from) return;
    record.commit = index;
    const { latest } = record;
    const inRound = record.role?.epoch.round ?? 0;
    for (let at = this.committed.length; at <= index; at++) {
      const epoch = { round: latest.rounds[at] ?? -1, owner: latest.owners[at] ?? -1 };
      const sum = latest.sums[at] as number;
      this.committed.push(latest.has(at) ? { epoch, sum, member: record.id, inRound } : undefined);
    }
    for (const observer of this.hearing.committed) observer.committed?.(record, from, index);
  }

  applied(record: MemberRecord, command: Uint8Array, stamp: Stamp): void {
    for (const observer of this.hearing.applied) observer.applied?.(record, command, stamp);
    record.applied = stamp.index;
    record.ordinal = stamp.ordinal;
  }

  /** The next command says where the state stands. */
  restored(record: MemberRecord): void {
    record.applied = -1;
    for (const observer of this.hearing.restored) observer.restored?.(record);
  }

  event(record: MemberRecord, event: ReplicaEvent): void {
    for (const observer of this.hearing.event) observer.event?.(record, event);
  }

  struck(action: Action, target: MemberId): void {
    for (const observer of this.hearing.struck) observer.struck?.(action, target);
  }

  ended(record: MemberRecord, end: ProcessEnd): void {
    record.alive = false;
    record.status = undefined;
    for (const observer of this.hearing.ended) observer.ended?.(record, end);
  }

  /** The disk was emptied: what it held is no more. */
  wiped(record: MemberRecord): void {
    record.wiped = true;
    record.latest = new ShadowLog();
    record.durable = new ShadowLog();
    record.pending.length = 0;
  }
}

function newRecord(id: MemberId): MemberRecord {
  return {
    id,
    lives: 0,
    alive: false,
    latest: new ShadowLog(),
    durable: new ShadowLog(),
    pending: [],
    commit: 0,
    due: 0,
    applied: 0,
    ordinal: 0,
    role: undefined,
    damaged: false,
    wiped: false,
    status: undefined,
  };
}

function nobody(): Record<keyof Observer, Observer[]> {
  return {
    recovered: [],
    appended: [],
    durable: [],
    drained: [],
    committed: [],
    applied: [],
    restored: [],
    event: [],
    struck: [],
    ended: [],
  };
}
