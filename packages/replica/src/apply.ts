import { at, failure, invariant, isFailure, lastOf } from '@quorate/interface';
import type { ApplySink, EntryBatch, Failure, Index, Stamp, WriteNumber } from '@quorate/interface';
import { envelopeKinds, EnvelopeReader } from './envelope.ts';
import { MemberStop } from './member.ts';
import type { Member } from './member.ts';
import type { RestoredState } from './replica-snapshot.ts';
import type { EventListener } from './replica.ts';
import { SessionTable } from './session-table.ts';
import type { Waiters } from './waiters.ts';

/** Bytes of entries taken at a time. */
const readBytes = 1024 * 1024;
/** Commands between two looks at the clock. */
const clockStride = 16;
const noReply = new Uint8Array(0);

/** Where a command's reply and events land: one object for all commands. */
class Sink implements ApplySink {
  awaited = false;
  result: Uint8Array | undefined;
  events: object[] | undefined;
  listening = false;

  reply(result: Uint8Array): void {
    invariant(this.result === undefined, 'a command is answered once');
    this.result = result;
  }

  emit(event: object): void {
    if (this.listening) (this.events ??= []).push(event);
  }
}

/**
 * Applies what is committed, in order, in slices, and gives replies and events out in log order. A commit counts only once the
 * write that it names is durable here. Everything that the table of sessions, the ordinal and cluster time become is decided here and by the log alone.
 */
export class Apply<M> {
  applied: Index = 0;
  ordinal = 0;
  clusterMs = 0;
  wallMs = 0;
  /** The ordinal of the newest `beginTenure`; 0: there was none. */
  tenure = 0;
  readonly sessions: SessionTable = new SessionTable();
  readonly listeners: Set<EventListener> = new Set();
  /** While a snapshot is being put in place of the state. */
  paused = false;
  /** Set by the assembly, before the first entry. */
  waiters: Waiters | undefined;
  /** Called for every tenure that begins, before its waiter is answered. */
  onTenure: () => void = () => {};
  private readonly member: Member<M>;
  private readonly reader = new EnvelopeReader();
  private readonly sink = new Sink();
  private committed: Index = 0;
  /** Up to here the gate is open. */
  private open: Index = 0;
  private gated: { index: Index; gate: WriteNumber }[] = [];
  private fetched: readonly EntryBatch[] = [];
  private fetching = false;
  /** Raised by a restore: entries that were asked for before it are of no use. */
  private generation = 0;

  constructor(member: Member<M>) {
    this.member = member;
  }

  get unapplied(): number {
    return Math.max(this.committed - this.applied, 0);
  }

  get due(): boolean {
    return !this.paused && !this.fetching && this.applied < this.open;
  }

  commit(index: Index, gate: WriteNumber, durable: WriteNumber): void {
    if (index <= this.committed) return;
    this.committed = index;
    if (gate <= durable) this.open = index;
    else this.gated.push({ index, gate });
  }

  release(durable: WriteNumber): void {
    let done = 0;
    for (const { index, gate } of this.gated) {
      if (gate > durable) break;
      this.open = Math.max(this.open, index);
      done += 1;
    }
    if (done > 0) this.gated.splice(0, done);
  }

  /** Applies for one slice. True where anything was applied. */
  slice(): boolean {
    const before = this.applied;
    const until = this.member.now() + this.member.options.limits.sliceMs;
    while (this.due) {
      const batch = this.batchAt(this.applied + 1);
      if (batch === undefined) {
        this.fetch();
        break;
      }
      if (!this.applyBatch(batch, until)) break;
    }
    this.member.counters.applied += this.applied - before;
    return this.applied > before;
  }

  private batchAt(index: Index): EntryBatch | undefined {
    for (const batch of this.fetched) if (batch.first <= index && index <= lastOf(batch)) return batch;
    this.fetched = [];
    return this.member.core?.cached(index, readBytes);
  }

  private fetch(): void {
    const { generation, member } = this;
    this.fetching = true;
    member.options.storage.journal.read({ from: this.applied + 1, to: this.open }, readBytes, (entries) =>
      member.post(() => {
        this.fetching = false;
        // A snapshot takes the place of these entries; the batch with its mark may have removed them already.
        if (this.paused || generation !== this.generation) return;
        if (isFailure(entries)) throw new MemberStop(entries);
        if (entries === 'compacted') throw new MemberStop(this.failed('E_COMPACTED', 'was compacted before it was applied'));
        this.fetched = entries;
        invariant(this.batchAt(this.applied + 1) !== undefined, 'the journal holds what is committed');
      }),
    );
  }

  /** False: the slice is over. */
  private applyBatch(batch: EntryBatch, until: number): boolean {
    const last = Math.min(lastOf(batch), this.open);
    invariant(batch.first <= this.applied + 1 && this.applied < last, 'a run to apply continues what was applied');
    if (batch.kind !== 'command') {
      this.applied = last;
      return true;
    }
    let place = this.applied + 1 - batch.first;
    let start = place === 0 ? 0 : at(batch.ends, place - 1);
    let chunkNumber = 0;
    let chunkStart = 0;
    const count = last - batch.first + 1;
    for (; place < count; place++) {
      const end = at(batch.ends, place);
      let chunk = batch.body[chunkNumber];
      while (chunk !== undefined && start - chunkStart >= chunk.length) {
        chunkStart += chunk.length;
        chunk = batch.body[++chunkNumber];
      }
      const payload = chunk === undefined ? noReply : chunk.subarray(start - chunkStart, end - chunkStart);
      const checksum = this.member.options.host.crc32(payload, 0);
      if (checksum !== at(batch.checksums, place) || payload.length !== end - start) throw new MemberStop(this.damaged());
      this.applyCommand(payload);
      this.applied += 1;
      start = end;
      if (place % clockStride === 0 && this.member.now() >= until) return false;
    }
    return this.member.now() < until;
  }

  private applyCommand(payload: Uint8Array): void {
    const { reader } = this;
    const check = reader.read(payload);
    if (check === 'version') {
      throw new MemberStop(this.failed('E_VERSION', 'holds a command of a newer version; upgrade this member'));
    }
    if (check === 'malformed') throw new MemberStop(this.failed('E_ENVELOPE', 'is not in an envelope'));
    this.ordinal += 1;
    if (reader.clusterMs > this.clusterMs) this.clusterMs = reader.clusterMs;
    this.wallMs = reader.wallMs;
    const { member, waiters } = this;
    const own = reader.origin === member.options.self && reader.incarnation === member.identity?.incarnation;
    const sequence = own && waiters?.has(reader.sequence) === true ? reader.sequence : 0;
    if (reader.kind === envelopeKinds.openSession) {
      this.sessions.open(this.ordinal, this.clusterMs);
      if (sequence !== 0) this.answer(sequence, sessionName(this.ordinal));
    } else if (reader.kind === envelopeKinds.sessionCommand) {
      this.applyInSession(payload, sequence);
    } else if (reader.kind === envelopeKinds.beginTenure) {
      this.tenure = this.ordinal;
      this.onTenure();
      if (sequence !== 0) this.answer(sequence, noReply);
    } else if (reader.kind === envelopeKinds.tenureCommand && reader.tenure !== this.tenure) {
      // What a deposed leader decided, and a later one carried on: in the meantime the world may have changed.
      member.counters.voided += 1;
      if (sequence !== 0) this.answer(sequence, noReply);
    } else {
      const result = this.run(payload, sequence !== 0);
      if (sequence !== 0) this.answer(sequence, result);
    }
  }

  private applyInSession(payload: Uint8Array, sequence: number): void {
    const { session, sessionSequence, lowestUnanswered } = this.reader;
    const check = this.sessions.check(session, sessionSequence, this.clusterMs);
    if (check === 'fresh') {
      this.sessions.trim(session, lowestUnanswered);
      const result = this.run(payload, true);
      this.sessions.store(session, sessionSequence, result);
      if (sequence !== 0) this.answer(sequence, result);
      return;
    }
    this.member.counters.duplicates += 1;
    if (sequence === 0) return;
    if (check === 'duplicate') {
      this.answer(sequence, this.sessions.result(session, sessionSequence) ?? noReply);
    } else if (check === 'ahead') {
      const text = `session ${session} has a gap before ${sessionSequence}. Send the missing commands again.`;
      // This copy is refused for good. Another one may stand behind the missing commands.
      const outcome = this.waiters?.isUnknown(sequence) === true ? 'unknown' : 'not-applied';
      this.waiters?.answer(sequence, this.member.error('E_OUT_OF_SEQUENCE', text, outcome), undefined);
    } else {
      // A copy of it may have been applied before the session, or its result, was dropped.
      const text = `session ${session} no longer knows command ${sessionSequence}. Open a new session.`;
      this.waiters?.answer(sequence, this.member.error('E_SESSION_EXPIRED', text, 'unknown'), undefined);
    }
  }

  private run(payload: Uint8Array, awaited: boolean): Uint8Array {
    const { sink } = this;
    const stamp: Stamp = {
      clusterMs: this.clusterMs,
      wallMs: this.wallMs,
      ordinal: this.ordinal,
      index: this.applied + 1,
    };
    sink.awaited = awaited;
    sink.listening = this.listeners.size > 0;
    this.member.options.stateMachine.apply(payload.subarray(this.reader.commandAt), stamp, sink);
    const result = sink.result ?? noReply;
    sink.result = undefined;
    const { events } = sink;
    if (events !== undefined) {
      sink.events = undefined;
      for (const listener of this.listeners) listener(events, stamp);
    }
    return result;
  }

  private answer(sequence: number, result: Uint8Array): void {
    this.member.counters.answered += 1;
    this.waiters?.answer(sequence, undefined, result);
  }

  /** The state was replaced by a snapshot at `index`. */
  restored(index: Index, state: RestoredState): void {
    invariant(index >= this.applied, 'a snapshot never takes the state back');
    this.applied = index;
    this.committed = Math.max(this.committed, index);
    this.open = Math.max(this.open, index);
    this.ordinal = state.ordinal;
    this.clusterMs = state.clusterMs;
    this.wallMs = state.wallMs;
    this.tenure = state.tenure;
    this.sessions.replace(state.sessions);
    this.fetched = [];
    this.generation += 1;
  }

  private damaged(): Failure {
    return this.failed('E_CHECKSUM', 'does not match its checksum; its copy here, or this machine, is damaged');
  }

  private failed(code: string, what: string): Failure {
    return failure(code, `entry ${this.applied + 1} ${what}. Keep the data directory and replace this member.`, 70);
  }
}

/** The reply to the command that opens a session: its id. */
export function sessionName(id: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, id, true);
  return bytes;
}

/** The id in such a reply. */
export function readSessionName(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getFloat64(0, true);
}
