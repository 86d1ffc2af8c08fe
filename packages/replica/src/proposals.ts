import { at, invariant } from '@quorate/interface';
import type { ConsensusErrorCode, LinkId, RejectReason } from '@quorate/interface';
import type { Apply } from './apply.ts';
import type { ClusterClock } from './cluster-clock.ts';
import { CommandSlab } from './command-slab.ts';
import { envelopeBytes, envelopeKinds, EnvelopeStamper, isTenured, writeEnvelope } from './envelope.ts';
import type { EnvelopeKind, SessionPlace } from './envelope.ts';
import type { Forwarding } from './forwarding.ts';
import type { Member } from './member.ts';
import { keptAt, RunBuilder, SequenceList } from './run-builder.ts';
import type { KeptSequences } from './run-builder.ts';
import { deliver, waiterFlags, Waiters, waiterStates } from './waiters.ts';
import type { Receiver } from './waiters.ts';

/** A command on its way in. */
export interface Submission {
  readonly kind: EnvelopeKind;
  readonly command: Uint8Array;
  readonly place: SessionPlace | undefined;
  /** Of a command under a tenure. */
  readonly tenure?: number;
  readonly deadlineMs: number;
  readonly receiver: Receiver;
  readonly token: number;
}

/** A run that the core has and has not reported on yet. */
interface OpenRun {
  readonly firstId: number;
  readonly count: number;
  reported: number;
  /** Own commands, or those that another member forwarded. */
  readonly own: KeptSequences | undefined;
  readonly link: LinkId;
  readonly token: number;
}

/** The parts that proposals work with. */
export interface ProposalParts<M> {
  readonly member: Member<M>;
  readonly apply: Apply<M>;
  readonly clock: ClusterClock;
  readonly forwarding: Forwarding<M>;
}

const refusalCodes: Record<RejectReason, ConsensusErrorCode> = {
  'not-leader': 'E_NOT_LEADER',
  'not-ready': 'E_NOT_READY',
  overloaded: 'E_OVERLOADED',
  transferring: 'E_TRANSFERRING',
};

/**
 * Own commands from `submit` to the answer. A turn's commands become one run: proposed here by the leader, forwarded in one
 * frame by the others. What no leader has taken waits; what was handed over stays until apply finds it or its deadline passes.
 */
export class Proposals<M> {
  readonly waiters: Waiters;
  private readonly parts: ProposalParts<M>;
  private readonly slab = new CommandSlab();
  private readonly stamper = new EnvelopeStamper();
  private readonly builder: RunBuilder;
  private readonly batch = new SequenceList();
  private runs: OpenRun[] = [];
  private nextId = 1;
  /** No command below waits for a leader. */
  private cursor = 1;
  /** After a refusal nothing is handed over before this time, unless the leader changes. */
  private holdUntilMs = 0;

  constructor(parts: ProposalParts<M>) {
    this.parts = parts;
    const { host, limits } = parts.member.options;
    this.waiters = new Waiters(limits.inFlightCommands);
    this.builder = new RunBuilder(host.crc32);
  }

  /** The commands that no leader was given yet; a count for status, not for the hot path. */
  get waiting(): number {
    let count = 0;
    for (let sequence = this.cursor; sequence < this.waiters.next; sequence++) if (this.isWaiting(sequence)) count += 1;
    return count;
  }

  submit(submission: Submission): void {
    const { member } = this.parts;
    const refusal = this.refusal(submission.command.length);
    if (refusal !== undefined) {
      member.counters.refused += 1;
      deliver(submission.receiver, submission.token, member.error(refusal.code, refusal.text, 'not-applied'), undefined);
      return;
    }
    const { command, place } = submission;
    const headBytes = envelopeBytes(submission.kind);
    const length = headBytes + command.length;
    this.slab.reserve(length);
    const start = this.slab.start;
    writeEnvelope(this.slab.view, start, {
      kind: submission.kind,
      origin: member.options.self,
      incarnation: member.identity?.incarnation ?? 0,
      sequence: this.waiters.next,
      place,
      tenure: submission.tenure ?? 0,
    });
    this.slab.chunk.set(command, start + headBytes);
    this.waiters.add({
      receiver: submission.receiver,
      token: submission.token,
      deadlineMs: submission.deadlineMs,
      flags: place !== undefined ? waiterFlags.session : isTenured(submission.kind) ? waiterFlags.tenured : 0,
      chunk: this.slab.chunk,
      start,
      length,
    });
    member.counters.submitted += 1;
    member.request();
  }

  private refusal(bytes: number): { code: ConsensusErrorCode; text: string } | undefined {
    const { member, apply } = this.parts;
    const { limits } = member.options;
    if (member.state !== 'running') return { code: member.absence, text: `this member is ${member.state}. Ask another member.` };
    if (bytes > limits.commandBytes) {
      return { code: 'E_TOO_LARGE', text: `a command has ${bytes} bytes, allowed are ${limits.commandBytes}. Split it.` };
    }
    const full = this.waiters.full || this.waiters.bytes + bytes > limits.inFlightBytes;
    if (!full && apply.unapplied <= limits.unappliedEntries) return undefined;
    member.counters.overloaded += 1;
    return { code: 'E_OVERLOADED', text: 'too much is in flight on this member. Try again later.' };
  }

  /** Hands over everything that waits, if there is anybody to take it. Once per turn. */
  flush(now: number): void {
    const { member, forwarding } = this.parts;
    if (this.cursor >= this.waiters.next || now < this.holdUntilMs) return;
    if (member.leading) {
      while (this.collect()) this.propose(now);
      return;
    }
    const link = forwarding.leaderLink();
    if (link === undefined) return;
    while (this.collect()) this.forward(link);
  }

  /** Gathers the next waiting commands, up to the bytes of one frame. */
  private collect(): boolean {
    const { waiters, batch } = this;
    const bound = this.parts.member.options.limits.forwardBytes;
    batch.length = 0;
    let bytes = 0;
    let sequence = Math.max(this.cursor, waiters.lowest);
    for (; sequence < waiters.next; sequence++) {
      const slot = sequence & waiters.mask;
      if (waiters.states[slot] !== waiterStates.waiting) continue;
      const length = at(waiters.lengths, slot);
      if (batch.length > 0 && bytes + length > bound) break;
      bytes += length;
      batch.push(sequence);
    }
    this.cursor = sequence;
    return batch.length > 0;
  }

  private propose(now: number): void {
    const { member, clock, apply } = this.parts;
    const { waiters, batch } = this;
    const clusterMs = clock.read(apply.clusterMs, now);
    const wallMs = member.options.host.wallMs();
    for (let i = 0; i < batch.length; i++) {
      const slot = batch.at(i) & waiters.mask;
      this.ensureOwnBytes(slot);
      const chunk = waiters.chunks[slot] as Uint8Array;
      this.addStamped(chunk, at(waiters.starts, slot), at(waiters.lengths, slot), { clusterMs, wallMs });
      waiters.states[slot] = waiterStates.handed;
      waiters.flags[slot] = at(waiters.flags, slot) | waiterFlags.shared;
    }
    this.give({ own: batch.keep(), link: 0, token: 0 });
  }

  /** Bytes that somebody else holds are never stamped again. */
  private ensureOwnBytes(slot: number): void {
    const { waiters, slab } = this;
    if ((at(waiters.flags, slot) & waiterFlags.shared) === 0) return;
    const start = at(waiters.starts, slot);
    const length = at(waiters.lengths, slot);
    const chunk = waiters.chunks[slot] as Uint8Array;
    slab.reserve(length);
    slab.chunk.set(chunk.subarray(start, start + length), slab.start);
    waiters.chunks[slot] = slab.chunk;
    waiters.starts[slot] = slab.start;
  }

  /** Stamps one wrapped command where it lies, lets the state machine prepare it, and adds it to the run. */
  private addStamped(chunk: Uint8Array, start: number, length: number, stamp: { clusterMs: number; wallMs: number }): void {
    const { stateMachine } = this.parts.member.options;
    const payload = chunk.subarray(start, start + length);
    this.stamper.stamp(payload, stamp.clusterMs, stamp.wallMs);
    if (stateMachine.prepare === undefined || payload[1] === envelopeKinds.openSession || isTenured(payload[1])) {
      this.builder.add(chunk, start, length);
      return;
    }
    const headBytes = this.parts.forwarding.commandAt(payload);
    const prepared = stateMachine.prepare(payload.subarray(headBytes), stamp);
    this.slab.reserve(headBytes + prepared.length);
    this.slab.chunk.set(payload.subarray(0, headBytes), this.slab.start);
    this.slab.chunk.set(prepared, this.slab.start + headBytes);
    this.builder.add(this.slab.chunk, this.slab.start, headBytes + prepared.length);
  }

  /** Proposes commands of another member: `raw` is its frame's, checked, and ours to stamp. */
  proposeForwarded(raw: Uint8Array, lengths: readonly number[], from: { link: LinkId; token: number }): void {
    const { member, clock, apply } = this.parts;
    const stamp = { clusterMs: clock.read(apply.clusterMs, member.now()), wallMs: member.options.host.wallMs() };
    let start = 0;
    for (const length of lengths) {
      this.addStamped(raw, start, length, stamp);
      start += length;
    }
    this.give({ own: undefined, link: from.link, token: from.token });
  }

  private give(source: Pick<OpenRun, 'own' | 'link' | 'token'>): void {
    const { member } = this.parts;
    const payloads = this.builder.finish();
    const firstId = this.nextId;
    this.nextId += payloads.count;
    this.runs.push({ firstId, count: payloads.count, reported: 0, own: source.own, link: source.link, token: source.token });
    member.counters.proposed += payloads.count;
    const { count, body, ends, checksums } = payloads;
    member.step({ type: 'propose', run: { firstId, count, body, ends, checksums } });
  }

  private forward(link: LinkId): void {
    const { waiters, batch } = this;
    const lengths: number[] = [];
    for (let i = 0; i < batch.length; i++) {
      const slot = batch.at(i) & waiters.mask;
      const length = at(waiters.lengths, slot);
      lengths.push(length);
      this.builder.add(waiters.chunks[slot] as Uint8Array, at(waiters.starts, slot), length);
      waiters.states[slot] = waiterStates.handed;
      waiters.flags[slot] = at(waiters.flags, slot) | waiterFlags.shared;
    }
    this.parts.member.counters.forwarded += batch.length;
    this.parts.forwarding.send(link, batch.keep(), { lengths, body: this.builder.finish().body });
    this.parts.forwarding.trim(waiters.lowest);
  }

  appended(first: number, count: number): void {
    this.report(first, count, undefined);
  }

  rejected(first: number, count: number, reason: RejectReason): void {
    this.report(first, count, reason);
  }

  private report(first: number, count: number, reason: RejectReason | undefined): void {
    let finished = false;
    for (const run of this.runs) {
      const from = Math.max(first, run.firstId);
      const to = Math.min(first + count, run.firstId + run.count);
      if (from >= to) continue;
      run.reported += to - from;
      invariant(run.reported <= run.count, 'a proposal is reported once');
      finished ||= run.reported === run.count;
      if (reason === undefined) continue;
      if (run.own === undefined) this.parts.forwarding.refuse(run.link, run.token, refusalCodes[reason]);
      else for (let id = from; id < to; id++) this.neverAppended(keptAt(run.own, id - run.firstId), refusalCodes[reason]);
    }
    if (finished) this.runs = this.runs.filter((run) => run.reported < run.count);
  }

  /** A member refused a whole batch of ours. */
  refused(sequences: KeptSequences, code: ConsensusErrorCode): void {
    for (let i = 0; i < sequences.count; i++) this.neverAppended(keptAt(sequences, i), code);
  }

  /** This copy never entered a log: it may go again, unless the answer is that there is too much. */
  private neverAppended(sequence: number, code: ConsensusErrorCode): void {
    const { waiters } = this;
    const { member } = this.parts;
    if (sequence < waiters.lowest || !waiters.has(sequence)) return;
    const slot = sequence & waiters.mask;
    if (waiters.states[slot] !== waiterStates.handed) return;
    if ((at(waiters.flags, slot) & waiterFlags.tenured) !== 0) return this.giveUpDuty(sequence);
    const definite = (at(waiters.flags, slot) & waiterFlags.unknown) === 0;
    if (code === 'E_OVERLOADED' && definite) {
      member.counters.overloaded += 1;
      const error = member.error(code, 'the leader has too much in flight. Try again later.', 'not-applied');
      waiters.answer(sequence, error, undefined);
      return;
    }
    waiters.states[slot] = waiterStates.waiting;
    this.cursor = Math.min(this.cursor, sequence);
    this.holdUntilMs = member.now() + member.options.limits.retryMs;
  }

  /** The role changed: refusals of before mean nothing. */
  resume(): void {
    this.holdUntilMs = 0;
  }

  /**
   * The leader, or the way to it, changed. What was handed over within a session goes again, for the table keeps it from acting
   * twice; the rest stays where it is, because its outcome is unknown.
   */
  requeueSessions(): void {
    const { waiters } = this;
    for (let sequence = waiters.lowest; sequence < waiters.next; sequence++) {
      const slot = sequence & waiters.mask;
      if (waiters.states[slot] !== waiterStates.handed || (at(waiters.flags, slot) & waiterFlags.session) === 0) continue;
      waiters.states[slot] = waiterStates.waiting;
      waiters.flags[slot] = at(waiters.flags, slot) | waiterFlags.unknown;
      this.cursor = Math.min(this.cursor, sequence);
    }
  }

  /** Answers commands of the tenure that is over: another member must not be handed them. */
  giveUpDuties(): void {
    for (let sequence = this.cursor; sequence < this.waiters.next; sequence++) {
      const slot = sequence & this.waiters.mask;
      if (this.isWaiting(sequence) && (at(this.waiters.flags, slot) & waiterFlags.tenured) !== 0) this.giveUpDuty(sequence);
    }
  }

  /** Whoever has the duty decides whether it still is one. */
  private giveUpDuty(sequence: number): void {
    const text = 'a command of a tenure was not taken. Propose it again under the next one.';
    this.waiters.answer(sequence, this.parts.member.error('E_NOT_LEADER', text, 'not-applied'), undefined);
  }

  /** Answers what has waited too long. */
  expire(now: number): void {
    this.waiters.expire(now, (sequence) => this.giveUp(sequence, 'its deadline passed'));
  }

  /** Answers everything: the member ends. */
  giveUpAll(why: string): void {
    for (const sequence of this.waiters.all()) this.giveUp(sequence, why);
  }

  /** Answers what no leader was given. */
  giveUpWaiting(why: string): void {
    for (let sequence = this.cursor; sequence < this.waiters.next; sequence++) {
      if (this.isWaiting(sequence)) this.giveUp(sequence, why);
    }
  }

  private giveUp(sequence: number, why: string): void {
    const { member } = this.parts;
    const { waiters } = this;
    const slot = sequence & waiters.mask;
    const stopped = member.state !== 'running';
    member.counters.timedOut += 1;
    if (this.isWaiting(sequence) && (at(waiters.flags, slot) & waiterFlags.unknown) === 0) {
      const code = stopped ? 'E_STOPPED' : member.role?.leader === undefined ? 'E_NO_LEADER' : 'E_TIMEOUT';
      waiters.answer(sequence, member.error(code, `${why} before a leader took it. Try again.`, 'not-applied'), undefined);
      return;
    }
    const text = `${why} before it was known to be applied. It may have taken effect, or still may.`;
    waiters.answer(sequence, member.error(stopped ? 'E_STOPPED' : 'E_TIMEOUT', text, 'unknown'), undefined);
  }

  private isWaiting(sequence: number): boolean {
    const { waiters } = this;
    return sequence >= waiters.lowest && waiters.states[sequence & waiters.mask] === waiterStates.waiting;
  }

  /** When the next turn is due for our sake. */
  nextDeadlineMs(now: number): number {
    const { earliestDeadlineMs } = this.waiters;
    const holding = this.cursor < this.waiters.next && this.holdUntilMs > now;
    return holding ? Math.min(this.holdUntilMs, earliestDeadlineMs) : earliestDeadlineMs;
  }
}
